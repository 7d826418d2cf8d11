"""Nobody changes the trail; months are made ahead of time and leave as a whole."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from apps.audit import selectors, services, tasks
from apps.audit.checks import check_partitions
from apps.audit.errors import MonthKept
from apps.audit.models import AuditLog
from apps.core.acting import Source, acting_as
from apps.core.ownership import as_owner
from tests.factories import make_customer

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

THIS_MONTH = f"audit_logs_{datetime.now(UTC):%Y_%m}"
TABLES = ("audit_logs", THIS_MONTH, "audit_logs_rest")


def execute(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def insert(at):
    """Write a row of the trail by hand, as only the owner can."""
    execute(
        'INSERT INTO audit_logs (at, source, request_id, "table", row_id, action, changes)'
        " VALUES (%s, 'sql', '', 'jobs', 1, 'insert', '{}')",
        [at],
    )


def refused(sql):
    """How PostgreSQL refuses a statement: its SQLSTATE."""
    with pytest.raises(Error) as caught, transaction.atomic():
        execute(sql)
    return caught.value.__cause__.sqlstate


INSUFFICIENT_PRIVILEGE = "42501"


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET actor_id = 1",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "DROP TABLE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "ALTER TABLE {} DISABLE TRIGGER USER",
        "ALTER TABLE {} ADD COLUMN more text",
        "INSERT INTO {} SELECT * FROM audit_logs LIMIT 1",
        "COPY {} FROM STDIN",
        "ALTER TABLE {} OWNER TO CURRENT_USER",
        "CREATE TRIGGER mine BEFORE INSERT ON {} EXECUTE FUNCTION audit_refuse_change()",
    ],
)
@pytest.mark.skipif(settings.DATABASE_OWNER is None, reason="there is one role, which owns all")
def test_the_applications_role_is_refused(table, statement):
    make_customer()

    assert refused(statement.format(table)) == INSUFFICIENT_PRIVILEGE


@pytest.mark.skipif(settings.DATABASE_OWNER is None, reason="there is one role, which owns all")
@pytest.mark.parametrize(
    "statement",
    [
        f"ALTER TABLE audit_logs DETACH PARTITION {THIS_MONTH}",
        "ALTER TABLE customers DISABLE TRIGGER ALL",
        "DROP FUNCTION audit_refuse_change() CASCADE",
        "ALTER FUNCTION audit_refuse_change() RENAME TO other",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
    ],
)
def test_the_applications_role_cannot_get_round_the_trail(statement):
    assert refused(statement) == INSUFFICIENT_PRIVILEGE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", TABLES[:2])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET actor_id = 1", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_even_the_owner_is_refused(table, statement):
    make_customer()
    count = AuditLog.objects.count()

    with as_owner():
        assert refused(statement.format(table)) == INSUFFICIENT_PRIVILEGE

    assert AuditLog.objects.count() == count > 0


def test_a_year_is_made_ahead():
    assert selectors.months_ahead() >= services.MONTHS_AHEAD
    assert selectors.months()[0].starts <= datetime.now(UTC)
    assert services.make_partitions() == []


def test_the_application_makes_months_and_they_are_closed_like_the_others():
    last = selectors.months()[-1]

    execute("SELECT audit_make_partitions(%s)", [selectors.months_ahead() + 1])

    new = selectors.months()[-1]
    assert new.starts == last.ends
    if settings.DATABASE_OWNER is not None:
        for statement in ("UPDATE {} SET actor_id = 1", "TRUNCATE {}"):
            assert refused(statement.format(new.partition)) == INSUFFICIENT_PRIVILEGE


@pytest.mark.skipif(settings.DATABASE_OWNER is None, reason="there is one role, which owns all")
def test_a_temporary_table_in_a_catalogs_name_fools_nobody():
    execute("CREATE TEMPORARY TABLE pg_class ON COMMIT DROP AS SELECT * FROM pg_class LIMIT 0")
    execute("SELECT audit_make_partitions(%s)", [selectors.months_ahead() + 1])
    execute("DROP TABLE pg_temp.pg_class")

    assert refused(f"TRUNCATE {selectors.months()[-1].partition}") == INSUFFICIENT_PRIVILEGE
    writes = "has_table_privilege(%s, 'INSERT, UPDATE, DELETE')"
    assert execute(f"SELECT {writes}", [selectors.months()[-1].partition]) == [(False,)]


def test_the_scheduled_task_makes_what_is_missing():
    schedule = settings.CELERY_BEAT_SCHEDULE.values()
    assert tasks.make_partitions.name in {each["task"] for each in schedule}

    tasks.make_partitions()

    assert selectors.months_ahead() >= services.MONTHS_AHEAD


def test_a_warning_says_when_months_run_out(monkeypatch):
    assert check_partitions(databases=["default"]) == []
    monkeypatch.setattr(selectors, "months_ahead", lambda: 1)

    (warning,) = check_partitions(databases=["default"])

    assert (warning.id, "1 months" in warning.msg) == ("andon.W004", True)


@pytest.mark.django_db(transaction=True)
def test_what_comes_in_a_month_without_a_partition_is_kept_and_not_covered_up():
    far = selectors.months()[-1].ends + timedelta(days=3)
    with as_owner(), transaction.atomic():
        insert(far)

        assert AuditLog.objects.filter(at=far).count() == 1
        found = execute("SELECT tableoid::regclass::text FROM audit_logs WHERE at = %s", [far])
        assert found == [("audit_logs_rest",)]
        execute("SELECT audit_make_partitions(%s)", [selectors.months_ahead() + 1])
        assert selectors.months()[-1].ends < far
        transaction.set_rollback(True)


# Leaving.


@pytest.fixture
def old_month(committed):
    """The partition of a month two years ago, with one row in it."""
    starts = datetime(datetime.now(UTC).year - 2, 3, 1, tzinfo=UTC)
    name = f"audit_logs_{starts:%Y_%m}"
    with as_owner():
        execute(
            f"CREATE TABLE {name} PARTITION OF audit_logs FOR VALUES FROM (%s) TO (%s)",
            [starts, starts.replace(month=4)],
        )
        insert(starts + timedelta(days=3))
    yield name
    with as_owner():
        execute(f"DROP TABLE IF EXISTS {name}")


def test_a_month_that_is_not_over_stays():
    following = selectors.this_month() + timedelta(days=40)

    with pytest.raises(MonthKept):
        services.drop_months(following)


def test_old_months_leave_as_whole_partitions_and_the_trail_says_so(old_month, trail):
    said = StringIO()

    with acting_as(None, Source.COMMAND, "request-0005"):
        before = f"--before={datetime.now(UTC):%Y-%m}"
        call_command("drop_audit_months", before, "--yes", stdout=said)

    assert said.getvalue() == f"Dropped {old_month}: 1 rows.\n"
    assert execute("SELECT to_regclass(%s)", [old_month]) == [(None,)]
    (row,) = trail(table="audit_logs")
    assert (row.action, row.source, row.request_id) == ("delete", "command", "request-0005")
    assert row.row_id == int(old_month.removeprefix("audit_logs_").replace("_", ""))
    assert row.changes == {"partition": [old_month, None], "rows": [1, None]}


def test_nothing_leaves_without_a_yes(old_month, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: "no")

    with pytest.raises(CommandError, match="Nothing was dropped"):
        call_command("drop_audit_months", "--before=2999-01")

    assert old_month in {month.partition for month in selectors.months()}


def test_what_is_no_month_is_said_to_be_none():
    with pytest.raises(CommandError, match="is not a month such as 2026-11"):
        call_command("drop_audit_months", "--before=soon")
