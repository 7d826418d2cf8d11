"""A folder that can be killed: a process of its own, so that nothing of Python cleans up."""

from django.db import connection

from apps.counters import folding

# Folds over and over, with a pause before each commit; says so before it pauses.
FOLDER = """
import json, random, sys, time
import psycopg
told = json.loads(sys.stdin.readline())
with psycopg.connect(**told["server"]) as connection:
    while True:
        with connection.transaction():
            if connection.execute(told["lock"]).fetchone()[0]:
                connection.execute(told["fold"])
                print("folded", flush=True)
                time.sleep(told["pause"] * random.random() if told["pause"] < 1 else told["pause"])
        time.sleep(0.01)
"""


def server(*, pause: float) -> dict:
    """Return what FOLDER is told: whom it connects to, and what it says there."""
    parameters = connection.get_connection_params()
    known = {"host", "port", "dbname", "user", "password"}
    return {
        "server": {name: value for name, value in parameters.items() if name in known},
        "lock": f"SELECT pg_try_advisory_xact_lock({folding.LOCK})",
        "fold": folding._FOLD,
        "pause": pause,
    }
