"""Reading counters, exact at every moment, and whether they are well."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pgtrigger
from django.db import connection

from apps.core.standing import Sql, ask_again
from apps.counters.counting import differences
from apps.counters.declarations import Amounts, Counter, Keys, Part, Tally, reader_of
from apps.counters.folding import fold_if_many
from apps.counters.models import CounterState
from apps.counters.triggers import CountTrigger

BACKLOG_AT_MOST = 5_000  # Deltas: more, and nobody folds.

_READ = "SELECT counters_read(%s)"
_BACKLOG = "SELECT count(*) FROM counter_deltas"


def read(*asked: Counter | Part) -> dict[Counter | Part, Tally]:
    """Return the amounts of counters, or of parts of them, all of one moment.

    Sums and deltas are read by one statement, so that no fold can come between them.

    Queries: 1; 2 more when it meets many deltas, which it folds.
    """
    reading = Reading(asked)
    return reading.tell(ask_again(*reading.compile())[0][0])


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters, or parts of them, as a question of ``apps.core.together``."""

    asked: tuple[Counter | Part, ...]

    @property
    def parts(self) -> list[Part]:
        """What is asked, all as parts."""
        return [each if isinstance(each, Part) else each.part() for each in self.asked]

    def compile(self) -> Sql:
        """Return the statement that answers with one JSON text."""
        asked = list(map(_ask, range(len(self.asked)), self.parts))
        return _READ, (orjson.dumps(asked).decode(),)

    def tell(self, answer: str | bytes) -> dict[Counter | Part, Tally]:
        """Return the amounts that the answer says. Queries: 0; 2 for many deltas: it folds them."""
        deltas, rows = orjson.loads(answer)
        parts = self.parts
        tallies = [(Tally(part.counter), reader_of(part.counter)) for part in parts]
        for place, texts, count, *sums in rows:
            tally, read_keys = tallies[place]
            tally.add(read_keys(tuple(texts)), count, sums)
        fold_if_many(deltas)
        return dict(zip(self.asked, (tally for tally, _ in tallies), strict=True))


def _ask(place: int, part: Part) -> dict[str, Any]:
    return {
        "place": place,
        "counter": part.counter.name,
        "low": part.low,
        "high": part.high,
        "summed": part.summed,
    }


def declared() -> dict[Counter, str]:
    """Return all counters with the table whose rows each counts."""
    return {
        counter: model._meta.db_table
        for model, trigger in pgtrigger.registered()
        if isinstance(trigger, CountTrigger)
        for counter in trigger.counters
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """Keys whose count is not that of the rows: what it lacks."""

    counter: str
    keys: Keys
    amounts: Amounts


def find_differences() -> list[Difference]:
    """Return where counters and rows differ: one statement, so all are of one moment.

    Queries: 1, which reads all rows that are counted.
    """
    found = " UNION ALL ".join(f"({differences(*each)})" for each in declared().items())
    with connection.cursor() as cursor:
        cursor.execute(found)
        return [
            Difference(name, tuple(keys), Amounts(count, tuple(sums)))
            for name, keys, count, *sums in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Health:
    """How many deltas wait to be folded, and what the last check against the rows found.

    ``differences`` are keys whose count was another than the rows'; never checked is None.
    """

    backlog: int
    differences: int
    checked_at: datetime | None

    @property
    def is_behind(self) -> bool:
        """Whether nobody seems to fold."""
        return self.backlog > BACKLOG_AT_MOST


def health() -> Health:
    """Return how the counters are. Queries: 2."""
    with connection.cursor() as cursor:
        cursor.execute(_BACKLOG)
        backlog = int(cursor.fetchone()[0])
    state: Any = CounterState.objects.first() or CounterState(differences=0)
    return Health(backlog, state.differences, state.checked_at)
