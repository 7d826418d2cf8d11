"""What PostgreSQL refuses, in our words."""

import pytest
from django.db import IntegrityError, connection

from apps.core.db import refusals, update_rows
from apps.core.errors import Conflict, InUse, Invalid
from apps.core.records import delete_record, save_record
from apps.customers.models import Customer
from apps.jobs.models import JobStep
from apps.machines.models import Machine
from apps.processes.models import Process
from tests.factories import make_customer, make_job, make_machine, make_process, make_step

pytestmark = pytest.mark.django_db


def test_a_named_constraint_speaks_with_its_own_words():
    process = make_process(name="Welding")
    with pytest.raises(Invalid, match="Another process has this name"), refusals(Process):
        make_process(name="WELDING")
    assert Process.objects.get() == process  # The transaction goes on.


def test_an_answer_of_the_callers_comes_first():
    make_process(name="Welding")
    mine = Conflict("Mine.")
    with pytest.raises(Conflict) as refusal, refusals(Process, {"processes_name_uniq": mine}):
        make_process(name="welding")
    assert refusal.value is mine


def test_a_unique_column_is_named():
    make_customer(code="X1")
    with pytest.raises(Invalid, match="Another customer has this code") as said, refusals(Customer):
        make_customer(code="X1")
    assert said.value.field == "code"


def test_a_refusal_by_another_table_is_a_conflict():
    make_customer(code="X1")
    with pytest.raises(Conflict, match="has this value already"), refusals(Process):
        make_customer(code="X1")


@pytest.mark.parametrize(
    ("model", "make", "field"),
    [
        (Customer, lambda: [make_customer(external_id="X1") for _ in range(2)], "external_id"),
        (Process, lambda: [make_process(name="Welding") for _ in range(2)], "name"),
        (Machine, lambda: make_machine(hourly_rate=-1), "hourly_rate"),
        (Process, lambda: make_process(standard_minutes=-1), "standard_minutes"),
    ],
    ids=["unique", "unique by an expression", "a check", "a check by Django"],
)
def test_a_refusal_names_the_field(model, make, field):
    with pytest.raises(Invalid) as refusal, refusals(model):
        make()
    assert refusal.value.field == field
    assert refusal.value.message


def test_what_nobody_named_is_not_swallowed():
    with pytest.raises(IntegrityError), refusals(Customer):
        Customer.objects.bulk_create([Customer(name=None)])


def test_a_record_in_use_is_refused_without_loading_what_refers_to_it(
    manager, django_assert_max_num_queries
):
    customer = make_job().customer
    manager.get_all_permissions()
    with django_assert_max_num_queries(8), pytest.raises(InUse, match="Deactivate"):
        delete_record(customer, actor=manager)


def test_saving_writes_the_given_columns_and_no_other(manager):
    customer = make_customer(name="A", phone="1")
    Customer.objects.update(phone="2")
    customer.name = "B"
    save_record(customer, actor=manager, fields=["name"])
    assert Customer.objects.values_list("name", "phone").get() == ("B", "2")


def test_timeouts_are_in_force():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
        )
        assert cursor.fetchone() == ("30s", "5s")


def test_rows_are_written_in_one_statement_each_with_its_own_values(django_assert_num_queries):
    machine = make_machine()
    first, second, other = make_step(), make_step(), make_step()
    first.machine_id, first.undo = machine.pk, {"at": "now", "said": "It's 100 %"}
    second.quantity_good = 7

    with django_assert_num_queries(1):
        update_rows([first, second], ["machine_id", "undo", "quantity_good"])

    columns = ("machine_id", "undo", "quantity_good")
    stored = {row[0]: row[1:] for row in JobStep.objects.values_list("pk", *columns)}
    assert stored == {
        first.pk: (machine.pk, {"at": "now", "said": "It's 100 %"}, 0),
        second.pk: (None, None, 7),
        other.pk: (None, None, 0),
    }
    with connection.cursor() as cursor:  # A null of SQL, not JSON's.
        cursor.execute("SELECT count(*) FROM job_steps WHERE undo IS NULL")
        assert cursor.fetchone() == (2,)


def test_nothing_to_write_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        update_rows([], ["status"])
        update_rows([Process(pk=1)], [])
