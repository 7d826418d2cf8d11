"""The table of results says what was measured, and whether it suffices."""

import pytest

from benchmarks.table import Line, at_least, at_most, milliseconds, written


@pytest.mark.parametrize(
    ("goal", "figure", "reached"),
    [
        (at_most(1.3), 1.3, True),
        (at_most(1.3), 1.31, False),
        (at_least(20), 20, True),
        (at_least(20), 19.9, False),
    ],
)
def test_a_goal_is_reached_at_its_limit_and_not_beyond(goal, figure, reached):
    assert goal.is_reached(figure) is reached


def test_a_line_says_its_figure_its_goal_and_whether_it_is_reached():
    line = Line("P7", "tasks: SQL", 1.046, "×", "itself", at_most(1.3), "2 ms")
    assert line.cells() == ("P7", "tasks: SQL", "1.05 ×", "itself", "≤ 1.3 ×", "yes", "2 ms")


def test_a_line_that_misses_its_goal_stands_out():
    line = Line("P8", "steps", 3.0, "times faster", "a plain list", at_least(20))
    assert line.cells()[4:6] == ("≥ 20 times faster", "**no**")


def test_a_line_without_a_goal_reaches_none():
    assert Line("P13", "audit", 1.1, "×", "the same without").cells()[4:6] == ("–", "–")


def test_the_page_counts_the_goals_and_leaves_out_lines_without_one():
    lines = [
        Line("P7", "one", 1.0, "×", "itself", at_most(1.3)),
        Line("P7", "two", 2.0, "×", "itself", at_most(1.3)),
        Line("P7", "three", 9.0, "×", "itself"),
    ]
    page = written(lines, ["a machine"], "python -m benchmarks")
    assert "1 of 2 goals are reached." in page
    assert "- a machine\n" in page
    assert page.count("\n| P7 |") == 3


def test_large_figures_have_no_decimals_and_small_ones_three_digits():
    figures = [Line("P8", "", figure, "×", "").cells()[2] for figure in (1234.5, 12.345, 0.12345)]
    assert figures == ["1,234 ×", "12.3 ×", "0.123 ×"]


def test_times_are_told_in_milliseconds():
    assert [milliseconds(each) for each in (0.0004567, 0.25, 2.5)] == [
        "0.457 ms",
        "250 ms",
        "2,500 ms",
    ]
