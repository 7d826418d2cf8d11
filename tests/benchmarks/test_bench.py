"""Tasks are measured in turns, for as long as their figures need."""

import pytest

from benchmarks.bench import ENOUGH_SECONDS, FEWEST, MOST, ONCE_SECONDS, Bench, Task, summed_up
from benchmarks.databases import Database

DATABASE = Database("small", "postgresql://nobody@nowhere/none")


class FakeWorker:
    """Answers every order with calls of the given length, and remembers the orders."""

    def __init__(self, seconds, asked):
        self.seconds, self.asked = seconds, asked

    def ask(self, *, work, times, warm, **_):
        self.asked.append((work, times, warm))
        one = {"wall": self.seconds[work], "cpu": 0.0, "sql": 0.0, "queries": 1}
        return {"samples": [one] * times}

    def stop(self):
        pass


@pytest.fixture
def measure():
    def run(**seconds):
        asked = []
        bench = Bench("", DATABASE, DATABASE)
        bench._workers["andon", DATABASE.url] = FakeWorker(seconds, asked)
        figures = bench.measure(*(Task("andon", DATABASE, "case", work) for work in seconds))
        return figures, asked

    return run


def test_tasks_take_turns(measure):
    _, asked = measure(one=0.5, two=0.5)
    assert [work for work, *_ in asked[:6]] == ["one", "two", "one", "two", "one", "two"]


def test_a_slow_task_is_measured_few_times_and_warmed_up_once(measure):
    (figures,), asked = measure(slow=2 * ENOUGH_SECONDS)
    assert figures.samples == FEWEST
    assert not any(warm for _, _, warm in asked)


def test_what_takes_many_seconds_is_measured_once(measure):
    (figures,), asked = measure(endless=ONCE_SECONDS)
    assert (figures.samples, len(asked)) == (1, 1)


def test_a_quick_task_is_measured_often_and_warmed_up_each_turn(measure):
    (figures,), asked = measure(quick=0.001)
    assert MOST <= figures.samples < MOST + 5
    assert all(warm for _, _, warm in asked[1:])


def test_figures_are_medians_that_one_outlier_does_not_move():
    samples = [
        {"wall": wall, "cpu": 1.0, "sql": 0.5, "queries": queries}
        for wall, queries in ((1.0, 4), (1.1, 4), (60.0, 9))
    ]
    figures = summed_up(samples)
    assert (figures.wall, figures.queries, figures.samples) == (1.1, 4, 3)
