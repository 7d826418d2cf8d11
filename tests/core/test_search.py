"""Search by words: the newest blocks of keys first, and the others only where those are few."""

import pytest

from apps.core.search import first_found
from apps.customers.models import Customer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db

BLOCK = 32_768  # Keys.


def found(term, at_most=10, rows=None):
    return list(first_found(Customer.objects.all() if rows is None else rows, term, at_most))


@pytest.fixture
def old():
    return make_customer(pk=7, name="Aksoy Metal")


@pytest.fixture
def new():
    return make_customer(pk=9 * BLOCK, name="Brandt Metal")


def test_what_the_newest_blocks_hold_comes_before_all_else(old, new):
    assert found("metal", at_most=1) == [{"pk": new.pk}]


def test_what_the_newest_blocks_lack_is_found_in_the_others(old, new):
    assert found("aksoy") == [{"pk": old.pk}]


def test_every_record_is_found_once_wherever_the_blocks_meet(old, new):
    made = [make_customer(pk=pk, name="Metal") for pk in range(8 * BLOCK - 2, 8 * BLOCK + 3)]
    others = [make_customer(pk=pk, name="Metal") for pk in (8, BLOCK - 1, BLOCK, 9 * BLOCK - 1)]
    pks = sorted(row["pk"] for row in found("metal", at_most=99))
    assert pks == sorted(each.pk for each in (old, new, *made, *others))


def test_any_part_of_each_word_finds_a_record(old, new):
    assert found("kso eta") == [{"pk": old.pk}]
    assert found("ksoy brandt") == []


@pytest.mark.parametrize("term", ["ak", "a"])
def test_one_or_two_letters_begin_the_text(term, old, new):
    assert found(term) == [{"pk": old.pk}]


def test_only_the_rows_that_are_asked_are_searched(old, new):
    assert found("metal", rows=Customer.objects.filter(pk__lt=8)) == [{"pk": old.pk}]


def test_nothing_is_found_in_an_empty_table():
    assert found("metal") == []


def test_the_others_are_left_alone_when_the_newest_blocks_hold_enough(old, new):
    plan = first_found(Customer.objects.all(), "metal", 1).explain(analyze=True, costs=False)
    assert "never executed" in plan
    plan = first_found(Customer.objects.all(), "metal", 2).explain(analyze=True, costs=False)
    assert "never executed" not in plan.partition("Append")[2].replace("InitPlan", "")
