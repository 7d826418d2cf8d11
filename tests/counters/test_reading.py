"""Reading counters: whole, or by ranges of their keys, in one statement."""

from datetime import date, timedelta

import pytest
from django.db import connection

from apps.counters import folding
from apps.counters.declarations import Amounts, Counter, Date, Word
from apps.counters.folding import FOLD_ABOVE, fold
from apps.counters.models import CounterDelta, CounterSum
from apps.counters.selectors import read
from apps.jobs.counters import (
    JOBS_BY_DUE_DATE,
    JOBS_BY_STATUS,
    STEPS_BY_ASSIGNEE,
    STEPS_BY_MACHINE,
)
from apps.machines.counters import MACHINES_BY_STATUS
from tests.factories import make_job, make_machine, make_process

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 4)
ODD = Counter("odd", (Word("a"), Word("b")))
DUE = Counter("odd", (Word("status"), Date("due_date")))


def day(number):
    return DAY + timedelta(days=number)


@pytest.fixture(params=["deltas", "sums", "both"])
def due(request):
    """Drafts due on days 0 to 4, one on the first, two on the second, …, and one without."""
    for number in range(5):
        for _ in range(number + 1):
            CounterDelta.objects.create(counter="odd", keys=["draft", str(day(number))], count=1)
        if request.param == "both":
            fold()
    CounterDelta.objects.create(counter="odd", keys=["draft", None], count=1)
    if request.param == "sums":
        fold()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {("draft", day(n)): n + 1 for n in range(5)} | {("draft", None): 1}),
        ({"before": day(2)}, {("draft", day(0)): 1, ("draft", day(1)): 2}),
        ({"before": day(2), "summed": True}, {(): 3}),
        ({"since": day(1), "before": day(3), "summed": True}, {(): 5}),
        ({"since": day(1), "before": day(1), "summed": True}, {}),
        ({"since": day(4)}, {("draft", day(4)): 5, ("draft", None): 1}),
        ({"summed": True}, {(): 16}),
    ],
)
def test_a_part_is_a_range_of_keys_and_may_be_summed(due, given, expected):
    part = DUE.part("draft", **given)
    assert {keys: each.count for keys, each in read(part)[part].items()} == expected


def test_a_part_is_found_by_its_first_keys_alone(due):
    for part in (
        DUE.part("active"),
        DUE.part("draf"),
        DUE.part("drafts"),
        DUE.part("draft", day(9)),
    ):
        assert read(part)[part] == {}
    one = DUE.part("draft", day(3))
    assert read(one)[one] == {("draft", day(3)): Amounts(4)}


def test_keys_have_the_types_of_what_they_are_and_none_where_unknown(due):
    in_use, machine = MACHINES_BY_STATUS.part(True), make_machine()
    make_machine(is_active=False)
    found = read(in_use, DUE, STEPS_BY_MACHINE.part(machine.pk))
    assert found[in_use] == {(True, "idle"): Amounts(1)}
    assert ("draft", None) in found[DUE]
    assert found[STEPS_BY_MACHINE.part(machine.pk)] == {}


def test_what_nothing_has_is_zero():
    found = read(JOBS_BY_STATUS, STEPS_BY_MACHINE)
    assert found[JOBS_BY_STATUS]["completed",] == Amounts(0)
    assert found[STEPS_BY_MACHINE][7, "ready"] == Amounts(0, (0,))
    assert found[JOBS_BY_STATUS] == {}


@pytest.mark.parametrize("key", ["", "{a,b}", 'a"b', "a\\b", "NULL", "null", " ", "ü'%"])
def test_odd_keys_are_only_keys(key):
    CounterDelta.objects.create(counter="odd", keys=[key, "x"], count=3)
    CounterDelta.objects.create(counter="odd", keys=["other", "x"], count=1)
    assert read(ODD.part(key))[ODD.part(key)] == {(key, "x"): Amounts(3)}


def test_whatever_is_asked_for_together_is_one_statement(operator, django_assert_num_queries):
    make_job(make_process(), released=True)
    with django_assert_num_queries(1):
        read(JOBS_BY_STATUS, JOBS_BY_DUE_DATE, STEPS_BY_ASSIGNEE.part(operator.pk))


def test_keys_that_come_to_nothing_are_absent(due):
    CounterDelta.objects.create(counter="odd", keys=["draft", str(day(0))], count=-1)
    assert ("draft", day(0)) not in read(DUE)[DUE]
    fold()
    assert not CounterSum.objects.filter(keys=["draft", str(day(0))]).exists()


def test_a_reader_that_meets_many_deltas_folds_them(committed):
    deltas = [CounterDelta(counter="odd", keys=["a", "b"], count=1)] * FOLD_ABOVE
    CounterDelta.objects.bulk_create(deltas)
    read(JOBS_BY_STATUS)
    assert CounterDelta.objects.count() == FOLD_ABOVE
    CounterDelta.objects.create(counter="odd", keys=["a", "b"], count=1)
    assert read(ODD)[ODD] == {("a", "b"): Amounts(FOLD_ABOVE + 1)}
    assert not CounterDelta.objects.exists()
    assert read(ODD)[ODD] == {("a", "b"): Amounts(FOLD_ABOVE + 1)}


def test_a_reader_in_a_transaction_folds_nothing(monkeypatch):
    monkeypatch.setattr(folding, "FOLD_ABOVE", 0)
    CounterDelta.objects.create(counter="odd", keys=["a", "b"], count=1)
    read(ODD)
    assert CounterDelta.objects.filter(counter="odd").exists()


def test_parts_are_read_by_ranges_of_the_index(db):
    """Whatever the planner thinks of a table that grew since."""
    CounterSum.objects.bulk_create(
        CounterSum(counter="odd", keys=[str(number), "x"], count=1) for number in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE counter_sums")
        cursor.execute("SELECT pg_stat_get_xact_tuples_returned('counter_sums'::regclass)")
        (before,) = cursor.fetchone()
        part = ODD.part("4711")
        assert read(part, JOBS_BY_STATUS)[part] == {("4711", "x"): Amounts(1)}
        cursor.execute("SELECT pg_stat_get_xact_tuples_returned('counter_sums'::regclass)")
        assert cursor.fetchone()[0] == before  # Rows that were read from end to end.
