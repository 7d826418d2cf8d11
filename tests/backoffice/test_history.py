"""A record's history: the trail of one record, as people read it, to those who may."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.models import Role
from apps.audit.models import AuditLog
from apps.backoffice import history, kinds
from apps.core.acting import Source, acting_as
from apps.customers.models import Customer
from apps.jobs import services
from apps.jobs.models import Job
from apps.processes.models import RoleProcessPermission
from apps.shop.models import Shop
from apps.shop.selectors import cached_shop
from tests import factories
from tests.factories import make_customer, make_job, make_process, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(client, manager):
    """Return a function that opens a record's history as the manager and returns its text."""
    client.force_login(manager)

    def read(record, **query):
        return words(client.get(address(record), query))

    return read


def address(record, key=None):
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[key or record.pk])


def words(answer):
    """Return what a page's main part says, without tags and runs of spaces."""
    assert answer.status_code == 200
    main = answer.content.decode().split("<h1", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main.split(">", 1)[1]).split())


def request_of(user, number=[0]):  # noqa: B006 - one more with each call
    number[0] += 1
    return acting_as(user.pk, Source.ADMIN, f"request-{number[0]:04}")


def test_fields_are_told_by_their_names_and_values_as_people_say_them(told, manager):
    job = make_job(due_date="2030-01-02", customer=make_customer(name="Acme Ltd"))
    with request_of(manager):
        Job.objects.filter(pk=job.pk).update(
            customer=make_customer(name="Beta GmbH"), priority=3, due_date=None, notes="Paint it."
        )

    text = told(job)

    assert "Customer: Acme Ltd → Beta GmbH" in text
    assert "Priority: Normal → Urgent" in text
    assert "Due date: 2 Jan 2030 → empty" in text
    assert "Notes: empty → Paint it." in text
    assert f"{manager.full_name} The office" in text


def test_true_and_false_are_yes_and_no(told):
    customer = make_customer()
    Customer.objects.filter(pk=customer.pk).update(is_active=False)
    assert "Is active: Yes → No" in told(customer)


def test_times_are_the_shops(told):
    Shop.objects.update(time_zone="Asia/Tokyo")
    cached_shop.renew(Shop.ONLY)
    downtime_start = datetime(2026, 3, 3, 20, 30, tzinfo=UTC)
    step = make_job(released=True).steps.get()
    services.skip_step(step.pk, actor=make_user("administrator"))
    job = step.job
    Job.objects.filter(pk=job.pk).update(released_at=downtime_start)

    text = told(job)

    assert "→ 4 Mar 2026, 05:30" in text
    newest = AuditLog.objects.latest_first()[0].at + timedelta(hours=9)
    assert f"{newest:%H:%M}" in text


def test_what_was_done_in_one_go_is_one_heading_newest_first(told, manager, planner):
    customer = make_customer(name="One")
    with request_of(manager):
        Customer.objects.filter(pk=customer.pk).update(name="Two")
        Customer.objects.filter(pk=customer.pk).update(city="Graz")
    with request_of(planner):
        Customer.objects.filter(pk=customer.pk).update(name="Three")

    text = told(customer)

    assert text.count(manager.full_name) == 1
    assert text.index("Two → Three") < text.index(planner.full_name) + 200
    assert text.index("Two → Three") < text.index("One → Two") < text.index("City: empty → Graz")


def test_nobody_and_sql_are_said_plainly(told):
    customer = make_customer()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers SET city = 'Linz' WHERE id = %s", [customer.pk])
    assert "Nobody signed in SQL, outside Andon" in told(customer)


def test_a_gone_user_and_a_gone_reference_are_told_by_number(told):
    customer = make_customer()
    with acting_as(987_654, Source.API):
        Customer.objects.filter(pk=customer.pk).update(city="Linz")
    assert "User no. 987654, deleted The API" in told(customer)

    process, routing = make_process(), factories.make_routing()
    step = routing.steps.create(sequence=10, process=process)
    step.delete()
    key = process.pk
    process.delete()
    assert f"Process: Process no. {key}, deleted" in told(routing)


def test_a_new_record_says_what_it_was_given_and_nothing_empty(told):
    customer = make_customer(name="Acme", city="Graz")

    text = told(customer)

    code = Customer.objects.get().code
    assert f"Added Code: {code} Name: Acme City: Graz Is active: Yes" in text
    assert "Phone" not in text
    assert "Created at" not in text


def test_a_password_or_pin_says_that_it_changed_and_never_what(told, manager):
    user = make_user()
    accounts.set_pin(user, "4711", actor=make_user("administrator"))

    text = told(user)

    assert "Password or PIN changed" in text
    assert user.pin not in text
    assert user.password not in text


def test_a_long_text_is_short_and_can_be_opened(client, manager):
    long = "Ring before delivery. " * 20
    customer = make_customer(notes=long)
    client.force_login(manager)

    html = client.get(address(customer)).content.decode()

    summary = re.search(r"<summary>(.*?)</summary>", html)[1]
    assert summary.endswith("…")
    assert len(summary) <= 80
    assert html.count(long) == 1


def test_what_people_typed_is_text_and_no_markup(client, manager):
    customer = make_customer(name="<script>alert(1)</script>")
    client.force_login(manager)
    assert b"<script>alert" not in client.get(address(customer)).content


def test_a_jobs_history_has_its_steps_those_taken_out_too(told, manager):
    cutting, welding = make_process(name="Cutting"), make_process(name="Welding")
    job = make_job(cutting, welding)
    kept, gone = job.steps.order_by("sequence")
    services.delete_step(gone.pk, actor=manager)
    type(kept).objects.filter(pk=kept.pk).update(planned_minutes=99)

    text = told(job)

    assert f"Job step {job} · 10 · Cutting Planned minutes: 25 → 99" in text
    assert f"Job step no. {gone.pk} deleted" in text
    assert "Process: Welding" in text


def test_a_roles_history_has_its_permissions_and_its_rights(told):
    role = Role.objects.get(code="operator")
    process = make_process(name="Engraving")
    RoleProcessPermission.objects.create(role=role, process=process, can_execute=True)
    release = Permission.objects.get(codename="release_job")
    role.group.permissions.add(release)
    role.group.permissions.remove(release)

    text = told(role)

    assert "Process: Engraving" in text
    assert "Can execute: Yes" in text
    assert text.count("Permission: Can release jobs to the floor") == 2


def test_a_machines_history_has_what_it_can_do(told):
    machine = factories.make_machine(make_process(name="Engraving"))
    machine.processes.clear()
    assert told(machine).count("Process: Engraving") == 2


def test_who_may_not_see_the_record_may_not_see_its_history(client, operator, viewer):
    job = make_job()
    client.force_login(viewer)
    assert client.get(address(job)).status_code == 200

    Role.objects.filter(pk=operator.role_id).update(has_office_access=True)
    client.force_login(operator)
    assert client.get(address(job), follow=True).redirect_chain  # As if it were not there.
    assert client.get(address(make_customer())).status_code == 403


def test_links_are_only_to_what_the_reader_may_see(client, manager):
    customer = make_customer()
    with request_of(manager):
        Customer.objects.filter(pk=customer.pk).update(city="Graz")
    page = reverse("admin:accounts_user_change", args=[manager.pk])
    trail = reverse("admin:audit_auditlog_changelist")

    client.force_login(manager)
    html = client.get(address(customer)).content.decode()
    assert page in html
    assert f"{trail}?q=request-" in html

    bare = make_user("viewer")
    accounts.save_role(
        bare.role,
        actor=make_user("administrator"),
        permissions=Permission.objects.filter(codename="view_customer"),
    )
    client.force_login(bare)
    html = client.get(address(customer)).content.decode()
    assert manager.full_name in html
    assert page not in html
    assert trail not in html


def test_a_deleted_records_history_is_there_for_those_who_read_the_trail(client, manager, viewer):
    customer = make_customer(name="Gone Ltd")
    key = customer.pk
    customer.delete()

    client.force_login(manager)
    text = words(client.get(address(customer, key)))
    assert f"History of customer no. {key}, deleted" in text
    assert "Deleted" in text
    assert "Name: Gone Ltd" in text

    client.force_login(viewer)
    assert client.get(address(customer, key)).status_code == 302
    client.force_login(manager)
    assert client.get(address(customer, 2**62)).status_code == 302


def test_a_record_from_before_the_trail_explains_itself(client, manager):
    client.force_login(manager)
    answer = client.get(address(make_customer()), {"until": "2020-01-01T00:00:00+00:00"})
    assert "Nothing is recorded about this customer." in words(answer)


def test_a_history_costs_the_same_for_two_changes_and_for_twenty(client, manager, assert_flat):
    client.force_login(manager)
    job = make_job(make_process(), make_process(), released=True)

    def grow(rows):
        for _ in range(rows):
            with request_of(manager):
                Job.objects.filter(pk=job.pk).update(customer=make_customer())
                job.steps.update(machine=factories.make_machine())

    def work():
        assert client.get(address(job)).status_code == 200

    assert assert_flat(grow=grow, work=work) <= 16


def test_a_long_history_has_pages(client, manager, monkeypatch):
    monkeypatch.setattr(history, "ROWS_ON_A_PAGE", 10)
    client.force_login(manager)
    customer = make_customer(city="0")
    for n in range(1, 25):
        Customer.objects.filter(pk=customer.pk).update(city=str(n))

    seen, place = [], address(customer)
    while place:
        html = client.get(place).content.decode()
        seen += re.findall(r"City:</span>\s*<span[^>]*>(\d+)</span>", html)
        older = re.search(r'href="(\?[^"]*)" rel="next"', html)
        place = older and address(customer) + older[1].replace("&amp;", "&")

    assert sorted(map(int, seen)) == [0, *range(24)]  # It began as 0, and each was once the old.


def test_the_office_keeps_no_second_history(client, manager):
    client.force_login(manager)
    customer = make_customer(name="Acme")
    page = reverse("admin:customers_customer_change", args=[customer.pk])
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"city": "Graz"}

    assert client.post(page, data).status_code == 302

    assert AuditLog.objects.filter(table="customers", action="update").exists()
    assert not LogEntry.objects.exists()


def test_the_front_page_shows_ones_own_latest_changes(client, manager, planner):
    client.force_login(manager)
    theirs, mine = make_customer(name="Theirs"), make_customer(name="Mine")
    with request_of(planner):
        Customer.objects.filter(pk=theirs.pk).update(city="Graz")
    with request_of(manager):
        Customer.objects.filter(pk=mine.pk).update(city="Graz")

    html = client.get(reverse("admin:index")).content.decode().split("Your latest changes")[1]

    assert "Mine" in html
    assert "Theirs" not in html


@pytest.mark.parametrize("table", sorted(kinds.audited_models()))
def test_every_kind_of_record_can_be_named(table):
    model = kinds.audited_models()[table]
    assert kinds.names_of(model, [1]).keys() <= {1}
    assert kinds.kind(table) == model._meta.verbose_name
    shown = admin.site._registry.get(model)
    for parts in shown.parts(model(pk=1)) if shown else ():
        assert parts.column in {field.column for field in parts.model._meta.concrete_fields}
