"""How figures follow from what is counted.

Each has what to ask for, named ``…_parts``, and how it is told from what was found.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from apps.core.together import Row
from apps.counters.declarations import Amounts, Counter, Part, Tally
from apps.dashboards.figures import (
    LeadTime,
    MachineLoad,
    Month,
    Output,
    Scrap,
    Tiles,
    next_week,
)
from apps.jobs.counters import (
    JOBS_BY_DUE_DATE,
    JOBS_BY_DUE_MONTH,
    JOBS_BY_STATUS,
    JOBS_COMPLETED,
    JOBS_CREATED,
    LEAD_TIMES,
    OUTPUT,
)
from apps.jobs.states import JobStatus, StepStatus

MONTHS = 12
SCRAP_DAYS = 30  # Of processes: what they do now, not what they did a year ago.
RUNNING = (StepStatus.IN_PROGRESS,)
PIECES = ("good", "scrap", "rework")  # The sums of OUTPUT.

Parts = tuple[Counter | Part, ...]
Found = Mapping[Counter | Part, Tally]


def months_until(day: date) -> tuple[date, ...]:
    """Return the first days of the last MONTHS months, the oldest first, that of the day last."""
    last = day.year * 12 + day.month - 1
    return tuple(date(n // 12, n % 12 + 1, 1) for n in range(last - MONTHS + 1, last + 1))


def next_month(month: date) -> date:
    """Return the first day of the month after that of a first day."""
    return (month + timedelta(days=31)).replace(day=1)


def total(found: Found, parts: Parts) -> int:
    """Return how many rows some parts count."""
    return sum(amounts.count for part in parts for amounts in found[part].values())


def late_parts(day: date) -> Parts:
    """Return what to ask for the jobs past their due date on a day: months, then this one's days.

    Of dates there are years.
    """
    month = day.replace(day=1)
    return (
        JOBS_BY_DUE_MONTH.part(before=month, summed=True),
        JOBS_BY_DUE_DATE.part(since=month, before=day, summed=True),
    )


def tiles_parts(day: date) -> Parts:
    """Return what to ask for the tiles of a day."""
    return (JOBS_BY_STATUS, *late_parts(day), *_due_parts(day), _made_on(day))


def tiles(found: Found, day: date) -> Tiles:
    """Return the tiles of a day."""
    jobs = found[JOBS_BY_STATUS]
    return Tiles(
        day=day,
        active=jobs[JobStatus.ACTIVE,].count,
        late=total(found, late_parts(day)),
        due_this_week=total(found, _due_parts(day)),
        on_hold=jobs[JobStatus.ON_HOLD,].count,
        made_today=Output(**_pieces(found[_made_on(day)].values())),
    )


def jobs_by_month_parts(day: date) -> Parts:
    """Return what to ask for the jobs made and completed in the last MONTHS months."""
    return (_since(JOBS_CREATED, day), _since(JOBS_COMPLETED, day))


def jobs_by_month(found: Found, day: date) -> dict[date, tuple[int, int]]:
    """Return how many jobs were made and completed in each of the last MONTHS months."""
    made, completed = (found[part] for part in jobs_by_month_parts(day))
    return {month: (made[month,].count, completed[month,].count) for month in months_until(day)}


def lead_times_parts(day: date) -> Parts:
    """Return what to ask for the lead times of the last MONTHS months."""
    return (_since(LEAD_TIMES, day),)


def lead_times(found: Found, day: date) -> dict[date, LeadTime]:
    """Return how long those jobs took that were completed in each of the last MONTHS months."""
    lasted: dict[date, dict[int, int]] = {month: {} for month in months_until(day)}
    for (month, days), amounts in found[_since(LEAD_TIMES, day)].items():
        if month in lasted:
            lasted[month][days] = amounts.count
    return {month: LeadTime.of(days) for month, days in lasted.items()}


def output_by_month_parts(day: date) -> Parts:
    """Return what to ask for what was made in the last MONTHS months: one total each."""
    return tuple(
        OUTPUT.part(since=month, before=next_month(month), summed=True)
        for month in months_until(day)
    )


def output_by_month(found: Found, day: date) -> dict[date, Output]:
    """Return what was made in each of the last MONTHS months."""
    parts = output_by_month_parts(day)
    made = (Output(**_pieces(found[part].values())) for part in parts)
    return dict(zip(months_until(day), made, strict=True))


def output_by_process_parts(day: date) -> Parts:
    """Return what to ask for what was made in the last SCRAP_DAYS days."""
    return (
        OUTPUT.part(since=day - timedelta(days=SCRAP_DAYS - 1), before=day + timedelta(days=1)),
    )


def output_by_process(found: Found, day: date, processes: Iterable[Row]) -> tuple[Scrap, ...]:
    """Return what the processes made in the last SCRAP_DAYS days, the highest rate first.

    Those that made nothing are left out.
    """
    made: defaultdict[int, list[Amounts]] = defaultdict(list)
    (part,) = output_by_process_parts(day)
    for (_on, process_id), amounts in found[part].items():
        made[process_id].append(amounts)
    told = [Scrap(**each, **_pieces(made[each["id"]])) for each in processes]
    told.sort(key=lambda each: (-(each.scrap_rate or 0), each.code))
    return tuple(each for each in told if each.scrap_rate is not None)


def months_parts(day: date) -> Parts:
    """Return what to ask for the last MONTHS months."""
    return (*jobs_by_month_parts(day), *lead_times_parts(day), *output_by_month_parts(day))


def months(found: Found, day: date) -> tuple[Month, ...]:
    """Return the last MONTHS months, none left out."""
    jobs, lasted, output = (
        jobs_by_month(found, day),
        lead_times(found, day),
        output_by_month(found, day),
    )
    return tuple(
        Month(
            month=month,
            made=jobs[month][0],
            completed=jobs[month][1],
            lead_p50=lasted[month].p50,
            lead_p90=lasted[month].p90,
            **asdict(output[month]),
        )
        for month in months_until(day)
    )


def machine_load(steps: Tally, machines: Iterable[Row]) -> tuple[MachineLoad, ...]:
    """Return what is planned for the machines, those first for which most minutes wait.

    ``steps`` is the tally of STEPS_BY_MACHINE: open steps, that wait or run.
    """
    minutes: defaultdict[tuple[int, bool], int] = defaultdict(int)
    counts: defaultdict[tuple[int, bool], int] = defaultdict(int)
    for (machine_id, status), amounts in steps.items():
        place = machine_id, status in RUNNING
        counts[place] += amounts.count
        minutes[place] += amounts.sums[0]
    loads = [
        MachineLoad(
            **machine,
            waiting_minutes=minutes[key, False],
            waiting_steps=counts[key, False],
            running_minutes=minutes[key, True],
            running_steps=counts[key, True],
        )
        for machine in machines
        for key in [machine["id"]]
    ]
    return tuple(sorted(loads, key=lambda load: (-load.waiting_minutes, load.code)))


def _due_parts(day: date) -> Parts:
    """Return what to ask for the jobs due from a day on until its week ends."""
    return (JOBS_BY_DUE_DATE.part(since=day, before=next_week(day), summed=True),)


def _made_on(day: date) -> Part:
    return OUTPUT.part(day, summed=True)


def _since(counter: Counter, day: date) -> Part:
    """Return the last MONTHS months of a counter, what has no month left out."""
    months = months_until(day)
    return counter.part(since=months[0], before=next_month(months[-1]))


def _pieces(made: Iterable[Amounts]) -> dict[str, Any]:
    """Return what the sums of OUTPUT add up to, by their names."""
    sums = [amounts.sums for amounts in made]
    return {name: sum(each[place] for each in sums) for place, name in enumerate(PIECES)}
