"""Whatever changes a row, one row of the trail says so, with who, how and what."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.models import F

from apps.accounts.models import Role, User
from apps.accounts.services import save_user
from apps.audit.models import AuditLog
from apps.audit.triggers import AuditTrigger
from apps.core.acting import Source, acting_as, coming_through
from apps.customers.models import Customer
from apps.jobs import services
from apps.jobs.models import WorkLog
from apps.machines.models import Machine
from tests.factories import make_customer, make_job, make_machine, make_process, make_user, permit

pytestmark = pytest.mark.django_db

ROWS = 1_000
WHO = 4711


COLUMNS = (
    "Case ID",
    "Activity",
    "Resource",
    "Start Timestamp",
    "Complete Timestamp",
    "Span",
    "Work Order Qty",
    "Part Desc.",
    "Worker ID",
    "Report Type",
    "Qty Completed",
    "Qty Rejected",
    "Qty for MRB",
    "Rework",
)


def make_customers(count=ROWS):
    return Customer.objects.bulk_create(Customer(name=f"C {n}") for n in range(count))


def said(rows):
    """Who, through which door, what was done: one for all rows, or it shows."""
    (one,) = {(row.actor_id, row.source, row.action, row.request_id) for row in rows}
    return one


# Each way to change a thousand rows.


def by_save(customers):
    for each in customers:
        each.city = "Graz"
        each.save(update_fields=["city"])


def by_update(_):
    Customer.objects.update(city="Graz")


def by_bulk_update(customers):
    for each in customers:
        each.city = "Graz"
    Customer.objects.bulk_update(customers, ["city"], batch_size=300)


def by_sql(_):
    with connection.cursor() as cursor:
        cursor.execute("/* moved */ UPDATE customers SET city = %s", ["Graz"])


def by_sql_with(_):
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH moved AS (UPDATE customers SET city = 'Graz' RETURNING id)"
            " SELECT count(*) FROM moved"
        )
        assert cursor.fetchone() == (ROWS,)


def by_executemany(customers):
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE customers SET city = 'Graz' WHERE id = %s", [(each.pk,) for each in customers]
        )


CHANGES = (by_save, by_update, by_bulk_update, by_sql, by_sql_with, by_executemany)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_each_changed_row_has_one_row_with_its_actor_and_source(change, trail):
    customers = make_customers()

    with acting_as(WHO, Source.ADMIN, "request-0001"):
        change(customers)

    rows = trail(table="customers", action="update")
    assert said(rows) == (WHO, "admin", "update", "request-0001")
    assert sorted(row.row_id for row in rows) == [each.pk for each in customers]
    assert all(row.changes == {"city": ["", "Graz"]} for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_outside_any_context_the_source_is_sql_and_nobody_acts(change, trail):
    customers = make_customers()

    change(customers)

    rows = trail(table="customers", action="update")
    assert said(rows) == (None, "sql", "update", "")
    assert len(rows) == ROWS


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES)
def test_a_statement_in_no_transaction_bears_its_actor_and_leaves_none_behind(change, trail):
    customers = make_customers()

    with acting_as(WHO, Source.API, "request-0002"):
        change(customers)
    Customer.objects.filter(pk=customers[0].pk).update(city="Linz")

    *changed, after = trail(table="customers", action="update")
    assert said(changed) == (WHO, "api", "update", "request-0002")
    assert len(changed) == ROWS
    assert (after.actor_id, after.source) == (None, "sql")


def test_rows_added_and_deleted_in_bulk_have_a_row_each(trail):
    with acting_as(WHO, Source.TASKS, "request-0003"):
        customers = make_customers()
        Customer.objects.filter(pk__in=[each.pk for each in customers]).delete()

    assert said(trail(action="insert")) == (WHO, "tasks", "insert", "request-0003")
    assert said(trail(action="delete")) == (WHO, "tasks", "delete", "request-0003")
    for action, place in (("insert", 1), ("delete", 0)):
        names = {row.row_id: row.changes["name"][place] for row in trail(action=action)}
        assert names == {each.pk: each.name for each in customers}
        assert len(trail(action=action)) == ROWS


def test_an_import_has_its_own_source(trail, tmp_path):
    begin = datetime(2012, 1, 30, 6, tzinfo=UTC)
    file = tmp_path / "log.csv"
    with file.open("w", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(COLUMNS)
        for n in range(ROWS):
            start, end = begin + timedelta(minutes=n), begin + timedelta(minutes=n + 1)
            stamps = [f"{moment:%Y/%m/%d %H:%M:%S}.000" for moment in (start, end)]
            who = f"ID{n % 7}"
            what = (f"Case {n % 50}", "Turning", "Machine 1")
            writer.writerow([*what, *stamps, "000:01", 1000, "Head", who, "D", 1, 0, 0, ""])

    call_command("import_work_log", str(file), verbosity=0)

    logs = trail(table="work_logs")
    assert {(row.actor_id, row.source, row.action) for row in logs} == {(None, "import", "insert")}
    assert {row.row_id for row in logs} == set(WorkLog.objects.values_list("pk", flat=True))
    assert len(logs) == ROWS
    assert {row.source for row in trail()} == {"import"}


def test_an_import_keeps_the_actor_of_who_asked_for_it(trail):
    with acting_as(WHO, Source.ADMIN, "request-0004"), coming_through(Source.IMPORT):
        make_customer()

    assert said(trail()) == (WHO, "import", "insert", "request-0004")


def test_a_change_that_is_rolled_back_leaves_nothing(trail):
    customer = make_customer()
    with acting_as(WHO, Source.ADMIN), transaction.atomic():
        customer.city = "Graz"
        customer.save(update_fields=["city"])
        transaction.set_rollback(True)

    assert trail(action="update") == []


def test_a_savepoint_that_is_rolled_back_does_not_lose_who_acts(trail):
    customer = make_customer()
    with acting_as(WHO, Source.ADMIN):
        with transaction.atomic():
            Customer.objects.update(city="Graz")
            transaction.set_rollback(True)
        Customer.objects.update(city="Linz")

    (row,) = trail(action="update")
    assert (row.row_id, row.actor_id, row.changes) == (customer.pk, WHO, {"city": ["", "Linz"]})


def test_the_innermost_context_counts(trail):
    customer = make_customer()
    with acting_as(WHO, Source.ADMIN), acting_as(None, Source.COMMAND):
        Customer.objects.update(city="Graz")

    (row,) = trail(table="customers", action="update")
    assert (row.row_id, row.actor_id, row.source) == (customer.pk, None, "command")


def test_what_does_not_differ_leaves_no_row(trail):
    make_customer(city="Graz")

    Customer.objects.update(city="Graz", version=F("version"))

    assert trail(action="update") == []


def test_a_null_is_told_from_an_empty_text(trail):
    user = make_user("operator", email="one@example.com")

    User.objects.filter(pk=user.pk).update(email=None, phone="1")

    (row,) = trail(action="update")
    assert row.changes == {"email": ["one@example.com", None], "phone": ["", "1"]}


# What never enters.


def test_no_password_nor_pin_enters_the_trail_yet_their_change_does(administrator, trail):
    user = make_user("operator")
    user.set_password("a secret of theirs")
    user.pin = "hash-of-a-pin"
    save_user(user, actor=administrator, fields=["password", "pin"])

    rows = trail(table="users", row_id=user.pk)
    assert [(row.action, row.changes) for row in rows[1:]] == [("update", {})]
    for row in rows:
        assert not {"password", "pin", "last_login"} & set(row.changes)
        assert "secret" not in str(row.changes)
        assert user.password not in str(row.changes)


def test_signing_in_changes_no_record(client, trail):
    user = make_user("operator")

    client.force_login(user)

    assert User.objects.get(pk=user.pk).last_login is not None
    assert trail(table="users", action="update") == []


def test_the_permissions_of_a_role_are_in_the_trail(administrator, trail):
    role = Role.objects.get(code="viewer")
    gone = role.group.permissions.order_by("pk").first()

    with acting_as(administrator.pk, Source.ADMIN):
        role.group.permissions.remove(gone)

    (row,) = trail()
    assert (row.table, row.action, row.actor_id) == (
        "auth_group_permissions",
        "delete",
        administrator.pk,
    )
    assert row.changes == {"group_id": [role.group_id, None], "permission_id": [gone.pk, None]}


def test_what_a_machine_can_do_is_in_the_trail(trail):
    machine, process = make_machine(), make_process()

    machine.processes.add(process)

    (row,) = trail(table="machine_processes")
    assert row.changes == {"machine_id": [None, machine.pk], "process_id": [None, process.pk]}


def test_a_service_call_leaves_one_row_for_each_record_it_touches(trail):
    process = make_process(needs_machine=True)
    machine = make_machine(process)
    step = make_job(process, released=True).steps.get()
    user = make_user("operator")
    permit(user, process)
    before = len(trail())

    with acting_as(user.pk, Source.TASKS):
        services.start_step(step.pk, actor=user, machine_id=machine.pk)

    rows = trail()[before:]
    assert sorted((row.table, row.action) for row in rows) == [
        ("job_steps", "update"),
        ("machines", "update"),
        ("work_logs", "insert"),
    ]
    (changed,) = (row.changes for row in rows if row.table == "job_steps")
    assert changed["status"] == ["ready", "in_progress"]
    assert "undo" not in changed
    assert {row.actor_id for row in rows} == {user.pk}


# Every table, now and in time to come.

UNTRACED = {  # Tables of ours whose changes are nobody's business, and why.
    "audit_logs": "the trail",
    "sign_in_attempts": "wrong passwords of a quarter of an hour; an unlock is in the log",
    "idempotency_keys": "answers given again for a day; what they tell of leaves a trail itself",
    "counter_deltas": "how many rows there are, which leave a trail themselves",
    "counter_sums": "how many rows there are, which leave a trail themselves",
    "counter_state": "how many rows there are, which leave a trail themselves",
}


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("apps.") and not model._meta.proxy
    ]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.db_table)
def test_every_table_of_ours_is_audited(model):
    table = model._meta.db_table
    if table in UNTRACED:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass"
            " AND starts_with(tgname, 'pgtrigger_audit_')",
            [table],
        )
        assert cursor.fetchall() == [("O",)]


def test_no_column_that_sounds_secret_is_recorded():
    secrets = ("password", "pin", "token", "secret", "digest", "private_key")
    recorded = {
        f"{model._meta.db_table}.{column}"
        for model in apps.get_models(include_auto_created=True)
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, AuditTrigger)
        for column in (
            *trigger.compile(model).sql.kept["columns"],
            *trigger.compile(model).sql.kept["nullable"],
        )
        if any(word in column.split("_") or word == column for word in secrets)
    }
    assert recorded == set()


def test_no_session_setting_skips_the_trail(trail):
    name = "pgtrigger_audit"
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname ~ %s", [name])
        names = ",".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{names}}}"])
    make_machine()

    assert [row.table for row in trail()] == ["machines"]
    assert Machine.objects.count() == 1


def test_the_latest_comes_first_unasked(trail):
    make_customer()
    make_customer()

    first, second = AuditLog.objects.all()[:2]
    assert (first.at, first.pk) > (second.at, second.pk)
