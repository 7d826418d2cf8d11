"""Questions asked together, and again: what they answer, and that they are planned once."""

import pytest
from django.db import connection

from apps.core.standing import is_one_of, marked
from apps.core.together import Question, Together
from apps.customers.models import Customer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def names(together, **told):
    answers = together.ask(**told)
    return {name: [row["name"] for row in together.read(name, answers[name])] for name in answers}


@pytest.fixture
def customers():
    return [make_customer(name=name) for name in ("50 % off", "O'Hara %s", "Plain")]


@pytest.mark.parametrize("stands", [False, True])
def test_each_question_keeps_its_own_rows_order_and_values(customers, stands):
    among = Customer.objects.filter(pk__in=[each.pk for each in customers])
    together = Together(
        {
            "percent": Question(among.filter(name__contains="%").order_by("-name"), ("name",)),
            "quoted": Question(among.filter(name="O'Hara %s"), ("name",)),
            "nobody": Question(among.filter(pk__in=[]), ("name",)),
            "none": Question(among.filter(name="-"), ("name",)),
        },
        stands=stands,
    )

    assert names(together) == {
        "percent": ["O'Hara %s", "50 % off"],
        "quoted": ["O'Hara %s"],
        "nobody": [],
        "none": [],
    }


def test_what_is_marked_is_told_with_each_asking_and_planned_once(customers):
    first, second, third = customers
    among = Customer.objects.filter(is_one_of("pk", "keys")).order_by("pk")
    together = Together(
        {
            "one": Question(Customer.objects.filter(pk=marked("key")), ("name",)),
            "some": Question(among, ("name",)),
        },
        stands=True,
    )
    before = plans()

    asked = [
        names(together, key=first.pk, keys=[second.pk, third.pk]),
        names(together, key=third.pk, keys=[]),
        names(together, key=-1, keys=[first.pk]),
    ]

    assert asked == [
        {"one": ["50 % off"], "some": ["O'Hara %s", "Plain"]},
        {"one": ["Plain"], "some": []},
        {"one": [], "some": ["50 % off"]},
    ]
    assert len(plans() - before) <= 2  # A small key and a large one are of two types.


def plans():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return {name for (name,) in cursor.fetchall()}
