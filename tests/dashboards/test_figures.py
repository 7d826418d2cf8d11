"""The board's figures are those of the rows, whatever there is."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from apps.dashboards import reckoning, selectors
from apps.dashboards.asker import Asker
from apps.dashboards.figures import LeadTime, Output, next_week, quantile
from apps.dashboards.stats import read_own_stats, read_shop_stats, tell_stats
from apps.jobs.models import JobStep
from apps.jobs.states import StepStatus
from apps.machines.models import Machine
from apps.shop.services import save_shop, seed_shop
from tests.dashboards import oracle
from tests.dashboards.any_shop import NOW, make_any_shop
from tests.factories import settle

DAY = NOW.date()
WAITING = (StepStatus.PENDING, StepStatus.READY, StepStatus.PAUSED)


@pytest.fixture
def any_shop(manager, administrator):
    """A shop in Istanbul in which anything may have happened; its manager."""
    make_any_shop(manager)
    shop = seed_shop()
    shop.time_zone = "Europe/Istanbul"
    save_shop(shop, actor=administrator, fields=["time_zone"])
    settle()
    return manager


def read_stats(asker):
    shop = read_shop_stats(asker.day) if asker.sees_all else None
    return tell_stats(asker, shop, read_own_stats(asker))


def on_the_day(user):
    return replace(Asker.of(user), day=DAY)


@pytest.fixture
def board(any_shop):
    return selectors.read_board(DAY)


@pytest.mark.django_db
def test_stats_are_what_counting_the_rows_says(any_shop):
    told = read_stats(on_the_day(any_shop))

    assert told["jobs"] == oracle.jobs(DAY)
    assert told["steps"] == oracle.steps(JobStep.objects.all())
    assert told["machines"] == oracle.machines()
    assert told["users"] == oracle.users()
    assert told["my_tasks"]["completed_today"] == oracle.completed_on(any_shop, DAY)
    assert told["my_tasks"]["completed_today"] > 0
    assert 0 < told["jobs"]["overdue"] < told["jobs"]["active"] + told["jobs"]["on_hold"]


@pytest.mark.django_db
def test_ones_own_stats_are_what_counting_ones_own_rows_says(any_shop, operator):
    JobStep.objects.filter(assigned_to=any_shop).update(assigned_to=operator)

    told = read_stats(on_the_day(operator))

    assert told["steps"] == oracle.steps(JobStep.objects.filter(assigned_to=operator))
    assert sum(told["steps"].values()) > 0
    assert told["my_tasks"]["completed_today"] == oracle.completed_on(operator, DAY)
    assert (told["jobs"], told["machines"], told["users"]) == (None, None, None)


@pytest.mark.django_db
def test_tiles_are_what_counting_the_rows_says(board):
    tiles = board.tiles
    jobs = oracle.jobs(DAY)

    assert (tiles.active, tiles.on_hold, tiles.late) == (
        jobs["active"],
        jobs["on_hold"],
        jobs["overdue"],
    )
    assert tiles.due_this_week == oracle.due_between(DAY, next_week(DAY)) > 0
    made = oracle.made(oracle.logs_of(DAY, DAY + timedelta(days=1)))
    assert (tiles.made_today.good, tiles.made_today.scrap, tiles.made_today.rework) == made
    assert made[0] > 0


@pytest.mark.django_db
def test_months_are_what_counting_the_rows_says(board):
    made, completed = (oracle.jobs_by_month(name) for name in ("created_at", "completed_at"))
    lead_times = oracle.lead_times()

    last = DAY.year * 12 + DAY.month - 1
    assert [each.month for each in board.months] == [
        date(month // 12, month % 12 + 1, 1) for month in range(last - 11, last + 1)
    ]
    for each in board.months:
        assert (each.made, each.completed) == (
            made.get(each.month, 0),
            completed.get(each.month, 0),
        )
        expected = lead_times.get(each.month, (0, None, None))
        assert (each.completed, each.lead_p50, each.lead_p90) == expected
        logs = oracle.logs_of(each.month, oracle.month_after(each.month))
        assert (each.good, each.scrap, each.rework) == oracle.made(logs)
    assert min(made) < board.months[0].month  # There is something to leave out.
    assert sum(each.good for each in board.months) > 0


@pytest.mark.django_db
def test_scrap_is_what_adding_up_the_logs_says(board):
    made = oracle.made_by_process(DAY - timedelta(days=29), DAY + timedelta(days=1))

    told = {each.id: (each.good, each.scrap, each.rework) for each in board.scrap_by_process}

    assert told == {key: sums for key, sums in made.items() if sum(sums) > 0}
    assert len(told) == 4
    rates = [each.scrap_rate for each in board.scrap_by_process]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.django_db
def test_the_load_of_machines_is_what_adding_up_their_steps_says(board):
    machines = {each.pk: each for each in Machine.objects.active()}

    assert {each.id for each in board.machine_load} == set(machines)
    for each in board.machine_load:
        machine = machines[each.id]
        assert (each.waiting_minutes, each.waiting_steps) == oracle.load_of(machine, *WAITING)
        assert (each.running_minutes, each.running_steps) == oracle.load_of(
            machine, StepStatus.IN_PROGRESS
        )
        assert each.is_down == (machine.status == "down")
    waiting = [each.waiting_minutes for each in board.machine_load]
    assert waiting == sorted(waiting, reverse=True)
    assert waiting[0] > 0


@pytest.mark.parametrize("seed", range(20))
def test_quantiles_are_those_of_the_days_written_out(seed):
    """By rank: the value at place ceil(percent of them) in order."""
    chance = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
    days = sorted(chance.randint(0, 30) for _ in range(chance.randint(1, 60)))
    histogram = {day: days.count(day) for day in chance.sample(range(31), 31) if day in days}

    for percent in (1, 50, 90, 100):
        assert quantile(histogram, percent) == days[-(-len(days) * percent // 100) - 1]


def test_there_is_no_quantile_of_nothing():
    assert LeadTime.of({}) == LeadTime(0, None, None)


def test_the_rate_of_scrap_is_its_share_of_all_that_was_made():
    assert Output(good=90, scrap=6, rework=4).scrap_rate == 0.06
    assert Output(good=0, scrap=0, rework=0).scrap_rate is None
    assert Output(good=-2, scrap=1, rework=0).scrap_rate is None  # Corrected to less than none.


@pytest.mark.parametrize("day", range(18, 25))
def test_a_week_ends_on_sunday(day):
    """18 May 2026 is a Monday."""
    assert next_week(date(2026, 5, day)) == date(2026, 5, 25)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 31), date(2025, 2, 1)),
        (date(2026, 2, 28), date(2025, 3, 1)),
        (date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_twelve_months_end_with_that_of_the_day(day, first):
    months = reckoning.months_until(day)

    assert (len(months), months[0], months[-1]) == (12, first, day.replace(day=1))
