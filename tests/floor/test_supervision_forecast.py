"""When jobs will be done: machines take their queues in dispatch order, within the shop's hours."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.floor.supervision_forecast import Forecast, Hours, Work, remaining_minutes

MILL, LATHE = 1, 2
MILLING, TURNING = 10, 20
ABLE = {MILL: {MILLING}, LATHE: {TURNING}}
NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)  # A Monday.


def work(key, job_id, minutes, *, sequence=10, order=None, machine_id=MILL, **fields) -> Work:
    return Work(
        key=key,
        job_id=job_id,
        sequence=sequence,
        order=(key if order is None else order,),
        minutes=minutes,
        process_id=fields.pop("process_id", MILLING),
        machine_id=machine_id,
        needs_machine=fields.pop("needs_machine", True),
        **fields,
    )


def test_what_remains_is_the_share_of_the_pieces_not_reported():
    assert remaining_minutes(60, planned=200, remaining=50) == 15
    assert remaining_minutes(60, planned=0, remaining=0) == 0


def test_a_jobs_steps_follow_each_other():
    steps = [work(1, 1, 30), work(2, 1, 10, sequence=20, machine_id=LATHE)]

    assert Forecast(steps, ABLE).done == {1: 40}


def test_steps_that_share_a_sequence_go_side_by_side():
    steps = [work(1, 1, 30), work(2, 1, 50, machine_id=LATHE)]

    assert Forecast(steps, ABLE).done == {1: 50}


def test_a_machine_takes_one_at_a_time_in_dispatch_order():
    steps = [work(1, 1, 30, order=2), work(2, 2, 20, order=1)]

    assert Forecast(steps, ABLE).done == {1: 50, 2: 20}


def test_what_runs_keeps_its_machine_however_urgent_the_next_one_is():
    steps = [work(1, 1, 30, order=2, is_running=True), work(2, 2, 20, order=1)]

    assert Forecast(steps, ABLE).done == {1: 30, 2: 50}


def test_a_machine_does_not_idle_for_what_is_more_urgent_and_not_there_yet():
    urgent = [work(1, 1, 10, order=1, machine_id=LATHE), work(2, 1, 10, order=1, sequence=20)]
    waiting = [work(3, 2, 30, order=9)]

    assert Forecast([*urgent, *waiting], ABLE).done == {1: 40, 2: 30}


def test_work_by_hand_waits_for_no_machine():
    steps = [work(key, key, 25, machine_id=None, needs_machine=False) for key in (1, 2, 3)]

    assert Forecast(steps, ABLE).done == dict.fromkeys((1, 2, 3), 25)


def test_a_step_without_a_machine_goes_to_whichever_is_free_first():
    two = {1: {MILLING}, 3: {MILLING}}
    steps = [
        work(1, 1, 60, machine_id=1, is_running=True),
        work(2, 2, 20, machine_id=None),
        work(3, 3, 20, machine_id=None),
    ]

    assert Forecast(steps, two).done == {1: 60, 2: 20, 3: 40}


@pytest.mark.parametrize("machine_id", [MILL, None])
def test_a_job_that_waits_for_what_is_down_is_not_foretold(machine_id):
    steps = [work(1, 1, 10, machine_id=machine_id), work(2, 2, 5, machine_id=LATHE)]

    assert Forecast(steps, {LATHE: {TURNING}}).done == {2: 5}


def test_a_later_step_that_runs_already_ends_before_its_turn_without_harm():
    steps = [work(1, 1, 50), work(2, 1, 5, sequence=20, machine_id=LATHE, is_running=True)]

    assert Forecast(steps, ABLE).done == {1: 50}


def test_minutes_are_worked_within_the_shifts():
    hours = Hours.of(
        [(time(8), time(13)), (time(14), time(16))], [], now=NOON, zone=ZoneInfo("UTC")
    )

    assert hours.after(30) == datetime(2030, 1, 7, 12, 30, tzinfo=UTC)
    assert hours.after(90) == datetime(2030, 1, 7, 14, 30, tzinfo=UTC)
    assert hours.after(181) == datetime(2030, 1, 8, 8, 1, tzinfo=UTC)


def test_holidays_are_left_out_and_a_night_shift_belongs_to_its_evening():
    night = [(time(22), time(6))]
    late = datetime(2030, 1, 7, 2, tzinfo=UTC)
    hours = Hours.of(night, {date(2030, 1, 7)}, now=late, zone=ZoneInfo("UTC"))

    assert hours.after(60) == datetime(2030, 1, 7, 3, tzinfo=UTC)
    assert hours.after(5 * 60) == datetime(2030, 1, 8, 23, tzinfo=UTC)


def test_shifts_that_overlap_count_once_and_are_meant_in_the_shops_zone():
    both = [(time(8), time(16)), (time(12), time(20))]
    hours = Hours.of(both, [], now=NOON, zone=ZoneInfo("Europe/Istanbul"))

    assert hours.after(5 * 60) == datetime(2030, 1, 7, 17, tzinfo=UTC)
    assert hours.after(5 * 60 + 1) == datetime(2030, 1, 8, 5, 1, tzinfo=UTC)


def test_without_shifts_the_clock_round_is_worked_and_beyond_a_year_nothing_is_said():
    hours = Hours.of([], [], now=NOON, zone=ZoneInfo("UTC"))

    assert hours.after(60) == datetime(2030, 1, 7, 13, tzinfo=UTC)
    assert hours.after(500 * 24 * 60) is None
