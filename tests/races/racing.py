"""Doing several deeds at the same instant, each in a thread with a connection of its own."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from random import Random
from threading import Barrier
from typing import TypeVar

from django.db import connection

from apps.core.errors import DomainError
from tests.invariants import assert_invariants

Deed = Callable[[], object]
Scene = TypeVar("Scene")

ROUNDS = 200 if os.environ.get("ANDON_ALL") else 20
STAGGER = 0.02  # Seconds: what a deed takes at most, so that either may come to the lock first.
PATIENCE = 20.0  # Seconds: more than any lock is waited for.


class Race(AbstractContextManager["Race"]):
    """Threads that live through all rounds of one race, and what is said when one fails."""

    def __init__(self, seed: str, racers: int = 4) -> None:
        self.random = Random(seed)  # noqa: S311 - the same each time is what is wanted
        self.seen: Counter[str] = Counter()
        self._racers = racers
        self._threads = ThreadPoolExecutor(racers)
        self._round = 0

    def __exit__(self, *_: object) -> None:
        self._together([hang_up] * self._racers)
        self._threads.shutdown()

    def rounds(self, scenes: Iterable[Scene]) -> Iterator[Scene]:
        """Yield each scene in turn; after its race the invariants hold."""
        for self._round, scene in enumerate(scenes, start=1):
            yield scene
            assert_invariants(trail=False)
        assert_invariants()  # With the trail of all rounds.
        print(f"{self._round} rounds: {dict(self.seen)}")  # noqa: T201 - shown on failure, or -rP

    def at_once(self, *deeds: Deed) -> Counter[str]:
        """Do all deeds together; count how each ended, by its refusal's code.

        Anything but a refusal (a deadlock, a time-out, a mistake) is raised here.
        """
        # Small ones are likelier: now one is ahead, now the other, often neither by much.
        staggers = [STAGGER * self.random.random() ** 2 for _ in deeds]
        ended = self._together(
            [_after(stagger, deed) for stagger, deed in zip(staggers, deeds, strict=True)]
        )
        codes = [each.code if isinstance(each, DomainError) else "done" for each in ended]
        shown = ", ".join(
            f"{code} from {1000 * stagger:.1f} ms"
            for code, stagger in zip(codes, staggers, strict=True)
        )
        print(f"round {self._round}: {shown}")  # noqa: T201 - on failure the last one is it
        self.seen[" + ".join(codes)] += 1
        failed = [
            each
            for each in ended
            if isinstance(each, Exception) and not isinstance(each, DomainError)
        ]
        if failed:
            raise ExceptionGroup(f"Round {self._round} did not end in a refusal", failed)
        return Counter(codes)

    def _together(self, deeds: Sequence[Deed]) -> list[object]:
        barrier = Barrier(len(deeds))

        def run(deed: Deed) -> object:
            barrier.wait(PATIENCE)
            try:
                return deed()
            except Exception as error:  # noqa: BLE001 - raised again by ``at_once``
                return error

        running = [self._threads.submit(run, deed) for deed in deeds]
        return [each.result(PATIENCE) for each in running]


def hang_up() -> None:
    """Close the connection of the thread it runs in."""
    connection.close()


def _after(stagger: float, deed: Deed) -> Deed:
    def run() -> object:
        time.sleep(stagger)
        return deed()

    return run
