"""As production has it, but for TLS and hashed static files: what is measured is what is served."""

import os
from uuid import uuid4

from config.components.compose import compose
from config.env import ROOT, read
from config.settings.base import *  # noqa: F403 - settings are layered by their names

# What a session may choose of docker/postgres/postgresql.conf: whatever server the figures come
# from, its plans are production's.
_PLANNING = ("effective_cache_size", "work_mem", "random_page_cost", "jit")
_SERVER = ROOT / "docker/postgres/postgresql.conf"

DEBUG = False
globals().update(compose(read(production=False), hashed=False, structured=True))


def _planning() -> str:
    lines = (line.partition("#")[0].partition("=") for line in _SERVER.read_text().splitlines())
    chosen = {name.strip(): value.strip() for name, _, value in lines}
    return " ".join(f"-c {name}={chosen[name]}" for name in _PLANNING)


for _database in globals()["DATABASES"].values():
    _database["OPTIONS"]["options"] += f" {_planning()}"

# Two databases are measured beside one cache server: each process sees only what it cached itself,
# or what the processes of its server did.
_prefix = os.environ.get("BENCHMARKS_KEY_PREFIX", uuid4().hex)
globals()["CACHES"]["default"]["KEY_PREFIX"] = f"benchmarks-{_prefix}"
