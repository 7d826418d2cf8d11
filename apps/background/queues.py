"""How much work lies in the queues."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from celery import current_app

_IN_HAND = "unacked"  # Where Celery keeps what workers took and have not yet done.


@dataclass(frozen=True, slots=True)
class Queued:
    """Messages waiting, by queue, and those that workers have in hand."""

    waiting: Mapping[str, int]
    in_hand: int


def look() -> Queued:
    """Ask the broker, one way there and back. Raises: kombu's and redis' errors without one."""
    names = [queue.name for queue in current_app.conf.task_queues]
    with current_app.connection_for_read() as broker:
        broker.ensure_connection(max_retries=0)
        channel = cast("Any", broker.default_channel)  # Of Redis, which has a client.
        pipeline = channel.client.pipeline(transaction=False)
        for name in names:
            pipeline.llen(name)
        pipeline.hlen(_IN_HAND)
        *waiting, in_hand = pipeline.execute()
    return Queued(dict(zip(names, waiting, strict=True)), in_hand)
