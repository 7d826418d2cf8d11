"""Folding, counting anew, checking, and what alarms."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from apps.counters import folding, selectors, services, tasks
from apps.counters.folding import fold
from apps.counters.models import CounterDelta, CounterState, CounterSum
from apps.counters.selectors import BACKLOG_AT_MOST, health, read
from apps.jobs.counters import JOBS_BY_STATUS
from apps.jobs.models import Job
from tests.counters.killed import FOLDER, server
from tests.factories import make_customer, make_job
from tests.races.racing import hang_up

pytestmark = pytest.mark.django_db


def jobs(count):
    customer = make_customer()
    return Job.objects.bulk_create(Job(customer=customer, quantity=1) for _ in range(count))


def spoil():
    """Change counters as nothing does; return in how many keys they are wrong."""
    CounterSum.objects.create(counter="jobs_by_status", keys=["draft"], count=5)
    CounterDelta.objects.create(counter="jobs_by_status", keys=["active"], count=-1)
    CounterDelta.objects.create(counter="output", keys=["2026-01-01", "1"], count=0, sum_2=3)
    return 3


def test_folding_moves_deltas_into_sums_and_changes_no_answer(assert_exact):
    jobs(3)
    before = read(JOBS_BY_STATUS)
    waiting = CounterDelta.objects.count()
    assert fold() == waiting
    assert not CounterDelta.objects.exists()
    assert read(JOBS_BY_STATUS) == before
    jobs(2)
    fold()
    assert CounterSum.objects.get(counter="jobs_by_status").count == 5
    assert_exact()


def test_a_row_that_comes_to_zero_leaves_the_sums():
    jobs(2)
    fold()
    Job.objects.all().delete()
    fold()
    assert not CounterSum.objects.filter(counter__startswith="jobs").exists()


def test_a_count_of_nothing_stays_while_something_adds_up():
    CounterDelta.objects.create(counter="odd", keys=["a"], count=0, sum_3=-2)
    fold()
    assert CounterSum.objects.get(counter="odd").sum_3 == -2


def test_who_finds_another_folding_goes_on_at_once(committed):
    jobs(1)
    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        assert fold()
        assert other.submit(fold).result(5) is None
        other.submit(hang_up).result()


@pytest.mark.slow
def test_a_folder_killed_in_the_middle_leaves_everything_as_it_was(committed, assert_exact):
    jobs(3)
    waiting = CounterDelta.objects.count()
    folder = subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", FOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    folder.stdin.write(json.dumps(server(pause=60)).encode() + b"\n")
    folder.stdin.flush()
    assert folder.stdout.readline() == b"folded\n"  # And not committed.
    folder.send_signal(signal.SIGKILL)
    folder.communicate()
    assert CounterDelta.objects.count() == waiting
    assert_exact()
    deadline = time.monotonic() + 10
    while fold() is None and time.monotonic() < deadline:  # Until the server notices the end.
        time.sleep(0.05)
    assert not CounterDelta.objects.exists()
    assert_exact()


def test_counting_anew_puts_right_whatever_was_wrong(assert_exact):
    jobs(2)
    wrong = spoil()
    CounterDelta.objects.create(counter="no_longer_declared", keys=[], count=1)
    assert services.rebuild() == wrong
    assert_exact()
    assert not CounterSum.objects.filter(counter="no_longer_declared").exists()
    assert services.rebuild() == 0


def test_counting_anew_from_nothing(assert_exact):
    make_job(released=True)
    CounterDelta.objects.all().delete()
    CounterSum.objects.all().delete()
    assert services.rebuild() == 4  # A job, a step, a planner.
    assert_exact()


def test_counting_anew_keeps_nobody_waiting_and_loses_nothing(committed, assert_exact):
    """A writer that has not committed yet, and one that comes between."""
    jobs(1)
    spoil()

    def writer():
        jobs(2)
        hang_up()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            services._add_differences(by_day_alone=False)
            other.submit(writer).result(5)
        with transaction.atomic():
            jobs(4)
            assert other.submit(services.rebuild).result(5) == 0
        other.submit(hang_up).result()
    assert_exact()
    assert read(JOBS_BY_STATUS)[JOBS_BY_STATUS]["draft",].count == 7


def test_of_two_that_count_anew_the_second_finds_nothing_missing(committed, assert_exact):
    jobs(1)
    spoil()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            assert services._add_differences(by_day_alone=False) == 3
            second = other.submit(services.rebuild)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        assert second.result(5) == 0
        other.submit(hang_up).result()
    assert_exact()


def test_the_commands_say_what_they_found(capsys):
    jobs(2)
    call_command("verify_counters")
    assert "The counters say what the rows say." in capsys.readouterr().out
    spoil()
    with pytest.raises(CommandError, match="3 keys are wrong"):
        call_command("verify_counters")
    assert "jobs_by_status ('draft',)" in capsys.readouterr().err
    call_command("rebuild_counters")
    assert "3 keys were not" in capsys.readouterr().out
    call_command("verify_counters")


def test_a_difference_alarms_until_a_check_finds_none(caplog):
    assert (health().differences, health().checked_at) == (0, None)
    wrong = spoil()
    assert len(services.verify()) == wrong
    assert [record.levelname for record in caplog.records] == ["ERROR"] * (wrong + 1)
    assert health().differences == wrong
    assert health().checked_at is not None
    services.rebuild()
    assert services.verify() == []
    assert health().differences == 0


def test_the_check_sees_one_moment(django_assert_num_queries):
    """One statement sees one snapshot, of rows, sums and deltas alike."""
    jobs(1)
    with django_assert_num_queries(1):
        assert selectors.find_differences() == []


def test_deltas_that_nobody_folds_are_told():
    CounterDelta.objects.bulk_create(
        CounterDelta(counter="odd", keys=["a"], count=1) for _ in range(BACKLOG_AT_MOST + 1)
    )
    assert health().backlog > BACKLOG_AT_MOST
    assert health().is_behind
    fold()
    assert health().backlog == 0
    assert not health().is_behind


def test_the_room_of_folded_deltas_is_given_back(committed):
    CounterDelta.objects.bulk_create(
        CounterDelta(counter="odd", keys=[str(number)], count=1) for number in range(20_000)
    )
    size = "SELECT pg_relation_size('counter_deltas')"
    with connection.cursor() as cursor:
        cursor.execute(size)
        assert cursor.fetchone()[0] > services.BLOATED
        services.tidy()
        cursor.execute(size)
        assert cursor.fetchone()[0] == 0


def test_folding_and_checking_are_scheduled_tasks():
    jobs(1)
    tasks.verify()
    assert CounterState.objects.get().checked_at
    folding.fold()
    assert not CounterDelta.objects.exists()
