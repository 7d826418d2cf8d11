"""How a load tells how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic

Report = Callable[[str], None]

to_terminal: Report = partial(print, flush=True)


def told(report: Report, seconds: float, what: str) -> None:
    """Tell what took so long."""
    report(f"{seconds:7.1f} s  {what}")


@contextmanager
def stage(name: str, report: Report) -> Iterator[None]:
    """Tell how long what is inside took."""
    began = monotonic()
    yield
    told(report, monotonic() - began, name)
