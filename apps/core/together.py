"""Several questions in one statement, for pages that show many things at once.

Each question stays a queryset, with its own order, bound and index; what is saved is the ways to
the database and back, and compiling: who asks the same again asks the same ``Together``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import cached_property

from apps.core.standing import Mark, Sql, ask_again

NONE = b"[]"
AS_JSON = "SELECT json_agg(json_build_array({columns})) FROM ({rows}) AS q({columns})"

Row = dict[str, Any]


class Compiles(Protocol):
    """A question that one JSON value answers; who asks it knows how that is read."""

    def compile(self) -> Sql | None:
        """Return the statement; None where the answer is an empty list without asking."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows, and what of them: paths of columns as ``values_list`` takes them."""

    rows: QuerySet[Any, Any]
    paths: Sequence[str]

    def compile(self) -> Sql | None:
        """Return the statement that answers with one array of arrays.

        None where nothing can match: it is known without asking.
        """
        try:
            sql, params = self.rows.values_list(*self.paths).query.sql_with_params()
        except EmptyResultSet:
            return None
        columns = ", ".join(f"c{place}" for place in range(len(self.paths)))
        return AS_JSON.format(rows=sql, columns=columns), params


class Together:
    """Named questions, compiled into one statement when it is made.

    What ``stands`` is asked again as it is, but for what is ``marked`` in it, and planned once a
    connection.
    """

    def __init__(self, questions: Mapping[str, Compiles], *, stands: bool = False) -> None:
        self._stands = stands
        self._names = tuple(questions)
        self._paths = {
            name: tuple(each.paths)
            for name, each in questions.items()
            if isinstance(each, Question)
        }
        compiled = {name: each.compile() for name, each in questions.items()}
        asked = {name: each for name, each in compiled.items() if each}
        self._asked = tuple(asked)
        self._sql = "SELECT " + ", ".join(f"({sql})::text" for sql, _ in asked.values())
        self._params = [each for _, some in asked.values() for each in some]

    def ask(self, **told: Any) -> dict[str, bytes]:
        """Return each question's answer as JSON, for ``read``. Queries: 1 at most.

        ``told`` are the values of marks. Days and instants come as ISO 8601 text.
        """
        answers = dict.fromkeys(self._names, NONE)
        if self._asked:
            found = zip(self._asked, self._answers(told), strict=True)
            answers |= {name: text.encode() for name, text in found if text}
        return answers

    def _answers(self, told: Mapping[str, Any]) -> Sequence[str | None]:
        if self._stands:
            answers: Sequence[str | None] = ask_again(self._words, told)[0]
        else:
            with connection.cursor() as cursor:
                cursor.execute(self._sql, self._params)
                answers = cursor.fetchone()
        return answers

    @cached_property
    def _words(self) -> str:
        """The statement with its values in it: what is planned once is planned for them."""
        return self._sql.replace("%%", "%%%%") % tuple(map(_word, self._params))

    def read(self, name: str, answer: bytes) -> list[Row]:
        """Return the rows of a ``Question``'s answer by the names of their columns."""
        paths = self._paths[name]
        return [dict(zip(paths, row, strict=True)) for row in orjson.loads(answer)]

    def read_pairs(self, answer: bytes) -> dict[Any, Any]:
        """Return an answer of two columns, the second by the first."""
        return dict(orjson.loads(answer))


def _word(value: Any) -> str:
    if isinstance(value, Mark):
        return f"%({value.name})s"
    operations: Any = connection.ops  # PostgreSQL's.
    word: str = operations.compose_sql("%s", [value])
    return word.replace("%", "%%")
