"""What beats in workers and in beat. Source: Celery manual, "Extensions and Bootsteps"."""

import socket
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.worker import state

from apps.background.heartbeats import BEAT, EVERY, WORKER, fall_silent, tell


class WorkerHeart(bootsteps.StartStopStep):
    """Beats from the worker's first moment to its last, in its own loop: not in a task."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        """Begin to beat."""
        self._beat(parent.hostname)
        self.repeated = parent.timer.call_repeatedly(EVERY, self._beat, (parent.hostname,))

    def stop(self, parent: Any) -> None:
        """End, and say so."""
        self.repeated.cancel()
        fall_silent(WORKER, parent.hostname)

    def _beat(self, name: str) -> None:
        tell(WORKER, name, len(state.active_requests))


class Scheduler(PersistentScheduler):
    """Celery's own, which says at each tick that it ticks."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due; return the seconds until the next tick."""
        tell(BEAT, socket.gethostname())
        return super().tick(*args, **kwargs)

    def close(self) -> None:
        """End, and say so."""
        super().close()
        fall_silent(BEAT, socket.gethostname())
