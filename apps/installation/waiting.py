"""Who waits for whom while migrations run."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"

_LOOK_SECONDS = 0.25
_BE_ALONE = "SELECT pg_try_advisory_lock(hashtext('andon'), hashtext('migrate'))"
_LET_OTHERS = "SELECT pg_advisory_unlock(hashtext('andon'), hashtext('migrate'))"
_OTHERS = """
    SELECT session.pid, session.application_name, session.state,
        extract(epoch FROM now() - session.xact_start)::integer
    FROM pg_locks AS held JOIN pg_stat_activity AS session ON session.pid = held.pid
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 2
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND held.classid = hashtext('andon')::oid AND held.objid = hashtext('migrate')::oid
"""
_BLOCKERS = """
    SELECT session.pid, session.application_name, session.state,
        extract(epoch FROM now() - session.xact_start)::integer
    FROM pg_stat_activity AS waiting
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking(pid)
    JOIN pg_stat_activity AS session ON session.pid = blocking.pid
    WHERE waiting.pid = %s AND waiting.wait_event_type = 'Lock' ORDER BY session.pid
"""

Say = Callable[[str], object]


def was_kept_waiting(error: OperationalError) -> bool:
    """Whether a statement ended because others held what it wanted."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}


def limit(connection: BaseDatabaseWrapper, setting: str, value: str) -> str:
    """Set one of the session's limits; return what it was."""
    (before,) = _rows(connection, "SELECT current_setting(%s)", setting)
    _rows(connection, "SELECT set_config(%s, %s, false)", setting, value)
    return str(before[0])


@contextmanager
def without_limits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let statements take their time: an index of a big table needs more than a page may."""
    before = {name: limit(connection, name, "0") for name in ("statement_timeout", "lock_timeout")}
    try:
        yield
    finally:
        if _is_alive(connection):
            for name, value in before.items():
                limit(connection, name, value)


@contextmanager
def alone(connection: BaseDatabaseWrapper, say: Say) -> Iterator[None]:
    """Be the only one who migrates this database; wait for another, and say for whom.

    It asks again and again: a session that waits inside one statement has a snapshot, for
    which the other's CREATE INDEX CONCURRENTLY would wait in turn.
    """
    said = False
    while not _rows(connection, _BE_ALONE)[0][0]:
        others = _names(_rows(connection, _OTHERS))
        if others and not said:
            say(f"Waiting until another migrate has ended: {others}.")
            said = True
        time.sleep(_LOOK_SECONDS)
    try:
        yield
    finally:
        if _is_alive(connection):  # A lost session has lost its locks.
            _rows(connection, _LET_OTHERS)


@contextmanager
def watched(connection: BaseDatabaseWrapper, say: Say) -> Iterator["Watcher"]:
    """Say who keeps this connection waiting, whenever that changes."""
    connection.ensure_connection()
    watcher = Watcher(connection, say)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.end()


class Watcher(threading.Thread):
    """One that looks from a session of its own, since a waiting one cannot look around."""

    def __init__(self, connection: BaseDatabaseWrapper, say: Say) -> None:
        super().__init__(name="watcher", daemon=True)
        self.blockers = ""  # Those of the last wait.
        self._connection, self._say = connection, say
        self._pid = connection.connection.info.backend_pid
        self._pids: list[int] = []
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        own = self._connection.copy()
        try:
            while not self._ended.wait(_LOOK_SECONDS):
                self._look(_rows(own, _BLOCKERS, self._pid))
        except DatabaseError:
            return  # It only tells; the migration goes on without it.
        finally:
            own.close()

    def _look(self, blockers: list[tuple[Any, ...]]) -> None:
        pids = [row[0] for row in blockers]
        if blockers and pids != self._pids:
            self.blockers = _names(blockers)
            self._say(f"Waiting for a lock held by {self.blockers}.")
        self._pids = pids

    def end(self) -> None:
        """Stop looking, and close the session."""
        self._ended.set()
        self.join()


def _names(sessions: list[tuple[Any, ...]]) -> str:
    """Name sessions: of another role's, PostgreSQL tells neither the state nor since when."""
    return ", ".join(
        f"{name or 'a session'} (process {pid}"
        + (f", {state}" if state else "")
        + (f", begun {seconds} s ago" if seconds is not None else "")
        + ")"
        for pid, name, state, seconds in sessions
    )


def _rows(connection: BaseDatabaseWrapper, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _is_alive(connection: BaseDatabaseWrapper) -> bool:
    return connection.connection is not None and connection.is_usable()
