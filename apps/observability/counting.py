"""Whether the counters are folded in time, and agree with the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.counters import selectors
from apps.observability.warned import Warned


@dataclass(frozen=True, slots=True)
class CounterHealth:
    """Changes not yet folded; and by how many keys the last check found them wrong, and when."""

    backlog: int
    differences: int
    checked_at: datetime | None
    warnings: tuple[Warned, ...]


def look() -> CounterHealth:
    """Ask the counters. Queries: 2."""
    said = selectors.health()
    warned = tuple(_about(said))
    return CounterHealth(said.backlog, said.differences, said.checked_at, warned)


def _about(said: selectors.Health) -> Iterator[Warned]:
    if said.is_behind:
        yield Warned(
            "counters_behind",
            _("%(backlog)s changes wait to be folded into the counters, which are exact even so.")
            % {"backlog": f"{said.backlog:,}"},
            _("Look whether worker and beat run; what holds a fold up is in the worker's log."),
        )
    if said.differences:
        yield Warned(
            "counters_wrong",
            _("%(differences)s counters differed from the rows at the last check.")
            % {"differences": f"{said.differences:,}"},
            _("Run manage.py rebuild_counters, and report what the worker's log says of it."),
        )
