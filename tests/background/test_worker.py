"""A real worker over a real queue: what is enqueued runs after its commit, and nothing else."""

import re
import subprocess
import sys
import time

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from config.components.redis import QUEUES
from tests.observability.serving import PATIENCE, ROOT, Shell, database_urls, environ

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("worker")]

ENQUEUE = """
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from apps.background.queue import enqueue
from apps.core import request_id

request_id.adopt("{origin}")
try:
    with transaction.atomic():
        Session.objects.create(session_key="{origin}", expire_date=timezone.now())
        enqueue("background.clear_sessions")
        {then}
except LookupError:
    pass
"""
FORGE = """
import os, pickle
from celery import current_app

class Bomb:
    def __reduce__(self):
        return os.mkdir, ("{mark}",)

with current_app.connection_for_write() as broker:
    broker.Producer().publish(
        pickle.dumps(([], {{"bomb": Bomb()}}, {{}})),
        routing_key="maintenance",
        content_type="application/x-python-serialize",
        content_encoding="binary",
        headers={{"task": "background.clear_sessions", "id": "forged"}},
    )
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("worker") / "worker.log"


@pytest.fixture(scope="module")
def shell(django_db_setup, log):
    """What enqueues: a process with the worker's database and queue."""
    name = connection.settings_dict["NAME"]
    assert name.startswith("test_"), "mark the test django_db"
    database = database_urls(name)["DATABASE_URL"]
    shell = Shell(environ("config.settings.test", DATABASE_URL=database), log.parent)
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def worker(shell, log):
    """A worker on an empty queue, once it says that it is ready."""
    shell.run("from celery import current_app; current_app.control.purge()")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1", "-l", "INFO"],
            cwd=ROOT,
            env=shell.env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: " ready." in log.read_text(), log)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(happened, log):
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.fixture
def enqueue(committed, shell, worker, log):
    """Make an expired session, enqueue its clearing, and wait until the worker has done it."""

    def run(origin: str, then: str = "pass") -> None:
        shell.run(ENQUEUE.format(origin=origin, then=then))
        if then == "pass":
            done = f"[{origin}] Task background.clear_sessions["
            wait_for(lambda: done in log.read_text(), log)

    return run


def test_it_runs_after_the_commit_under_the_id_of_the_request(enqueue, log):
    enqueue("request-that-commits")
    assert not Session.objects.exists()  # Before the commit it would have found none to clear.
    [line] = [line for line in log.read_text().splitlines() if "request-that-commits" in line]
    assert "succeeded" in line


def test_it_does_not_run_after_a_rollback(enqueue, log):
    enqueue("request-that-rolls-back", then="raise LookupError")
    enqueue("request-after-it")  # The queue is in order: what was sent before has run.
    assert "request-that-rolls-back" not in log.read_text()


def test_what_no_request_asked_for_runs_under_an_id_of_its_own(committed, shell, worker, log):
    shell.run("from apps.background.queue import enqueue; enqueue('background.analyze_tables')")
    own = re.compile(r"\[([0-9a-f-]{36})\] Task background\.analyze_tables\[\1\] succeeded")
    wait_for(lambda: own.search(log.read_text()), log)


def test_nothing_but_json_is_read(enqueue, shell, log, tmp_path):
    mark = tmp_path / "exploded"
    shell.run(FORGE.format(mark=mark))
    wait_for(lambda: "Refusing to deserialize" in log.read_text(), log)
    enqueue("request-after-the-forgery")
    assert not mark.exists()


def test_the_worker_reads_every_queue(committed, worker, shell):
    said = shell.run(
        "from celery import current_app\n"
        "[queues] = current_app.control.inspect(timeout=5).active_queues().values()\n"
        "print(*sorted(queue['name'] for queue in queues))\n"
    )
    assert sorted(said.split()) == sorted(QUEUES)


def test_without_a_broker_the_caller_is_neither_held_up_nor_harmed(committed, shell, log):
    env = {**shell.env, "CELERY_BROKER_URL": "redis+socket:///nowhere/at/all.sock"}
    broken = Shell(env, log.parent)
    try:
        said = broken.run(
            "import logging, sys, time\n"
            "from celery import current_app\n"
            "from apps.background.queue import enqueue\n"
            "logging.getLogger('django').addHandler(logging.StreamHandler(sys.stdout))\n"
            "began = time.monotonic()\n"
            "enqueue('background.clear_sessions')\n"
            "print('took', time.monotonic() - began)\n"
        )
    finally:
        broken.close()
    assert "Error calling enqueue.<locals>.send in on_commit()" in said
    assert float(said.split()[-1]) < 3
