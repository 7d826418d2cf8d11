"""Queues, workers and beat: is what was put off being done?"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.background import heartbeats, queues
from apps.background.heartbeats import BEAT, WORKER, Heartbeat
from apps.observability.warned import Warned

SILENT_AFTER = {WORKER: 30, BEAT: 90}  # Seconds. Beat ticks every half minute at the least.
LONG = 1_000  # Messages in one queue.
LOST = (OperationalError, RedisError, OSError)


@dataclass(frozen=True, slots=True)
class QueueLength:
    """Messages that wait in one queue."""

    name: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker, or beat, as it was heard last."""

    name: str
    is_alive: bool
    seconds_ago: int
    running: int


@dataclass(frozen=True, slots=True)
class WorkHealth:
    """The queues, None without a broker; who works on them, None without Valkey; what is wrong."""

    queues: tuple[QueueLength, ...] | None
    in_hand: int | None
    workers: tuple[Worker, ...] | None
    beats: tuple[Worker, ...] | None
    warnings: tuple[Warned, ...]


def look() -> WorkHealth:
    """Ask the broker and Valkey, one way there and back each. Queries: 0."""
    try:
        queued = queues.look()
    except LOST:
        queued = None
    lengths = (
        tuple(QueueLength(name, waiting) for name, waiting in queued.waiting.items())
        if queued
        else None
    )
    try:
        heard = heartbeats.heard()
    except LOST:
        heard = None
    workers, beats = _those(heard, WORKER), _those(heard, BEAT)
    warned = (*_about_queues(lengths), *_about_workers(workers, lengths), *_about_beats(beats))
    return WorkHealth(lengths, queued.in_hand if queued else None, workers, beats, warned)


def _those(heard: tuple[Heartbeat, ...] | None, kind: str) -> tuple[Worker, ...] | None:
    if heard is None:
        return None
    return tuple(
        Worker(
            each.name, each.seconds_ago < SILENT_AFTER[kind], round(each.seconds_ago), each.running
        )
        for each in heard
        if each.kind == kind
    )


def _about_queues(lengths: tuple[QueueLength, ...] | None) -> Iterator[Warned]:
    for queue in lengths or ():
        if queue.waiting > LONG:
            yield Warned(
                "queue_long",
                _("%(waiting)s messages wait in the queue %(name)s.")
                % {"waiting": f"{queue.waiting:,}", "name": queue.name},
                _("Start another worker for this queue, or look in its log for what fails."),
            )


def _about_workers(
    workers: tuple[Worker, ...] | None, lengths: tuple[QueueLength, ...] | None
) -> Iterator[Warned]:
    if workers is None:
        return
    if not any(each.is_alive for each in workers):
        waiting = sum(each.waiting for each in lengths or ())
        yield Warned(
            "no_worker",
            _("No worker is at work; %(waiting)s messages wait.") % {"waiting": f"{waiting:,}"},
            _("Start one: celery -A config worker. Nothing is lost; it is done when one is there."),
        )
        return
    for each in workers:
        if not each.is_alive:
            yield Warned(
                "worker_silent",
                _("The worker %(name)s was heard %(seconds)s seconds ago, and did not say goodbye.")
                % {"name": each.name, "seconds": each.seconds_ago},
                _("Look in its log. What it had in hand is given to another after an hour."),
            )


def _about_beats(beats: tuple[Worker, ...] | None) -> Iterator[Warned]:
    if beats is None:
        return
    alive = sum(each.is_alive for each in beats)
    if not alive:
        yield Warned(
            "no_beat",
            _("Beat does not tick: nothing that has a schedule is done."),
            _("Start it, once: celery -A config beat."),
        )
    if alive > 1:
        yield Warned(
            "many_beats",
            _("Beat runs %(times)s times: what has a schedule is done as often.")
            % {"times": alive},
            _("Stop all but one."),
        )
