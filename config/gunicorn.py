"""How gunicorn serves Andon: threads, because a sync worker serves nobody at 1,000 connections."""

import os

bind = os.environ.get("ANDON_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 50_000  # A slow leak in a library ends here.
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 - heartbeats must not wait for a disk
control_socket_disable = True
