"""The live part of the board: the page has it, and is told it anew whenever it is another.

It says when things began, and never how long ago that is: so it changes only when the shop does,
and who watches it is told so in a few bytes. The page's script counts the minutes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from math import sqrt

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from apps.core.cache import Per, StateRead
from apps.dashboards import selectors
from apps.dashboards.figures import Tiles
from apps.dashboards.lamps import HELP, SETUP, Lamp
from apps.dashboards.own_tasks import Tile
from apps.dashboards.plots import rate_words
from apps.machines.states import MachineStatus
from apps.shop.selectors import today

# How closely the machines stand, by how many they are at most. Their grid is of cells: a machine
# takes 2 by 2, an idle one 1 unless they are few; in a crowd each takes 1, but for those down.
FEW, SOME, CROWD = "few", "some", "crowd"
FEW_AT_MOST, SOME_AT_MOST = 12, 120
BESIDE_AT_MOST = 40  # Machines; more have the page's whole width.
LARGE = 4  # Cells.
SMALL: dict[str, set[str]] = {
    FEW: set(),
    SOME: {MachineStatus.IDLE},
    CROWD: {MachineStatus.IDLE, MachineStatus.RUNNING, SETUP, HELP},
}
# On the wall all are to be seen at once. So many columns for a row, that cells have a good shape.
COLUMNS_A_ROW = {FEW: 0.7, SOME: 0.7, CROWD: 0.45}
COLUMNS_AT_MOST = 20
LONG = 5  # Letters of a number.
LATE_ON_PAGE = 10
STATIC = (
    "core/base.css",
    "core/icons.svg",
    "dashboards/board.css",
    "dashboards/charts.css",
    "dashboards/wall.css",
    "dashboards/board.js",
)


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks from where, in so far as what they see depends on it."""

    day: date
    language: str
    has_office: bool = False
    is_wall: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """The live part as HTML, with its tag."""

    body: str
    tag: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its word; ``query`` is the filter of the office's list that shows the same."""

    label: str
    number: str
    status: str
    note: str = ""
    query: str = ""
    is_alarm: bool = False

    @property
    def is_long(self) -> bool:
        """Whether the number is written smaller, so that it has room on the wall."""
        return len(self.number) > LONG


def live(*, has_office: bool, is_wall: bool) -> Live:
    """Return the live part of the board. Queries: 1 at most while nothing changes."""
    sight = Sight(today(), get_language() or settings.LANGUAGE_CODE, has_office, is_wall)
    return _live((sight.day, sight.language, sight.has_office, sight.is_wall, release()))


@cache
def release() -> str:
    """Return what changes when the page's style or script does: an old page then begins anew."""
    return _digest("".join(static(name) for name in STATIC))


def figures_of(tiles: Tiles) -> tuple[Figure, ...]:
    """Return the tiles of the board, in words."""
    made = tiles.made_today
    jobs = (
        ("active", _("active jobs"), tiles.active),
        ("late", _("late"), tiles.late),
        ("due_this_week", _("due this week"), tiles.due_this_week),
        ("on_hold", _("on hold"), tiles.on_hold),
    )
    looks = {"due_this_week": "soon"}
    return (
        *(
            Figure(
                label,
                f"{count:,}",
                looks.get(name, name),
                query=tiles.queries[name],
                is_alarm=name == "late" and count > 0,
            )
            for name, label, count in jobs
        ),
        Figure(_("good today"), f"{made.good:,}", "completed"),
        Figure(
            _("scrap today"),
            f"{made.scrap:,}",
            "none" if made.scrap_rate is None else "cancelled",
            note=rate_words(made.scrap_rate),
        ),
    )


def figures_of_mine(tiles: Sequence[Tile]) -> tuple[Figure, ...]:
    """Return the tiles of somebody's own tasks, in words."""
    words = {
        "in_progress": _("running"),
        "paused": _("paused"),
        "ready": _("ready for you"),
    }
    return tuple(Figure(words[each.status], each.said, each.status) for each in tiles)


def counts_of(lamps: Sequence[Lamp]) -> tuple[tuple[str, str], ...]:
    """Return how many machines' lamps show what, in words: what is wrong first."""
    counts = Counter(lamp.shown for lamp in lamps)
    words = {
        MachineStatus.DOWN: _("%(count)s down"),
        HELP: _("%(count)s with help called"),
        SETUP: _("%(count)s being set up"),
        MachineStatus.RUNNING: _("%(count)s running"),
        MachineStatus.IDLE: _("%(count)s idle"),
    }
    return tuple(
        (str(status), word % {"count": counts[status]})
        for status, word in words.items()
        if counts[status]
    )


def closeness_of(lamps: Sequence[Lamp]) -> str:
    """Return how closely so many machines stand."""
    if len(lamps) <= FEW_AT_MOST:
        return FEW
    return SOME if len(lamps) <= SOME_AT_MOST else CROWD


def columns_of(lamps: Sequence[Lamp]) -> int:
    """Return in how many columns of cells the machines stand on the wall: an even number."""
    closeness = closeness_of(lamps)
    cells = sum(1 if lamp.shown in SMALL[closeness] else LARGE for lamp in lamps)
    pairs = round(sqrt(COLUMNS_A_ROW[closeness] * cells) / 2)
    return min(max(2 * pairs, 2), COLUMNS_AT_MOST)


def _load(key: tuple[date, str, bool, bool, str]) -> Live:
    day, language, has_office, is_wall, _release = key
    with override(language):
        return draw(selectors.board(), Sight(day, language, has_office, is_wall))


_live: StateRead[tuple[date, str, bool, bool, str], Live] = StateRead(
    "dashboards.live", _load, per=Per.SHOP, ttl_seconds=30
)


def draw(board: selectors.Board, sight: Sight) -> Live:
    """Draw the live part of the board."""
    context = {
        "board": board,
        "sight": sight,
        "figures": figures_of(board.tiles),
        "counts": counts_of(board.lamps),
        "late": board.late if sight.is_wall else board.late[:LATE_ON_PAGE],
        "closeness": closeness_of(board.lamps),
        "columns": columns_of(board.lamps),
        "is_long": len(board.lamps) > BESIDE_AT_MOST,
        "release": release(),
    }
    body = render_to_string("dashboards/live.html", context)
    return Live(body, f'"{_digest(body)}"')


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
