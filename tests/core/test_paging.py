"""Paging by position: every row once, in order, whatever ties and nulls there are."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.errors import Invalid
from apps.core.paging import COUNT_AT_MOST, BadCursor, Order, Query, count_rows, each_row, get_page
from apps.customers.models import Customer
from apps.jobs.models import Job
from tests.factories import make_customer, make_job

pytestmark = pytest.mark.django_db

ORDERS = [
    ("due_date",),
    ("-due_date",),
    ("-priority", "due_date"),
    ("priority", "-due_date", "quantity"),
    ("due_date", "quantity"),
    ("-due_date", "-quantity"),
    ("customer__name", "-due_date"),
    ("number",),
    ("-created_at",),
]
DAYS = st.sampled_from([None, date(2030, 1, 1), date(2030, 1, 2)])
ROWS = st.lists(st.tuples(DAYS, st.integers(0, 3), st.integers(1, 3)), max_size=14)


def expected(order):
    return list(Job.objects.order_by(*order.order_by()).values_list("pk", flat=True))


def walk(order, limit, *, backward=False):
    """Follow the cursors from end to end; return the pages' keys."""
    pages, cursor = [], None
    while True:
        page = get_page(
            Query(Job.objects.select_related("customer"), order), limit=limit, cursor=cursor
        )
        pages.append([row.pk for row in page.rows])
        cursor = page.next
        if cursor is None:
            break
    if backward:
        pages = [pages[-1]]
        while page.previous:
            page = get_page(
                Query(Job.objects.select_related("customer"), order),
                limit=limit,
                cursor=page.previous,
            )
            pages.insert(0, [row.pk for row in page.rows])
    return pages


@pytest.mark.parametrize("names", ORDERS, ids=str)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, limit=st.integers(1, 5))
def test_pages_hold_every_row_once_in_order(names, rows, limit):
    Job.objects.all().delete()
    customers = [make_customer(name=name) for name in ("Aksoy", "Brandt")]
    Job.objects.bulk_create(
        Job(customer=customers[n % 2], due_date=due, priority=priority, quantity=quantity)
        for n, (due, priority, quantity) in enumerate(rows)
    )
    order = Order.of(Job, names)

    forward = walk(order, limit)
    assert sum(forward, []) == expected(order)  # noqa: RUF017 - a few short lists
    if rows:
        assert sum(walk(order, limit, backward=True), []) == expected(order)  # noqa: RUF017


def test_the_key_takes_the_last_direction_and_a_unique_column_needs_none():
    assert Order.of(Job, ("-due_date",)).order_by() == ("-due_date", "-id")
    assert Order.of(Job, ("number",)).order_by() == ("number",)


def test_a_deep_page_is_one_range_of_the_index():
    Customer.objects.bulk_create(Customer(name=f"C{n:03}") for n in range(30))
    order = Order.of(Customer, ("name",))
    first = get_page(Query(Customer.objects.all(), order), limit=10)

    with CaptureQueriesContext(connection) as captured:
        get_page(Query(Customer.objects.all(), order), limit=10, cursor=first.next)

    (query,) = captured.captured_queries
    assert '("customers"."name", "customers"."id") > (' in query["sql"]
    assert "OFFSET" not in query["sql"]


@pytest.mark.parametrize("cursor", ["", "x", "a:b:c", "\x00", "🙂" * 100])
def test_a_made_up_cursor_is_refused(cursor):
    with pytest.raises(BadCursor):
        get_page(Query(Job.objects.all(), Order.of(Job, ("number",))), limit=1, cursor=cursor)


def test_a_cursor_of_another_query_or_order_is_refused():
    for name in "ab":
        make_customer(name=name)
    rows = Customer.objects.all()
    cursor = get_page(Query(rows, Order.of(Customer, ("name",)), "city=Bursa"), limit=1).next

    get_page(Query(rows, Order.of(Customer, ("name",)), "city=Bursa"), limit=1, cursor=cursor)
    with pytest.raises(BadCursor):
        get_page(Query(rows, Order.of(Customer, ("name",)), "city=Izmir"), limit=1, cursor=cursor)
    with pytest.raises(BadCursor):
        get_page(Query(rows, Order.of(Customer, ("-name",)), "city=Bursa"), limit=1, cursor=cursor)


def test_an_order_nobody_declared_is_named():
    with pytest.raises(Invalid, match="colour is not an order of jobs"):
        Order.of(Job, ("colour",))


def test_filtered_rows_are_counted_up_to_a_bound_and_no_further():
    Customer.objects.bulk_create(Customer(name=f"C{n}") for n in range(COUNT_AT_MOST + 2))

    assert count_rows(Customer.objects.filter(name="C1")) == (1, True)
    assert count_rows(Customer.objects.filter(is_active=True)) == (COUNT_AT_MOST, False)
    assert count_rows(Customer.objects.all()) == (COUNT_AT_MOST + 2, True)


def test_a_big_table_is_estimated_not_counted(monkeypatch):
    monkeypatch.setattr("apps.core.paging.EXACT_COUNT_BELOW", 10)
    Customer.objects.bulk_create(Customer(name=f"C{n}") for n in range(30))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers")

    with CaptureQueriesContext(connection) as captured:
        assert count_rows(Customer.objects.all()) == (30, False)
    assert "count(" not in captured.captured_queries[0]["sql"].lower()


@pytest.mark.parametrize("names", ORDERS, ids=str)
def test_chunks_together_are_the_whole_list_once(names):
    for place in range(7):
        due = None if place % 3 == 0 else date(2026, 3, 1 + place % 2)
        make_job(due_date=due, title=f"Job {place % 2}")
    order = Order.of(Job, names)

    chunks = list(each_row(Query(Job.objects.select_related("customer"), order), chunk=3))

    expected = Job.objects.order_by(*order.order_by())
    assert [len(chunk) for chunk in chunks] == [3, 3, 1]
    assert [row.pk for chunk in chunks for row in chunk] == [row.pk for row in expected]


def test_rows_read_as_tuples_page_as_instances_do():
    make_customer(name="Acme")
    make_customer(name="Bolt")
    order = Order.of(Customer, ("name",))
    rows = Customer.objects.values_list("city", "name", "pk")
    query = Query(rows, order, read=lambda row: row[1:])

    first = get_page(query, limit=1)

    assert [row[1] for row in get_page(query, limit=1, cursor=first.next).rows] == ["Bolt"]
