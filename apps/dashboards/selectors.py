"""What the board shows, kept while nothing changes."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from apps.accounts.models import User
from apps.core.cache import Per, StateRead
from apps.dashboards import reckoning
from apps.dashboards.asker import Asker
from apps.dashboards.asking import MACHINES, PROCESSES, ask
from apps.dashboards.figures import MachineLoad, Month, Scrap, Tiles
from apps.dashboards.lamps import Lamp, read_lamps
from apps.dashboards.late import LateJob, read_late_jobs
from apps.dashboards.own_tasks import Tile, read_tiles
from apps.jobs.counters import STEPS_BY_MACHINE
from apps.jobs.models import Job
from apps.shop.selectors import today


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The board of those who see all jobs, as it was at an instant."""

    tiles: Tiles
    lamps: tuple[Lamp, ...]
    has_more_machines: bool
    late: tuple[LateJob, ...]
    months: tuple[Month, ...]
    machine_load: tuple[MachineLoad, ...]
    scrap_by_process: tuple[Scrap, ...]
    as_of: datetime


def board() -> Board:
    """Return the board of today. Queries: 0 while nothing changes, else those of ``read_board``."""
    return _board(today())


def my_tasks(user: User) -> tuple[Tile, ...]:
    """Return how many steps the user works on, has paused and may start.

    Queries: 0 while nothing changes, else 1.
    """
    return _tiles(Asker.of(user))


def read_board(day: date) -> Board:
    """Return the board of a day.

    Queries: 5, of the counters, machines, work going on, calls for help and late jobs.
    """
    as_of = timezone.now()
    parts = (
        *reckoning.tiles_parts(day),
        *reckoning.months_parts(day),
        *reckoning.output_by_process_parts(day),
        STEPS_BY_MACHINE,
    )
    found, rows = ask(parts, processes=PROCESSES)
    lamps, has_more = read_lamps()
    return Board(
        tiles=reckoning.tiles(found, day),
        lamps=lamps,
        has_more_machines=has_more,
        late=read_late_jobs(Job.objects.all(), day),
        months=reckoning.months(found, day),
        machine_load=reckoning.machine_load(
            found[STEPS_BY_MACHINE],
            [{name: getattr(each, name) for name in MACHINES.paths} for each in lamps],
        ),
        scrap_by_process=reckoning.output_by_process(found, day, rows["processes"]),
        as_of=as_of,
    )


_board = StateRead(
    "dashboards.board", read_board, per=Per.SHOP, ttl_seconds=30, warm=lambda: [today()]
)
_tiles = StateRead("dashboards.my_tasks", read_tiles, per=Per.USER, ttl_seconds=30)
