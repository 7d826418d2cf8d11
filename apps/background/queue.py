"""The only way domain code hands work to Celery, and what every task of ours is."""

from typing import Any

import celery
from celery import current_app
from django.db import transaction

from apps.core import request_id
from apps.core.acting import Source, acting, acting_as
from apps.core.cache import has_changed

REQUEST_ID_HEADER = "andon_request_id"
ACTOR_HEADER = "andon_actor"


def enqueue(task_name: str, /, **kwargs: Any) -> None:
    """Queue a task by name once the current transaction commits.

    By name, so that services never import tasks and the arrow between the two keeps one
    direction; ``tests/architecture`` proves each name is registered. Arguments must be JSON
    scalars: pass ids, never model instances. Best effort: what must not be lost is a row.
    """
    origin, who = request_id.current(), acting()
    headers: dict[str, Any] = {} if origin == "-" else {REQUEST_ID_HEADER: origin}
    if who is not None and who.actor_id is not None:
        headers[ACTOR_HEADER] = who.actor_id

    def send() -> None:  # Not a partial: Django logs the name of a robust hook that fails.
        task = current_app.tasks[task_name]
        task.apply_async(kwargs=kwargs, headers=headers, retry=False)

    transaction.on_commit(send, robust=True)


class Task(celery.Task[Any, Any]):
    """A task that logs, and changes rows, for the request and the user that asked for it.

    At its end every process is told that something may have changed.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run under the origin's request id, or the task's own."""
        request_id.adopt(self.request.get(REQUEST_ID_HEADER) or self.request.id)
        with acting_as(self.request.get(ACTOR_HEADER), Source.WORKER):
            try:
                return super().__call__(*args, **kwargs)
            finally:
                has_changed()
