"""The only way domain code hands work to Celery, and what every task of ours is."""

from typing import Any

import celery
from celery import current_app
from django.db import transaction

from apps.core import request_id

REQUEST_ID_HEADER = "andon_request_id"


def enqueue(task_name: str, /, **kwargs: Any) -> None:
    """Queue a task by name once the current transaction commits.

    By name, so that services never import tasks and the arrow between the two keeps one
    direction; ``tests/architecture`` proves each name is registered. Arguments must be JSON
    scalars: pass ids, never model instances. Best effort: what must not be lost is a row.
    """
    origin = request_id.current()
    headers = {} if origin == "-" else {REQUEST_ID_HEADER: origin}

    def send() -> None:  # Not a partial: Django logs the name of a robust hook that fails.
        task = current_app.tasks[task_name]
        task.apply_async(kwargs=kwargs, headers=headers, retry=False)

    transaction.on_commit(send, robust=True)


class Task(celery.Task[Any, Any]):
    """A task that logs under the id of the request that asked for it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run under the origin's request id, or the task's own."""
        request_id.adopt(self.request.get(REQUEST_ID_HEADER) or self.request.id)
        return super().__call__(*args, **kwargs)
