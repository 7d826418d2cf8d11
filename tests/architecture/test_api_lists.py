"""Each order and each filter that a list of the API declares has an index behind it."""

import re

from django.db import connection, transaction
from django.http import QueryDict
from django.urls import get_resolver

from apps.api.records import RecordView

# Tables that do not grow with the work: a shop has dozens or hundreds of rows in each.
SMALL = {"machines", "processes", "reasons", "roles", "role_process_permissions", "users"}
# Sorted within what a unique index leaves of ties: nothing.
BY_A_UNIQUE_ONE = re.compile(
    r"Incremental Sort.*\n(?:.*\n){1,4}?.*Index\w* (?:Only )?Scan.* using \w+_uniq "
)
# The trail answers by questions of its own, which bound what they look through.
OTHERWISE_READ = {"audit_logs"}
INSTANT, DAY = "2030-01-01T12:00:00Z", "2030-01-01"


def views(above=RecordView):
    for view in above.__subclasses__():
        if "listing" in vars(view):
            yield view
        yield from views(view)


get_resolver().url_patterns  # noqa: B018 - reading them imports every view
VIEWS = {view.model._meta.db_table: view for view in views()}


def value_of(parameter):
    schema = parameter.schema
    if "enum" in schema:
        word = schema["enum"][-1]
        return str(word).lower() if isinstance(word, bool) else str(word)
    if schema["type"] == "boolean":
        return "true"
    return {"date-time": INSTANT, "date": DAY}.get(schema.get("format", ""), "7")


def explain(rows, *shortcuts):
    """Return the plan without shortcuts that suit an empty table."""
    with transaction.atomic(), connection.cursor() as cursor:
        for shortcut in shortcuts:
            cursor.execute(f"SET LOCAL enable_{shortcut} = off")
        plan = rows.values("pk").explain()
        transaction.set_rollback(True)
    return plan


def asked(view, query, user):
    """Return the rows that are asked for, and the columns they are ordered by."""
    read = view.listing.read(QueryDict(query))
    rows = view.model._default_manager.all()
    rows = rows.visible_to(user) if view.reads == "visible" else rows
    return view.listing.rows(rows, read), view.listing.orders[read.ordering].order_by()


def test_every_list_is_walked():
    assert {"jobs", "job_steps", "work_logs", "customers", "audit_logs"} <= set(VIEWS)


def test_every_order_is_read_off_an_index(manager, subtests):
    for table, view in VIEWS.items():
        listing = view.listing
        ranges = {each.along: each for each in listing.parameters.values() if each.along}
        offered = {each.offers: each for each in listing.parameters.values() if each.offers}
        for name in listing.orders:
            column = name.removeprefix("-")
            span = "" if column in listing.orderings else f"{ranges[column].name}={INSTANT}&"
            span += f"{offered[column].name}=7&" if column in offered else ""
            with subtests.test(f"{table} by {name}"):
                rows, order = asked(view, f"{span}ordering={name}", manager)
                plan = explain(rows.order_by(*order), "seqscan", "sort", "bitmapscan")
                assert "Sort  (" not in BY_A_UNIQUE_ONE.sub("", plan), plan
                assert "Seq Scan" not in plan, plan


def test_every_filter_of_a_table_that_grows_is_answered_by_an_index(manager, subtests):
    for table, view in VIEWS.items():
        if table in SMALL | OTHERWISE_READ:
            continue
        for name, parameter in view.listing.parameters.items():
            with subtests.test(f"{table} with {name}"):
                rows, _ = asked(view, f"{name}={value_of(parameter)}", manager)
                plan = explain(rows.order_by(), "seqscan")
                # A partial index may hold just what is asked for, and needs no condition.
                assert "Index Cond" in plan or "Filter:" not in plan, plan
