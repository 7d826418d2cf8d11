"""The database's indexes are those of docs/indexes.md, well named, none needless or missing."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command

from apps.observability import index_page, indexes

LONGEST = 30
# Names that were asked for, of the tables there are.
REQUIRED = [
    "idx_customers_name",
    "idx_customers_email",
    "idx_customers_phone",
    "idx_customers_created_at",
    "idx_customers_updated_at",
    "idx_jobs_status_created_at",
    "idx_jobs_status_due_date",
    "idx_jobs_due_date",
    "idx_jobs_job_number_pattern",
    "idx_jobs_updated_at",
    "idx_job_steps_job_status",
    "idx_job_steps_job_order",
    "idx_job_steps_assigned_status",
    "idx_job_steps_machine_status",
    "idx_job_steps_created_at",
    "idx_job_steps_started_at",
    "idx_job_steps_completed_at",
    "idx_machines_status",
    "idx_machines_name",
    "idx_machines_is_active",
    "idx_users_role",
    "idx_users_is_active",
    "idx_users_full_name",
    "idx_processes_name",
    "idx_processes_is_active",
    "idx_role_process_permissions",
    "idx_notifications_created_at",
    "idx_notifications_unread",
]
PARTIAL = [
    "idx_jobs_due_date",
    "idx_job_steps_started_at",
    "idx_job_steps_completed_at",
    "idx_machines_status",
    "idx_users_role",
    "idx_notifications_unread",
]
PAGE = index_page.read_page()
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \| (.+) \|$", re.MULTILINE)


@pytest.fixture
def report(db):
    return indexes.make_report()


@pytest.fixture
def named(report):
    return {index.name: index for index in report.indexes if index.name != f"{index.table}_pkey"}


def sections():
    """Return each section's rows, as (first cell's name, second cell, third cell)."""
    _, *parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    return {part.split("\n", 1)[0]: ROW.findall(part) for part in parts}


def test_the_page_and_the_database_name_the_same_indexes(named):
    assert set(index_page.served(PAGE)) == set(named)


def test_the_page_has_each_index_with_its_table_columns_and_condition(named):
    for table, rows in sections().items():
        for name, on, _question in rows if table in indexes.our_tables() else ():
            columns, _, condition = on.partition("; ")
            index = named[name]
            assert (index.table, ", ".join(index.keys)) == (table, columns), name
            assert bool(index.predicate) == bool(condition), name


def test_every_index_that_was_asked_for_is_there(named):
    assert not set(REQUIRED) - set(named)
    assert all(named[name].predicate for name in PARTIAL)


def test_the_order_columns_of_the_asked_indexes_are_those_asked(named):
    keys = {name: named[name].keys for name in REQUIRED}
    assert keys["idx_role_process_permissions"] == ("process_id", "role_id")
    assert keys["idx_job_steps_job_order"][:2] == ("job_id", "sequence")
    assert keys["idx_jobs_status_due_date"][:2] == ("status", "due_date")
    assert keys["idx_job_steps_assigned_status"] == ("assigned_to_id", "status")
    assert named["idx_jobs_job_number_pattern"].order[0][0] == "varchar_pattern_ops"


def ours():
    for model in apps.get_models():
        if model._meta.app_config.name.startswith("apps."):
            yield model._meta


@pytest.mark.parametrize("meta", list(ours()), ids=str)
def test_names_tell_the_table_and_what(meta):
    for index in meta.indexes:
        assert index.name.startswith(f"idx_{meta.db_table}"), index.name
        assert len(index.name) <= LONGEST, index.name
    for constraint in meta.constraints:
        said, _, kind = constraint.name.rpartition("_")
        shortened = re.match(r"[a-z]+", meta.db_table)[0]
        fits = len(f"{meta.db_table}_{said.removeprefix(shortened)}_{kind}") <= LONGEST
        assert kind in {"uniq", "chk", "excl"}, constraint.name
        assert len(constraint.name) <= LONGEST, constraint.name
        assert said.startswith(meta.db_table if fits else shortened), constraint.name


def test_no_index_is_the_beginning_of_another_without_a_reason(report):
    found = {each.index.name: each.covered_by for each in report.redundant}
    stated = {name: led.strip("`") for name, led, _ in sections()["Kept all the same"]}
    assert found == stated


def test_every_foreign_key_is_led_by_the_index_that_the_page_says(report, named):
    page = re.findall(r"^\| `(\w+)\.(\w+)` \| `(\w+)` \|$", PAGE, re.MULTILINE)
    led = {(table, (column,)): named[index] for table, column, index in page}
    keys = {
        (key.table, key.columns): key for key in indexes.read_foreign_keys(indexes.our_tables())
    }
    assert report.uncovered == []
    assert set(led) == set(keys)
    assert [key for place, key in keys.items() if not key.is_covered_by(led[place])] == []


@pytest.mark.django_db
def test_the_report_finds_no_fault():
    call_command("index_report", "--check")
