"""Charts put their numbers where they belong, and say them."""

from datetime import date

import pytest

from apps.dashboards import plots
from apps.dashboards.charts import Category, Chart, Row, Series, bars, step_for, thinned
from apps.dashboards.figures import MachineLoad, Month, Scrap


def chart(*values: tuple, words=str) -> Chart:
    """Return a chart of a series for each tuple, over as many categories."""
    count = len(values[0])
    return Chart(
        tuple(Category(f"c{n}", f"Category {n}") for n in range(count)),
        tuple(Series(f"s{n}", "solid", each) for n, each in enumerate(values)),
        words,
    )


def month(n: int, **told) -> Month:
    given = {"made": 0, "completed": 0, "lead_p50": None, "lead_p90": None}
    return Month(month=date(2026, n, 1), good=0, scrap=0, rework=0, **given | told)


def load(n: int, waiting: int, running: int = 0) -> MachineLoad:
    return MachineLoad(n, f"M{n}", f"Mill {n}", "idle", waiting, 2, running, 1)


@pytest.mark.parametrize(
    ("highest", "step"),
    [(0, 1), (1, 1), (4, 1), (5, 2), (7, 2), (12, 5), (40, 10), (90, 25), (1_234, 500)],
)
def test_the_grid_has_round_numbers_and_whole_ones(highest, step):
    assert step_for(highest) == step


@pytest.mark.parametrize("highest", [1, 3, 9, 14, 51, 99, 101, 750, 12_345, 9_999_999])
def test_the_grid_reaches_over_the_highest_value_with_few_lines(highest):
    ticks = chart((highest, 0)).ticks

    assert ticks[0].at == "100%"
    assert ticks[-1].at == "0%"
    assert 2 <= len(ticks) <= 6
    assert float(chart((highest, 0)).slots[0].columns[0].y.rstrip("%")) >= 0


def test_large_numbers_of_the_grid_are_written_short():
    words = [tick.word for tick in chart((40_000, 1)).ticks]

    assert words == ["0", "10k", "20k", "30k", "40k"]
    assert chart((2_500, 1)).ticks[-1].word == "3,000"
    assert chart((5_000_000, 1)).ticks[-1].word == "6M"


def test_columns_stand_side_by_side_in_their_slot_on_the_base():
    slot = chart((2, 4), (4, 0)).slots[0]

    assert (slot.x, slot.width, slot.middle) == ("0%", "50%", "25%")
    first, second = slot.columns
    assert (first.x, first.width, first.y, first.height) == ("7%", "18%", "50%", "50%")
    assert (second.x, second.y, second.height) == ("25%", "0%", "100%")
    assert slot.says == "Category 0: s0 2, s1 4"


def test_nothing_has_no_column():
    assert [len(slot.columns) for slot in chart((0, 3, None)).slots] == [0, 1, 0]


def test_a_line_is_broken_where_there_is_no_number():
    line = chart((4, 2, None, 0)).lines[0]

    assert line.path == "M12.5 0L37.5 50 M87.5 100"
    assert line.points == (("12.5%", "0%"), ("37.5%", "50%"), ("87.5%", "100%"))


def test_the_table_says_all_and_a_missing_number_is_not_nought():
    told = chart((3, None), words="{} days".format)

    assert told.rows == (("Category 0", ("3 days",)), ("Category 1", ("–",)))
    assert [word for _, word in told.last] == ["–"]


@pytest.mark.parametrize("values", [(0, 0), (None, None), (None, 0)])
def test_a_chart_without_a_number_is_empty(values):
    assert chart(values).is_empty


def test_more_categories_than_a_screen_shows_are_taken_together_by_their_highest():
    long = chart(tuple(range(100)), (None,) * 99 + (7,))

    short = thinned(long, at_most=30)

    assert len(short.categories) == 25
    assert short.categories[0] == Category("c0", "Category 0 – Category 3")
    assert short.series[0].values[:2] == (3, 7)
    assert short.series[1].values[-2:] == (None, 7)
    assert thinned(chart((1, 2))).categories == chart((1, 2)).categories


def test_bars_share_one_scale_and_their_parts_follow_each_other():
    long, short = bars([Row("a", (1, 3), "4 h"), Row("b", (0, 2), "2 h")], ("solid", "open"))

    assert long.parts == (("solid", "0%", "25%"), ("open", "25%", "75%"))
    assert short.parts == (("open", "0%", "50%"),)


def test_months_say_what_was_made_and_completed():
    told = plots.jobs_by_month([month(1, made=3), month(2, made=5, completed=4)])

    assert [category.short for category in told.categories] == ["Jan", "Feb"]
    assert told.slots[1].says == "February 2026: made 5, completed 4"
    assert told.now == "February 2026"


def test_lead_times_are_days_of_the_half_and_of_nine_in_ten():
    told = plots.lead_time([month(1, lead_p50=1, lead_p90=12), month(2)])

    assert told.slots[0].says == "January 2026: nine of ten within 12 days, half within 1 day"
    assert told.slots[1].says == "February 2026: nine of ten within –, half within –"


def test_the_busiest_machines_have_a_bar_and_all_stand_in_the_table():
    told = plots.machine_load([load(n, 6_000 - n * 60) for n in range(30)] + [load(99, 0)])

    assert len(told.bars) == 8
    assert told.more == 22
    assert len(told.rows) == 30
    assert told.bars[0].says == "100 h"
    assert told.rows[0] == ("Mill 0", "0 min", "100 h", "2")


def test_the_longest_bar_comes_first_by_all_that_it_shows():
    told = plots.machine_load([load(1, 60), load(2, 30, running=90)])

    assert [bar.name for bar in told.bars] == ["Mill 2", "Mill 1"]


def test_scrap_is_a_share_and_what_lost_nothing_has_no_bar():
    processes = [
        Scrap(id=1, code="A", name="Milling", good=95, scrap=5, rework=0),
        Scrap(id=2, code="B", name="Packing", good=9_999, scrap=0, rework=0),
    ]

    told = plots.scrap(processes)

    assert [(bar.name, bar.says) for bar in told.bars] == [("Milling", "5.0 %")]
    assert told.rows[1] == ("Packing", "9,999", "0", "0", "0.0 %")


@pytest.mark.parametrize(
    ("rate", "words"), [(None, "–"), (0, "0.0 %"), (0.0004, "< 0.1 %"), (0.0234, "2.3 %")]
)
def test_a_rate_is_said_in_percent(rate, words):
    assert plots.rate_words(rate) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (59, "59 min"), (150, "2.5 h"), (74_400, "1,240 h")]
)
def test_planned_time_is_said_in_the_unit_that_fits(minutes, words):
    assert plots.hours(minutes) == words
