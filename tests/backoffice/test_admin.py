"""The office's lists and forms: cheap at any size, guarded, through the services."""

import re
from datetime import date, timedelta
from itertools import chain

import pytest
from django.contrib import admin
from django.db.models import ForeignKey
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import ApiSession, ApiToken, SignInAttempts, Terminal
from apps.customers.models import Customer
from apps.jobs import services
from apps.jobs.models import TARGETS, Attachment, HelpCall, Job, WorkLog
from apps.machines.models import MachineDowntime
from apps.machines.states import ReasonKind
from apps.shop.models import Holiday, Shift
from tests import factories
from tests.factories import make_job, make_user

pytestmark = pytest.mark.django_db

APPS = {"accounts", "audit", "catalog", "customers", "jobs", "machines", "processes", "shop"}
OURS = [each for each in admin.site._registry.values() if each.opts.app_label in APPS]


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def grow_jobs(rows):
    planner = make_user("planner")
    for _ in range(rows):
        make_job(actor=planner, part=factories.make_part())


def grow_logs(rows):
    for _ in range(rows):
        step = make_job(released=True).steps.get()
        user, machine = make_user(), factories.make_machine()
        reason = factories.make_reason()
        WorkLog.objects.create(step=step, user=user, machine=machine, scrap_reason=reason)


def grow_help(rows):
    for _ in range(rows):
        step = make_job(released=True).steps.get()
        HelpCall.objects.create(
            step=step,
            machine=factories.make_machine(),
            raised_by=make_user(),
            raised_at=timezone.now(),
        )


def grow_downtimes(rows):
    for _ in range(rows):
        MachineDowntime.objects.create(
            machine=factories.make_machine(),
            reason=factories.make_reason(ReasonKind.DOWNTIME),
            started_at=timezone.now(),
            reported_by=make_user(),
        )


def grow_steps(rows):
    for _ in range(rows):
        step = make_job(released=True).steps.get()
        step.machine, step.assigned_to = factories.make_machine(), make_user()
        step.save(update_fields=["machine", "assigned_to"])


def grow_attachments(rows):
    for n in range(rows):
        step = make_job(released=True).steps.get()
        targets = {
            "job": step.job,
            "step": step,
            "routing_step": step.job.routing.steps.get(),
            "part": factories.make_part(),
            "customer": step.job.customer,
            "machine": factories.make_machine(),
        }
        name = list(TARGETS)[n % len(TARGETS)]
        Attachment.objects.create(
            **{name: targets[name]},
            file=f"attachments/{factories.number()}.pdf",
            file_name="drawing.pdf",
            size=1,
            uploaded_by=make_user(),
        )


def grow_tokens(rows):
    for _ in range(rows):
        ApiToken.objects.create(
            user=make_user(),
            created_by=make_user(),
            name="Gateway",
            digest=str(factories.number()),
            scopes=["read", "work"],
            expires_at=timezone.now(),
        )


def grow_sessions(rows):
    for _ in range(rows):
        ApiSession.objects.create(user=make_user(), expires_at=timezone.now())


def grow_attempts(rows):
    until = timezone.now() + timedelta(minutes=15)
    for _ in range(rows):
        name = f"user{factories.number()}"
        SignInAttempts.objects.create(username=name, taken=50, window_ends_at=until)


GROW = {
    "ApiSession": grow_sessions,
    "ApiToken": grow_tokens,
    "SignInAttempts": grow_attempts,
    "Terminal": lambda rows: [
        Terminal.objects.create(name=f"Tablet {factories.number()}") for _ in range(rows)
    ],
    "User": lambda rows: [make_user() for _ in range(rows)],
    "Role": lambda _rows: None,
    "Shift": lambda rows: [
        Shift.objects.create(name=f"S{factories.number()}", starts_at="06:00", ends_at="14:00")
        for _ in range(rows)
    ],
    "Holiday": lambda rows: [
        Holiday.objects.create(name="H", date=date(2030, 1, 1) + timedelta(days=factories.number()))
        for _ in range(rows)
    ],
    "Part": lambda rows: [factories.make_part() for _ in range(rows)],
    "Customer": lambda rows: [factories.make_customer() for _ in range(rows)],
    "Process": lambda rows: [factories.make_process() for _ in range(rows)],
    "Machine": lambda rows: [factories.make_machine() for _ in range(rows)],
    "Reason": lambda rows: [factories.make_reason() for _ in range(rows)],
    "MachineDowntime": grow_downtimes,
    "Routing": lambda rows: [
        factories.make_routing(part=factories.make_part()) for _ in range(rows)
    ],
    "RoutingStep": lambda rows: [
        factories.make_routing(factories.make_process()) for _ in range(rows)
    ],
    "Job": grow_jobs,
    "JobStep": grow_steps,
    "WorkLog": grow_logs,
    "HelpCall": grow_help,
    "Attachment": grow_attachments,
    "AuditLog": lambda rows: [factories.make_customer() for _ in range(rows)],
}
LISTED = [each for each in OURS if each.opts.object_name != "Shop"]
NOT_ADDED = {"WorkLog", "HelpCall", "JobStep", "RoutingStep", "ApiSession", "SignInAttempts"}
WITH_PAGES = [each for each in LISTED if each.opts.object_name != "AuditLog"]


@pytest.mark.parametrize("listed", LISTED, ids=lambda each: each.opts.object_name)
def test_every_list_costs_the_same_for_two_rows_and_twenty(
    listed, client, administrator, assert_flat
):
    client.force_login(administrator)
    address = url(listed.model, "changelist")
    if listed.opts.object_name == "AuditLog":
        # It asks once for each kind of record that it names, and other tests have left some.
        address += "?table=customers"

    def work():
        assert client.get(address).status_code == 200

    assert assert_flat(grow=GROW[listed.opts.object_name], work=work) <= 8


@pytest.mark.parametrize("each", OURS, ids=lambda each: each.opts.object_name)
def test_no_form_renders_a_select_of_a_whole_table(each):
    keys = {f.name for f in each.opts.local_fields if isinstance(f, ForeignKey) and f.editable}
    shown = {*each.autocomplete_fields, *each.readonly_fields}
    fixed = {"RoutingStep", "WorkLog", "HelpCall", "ApiSession"}  # Read only altogether.
    assert keys <= shown or each.opts.object_name in fixed
    for inline in each.inlines:
        keys = {f.name for f in inline.model._meta.local_fields if isinstance(f, ForeignKey)}
        shown = {name for name in inline.fields if name in keys}
        assert shown <= {*inline.autocomplete_fields, *(inline.readonly_fields or ())}


@pytest.mark.parametrize("listed", WITH_PAGES, ids=lambda each: each.opts.object_name)
def test_every_add_and_change_form_opens_and_every_search_answers(listed, client, administrator):
    client.force_login(administrator)
    GROW[listed.opts.object_name](2)
    if listed.opts.object_name not in NOT_ADDED:
        assert client.get(url(listed.model, "add")).status_code == 200
    row = listed.model.objects.first()
    assert client.get(url(listed.model, "change", row.pk)).status_code == 200
    for term in ("a", "machine", "JOB-000001", "%_'\"", "\x00"):
        answer = client.get(url(listed.model, "changelist"), {"q": term}, follow=True)
        assert answer.status_code < 500


def test_pages_follow_one_another_without_numbers(client, planner):
    client.force_login(planner)
    Customer.objects.bulk_create(Customer(name=f"C{n:03}") for n in range(120))
    address = url(Customer, "changelist")
    seen, page = [], client.get(address)
    for _ in range(3):
        html = page.content.decode()
        seen.append(re.findall(r">(C\d{3})</a>", html))
        following = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if following:
            page = client.get(address + following[1].replace("&amp;", "&"))
    assert [len(part) for part in seen] == [50, 50, 20]
    assert list(chain.from_iterable(seen)) == [f"C{n:03}" for n in range(120)]
    before = re.search(r'href="(\?[^"]*)" rel="prev"', page.content.decode())
    back = client.get(address + before[1].replace("&amp;", "&")).content.decode()
    assert re.findall(r">(C\d{3})</a>", back) == seen[1]


def form(customer, **changed):
    names = ("name", "code", "contact_name", "email", "phone", "address", "city", "country")
    data = {name: getattr(customer, name) for name in (*names, "tax_number", "notes")}
    return data | {"external_id": "", "is_active": "on", "seen_version": customer.version} | changed


def test_a_form_saves_only_what_was_changed(client, planner):
    client.force_login(planner)
    customer = factories.make_customer(phone="1")
    opened = form(customer, name="Renamed")

    answer = client.post(url(Customer, "change", customer.pk), opened)

    customer.refresh_from_db()
    assert (answer.status_code, customer.name, customer.version) == (302, "Renamed", 2)


def test_a_stale_form_is_shown_again_with_what_was_typed_and_what_is_stored(client, planner):
    client.force_login(planner)
    customer = factories.make_customer(name="First")
    opened = form(customer, name="Mine")
    Customer.objects.filter(pk=customer.pk).update(name="Theirs")
    address = url(Customer, "change", customer.pk)

    answer = client.post(address, opened)

    html = answer.content.decode()
    assert "Someone saved this record while you had it open" in html
    assert 'value="Mine"' in html
    assert "Theirs" in html
    assert Customer.objects.get().name == "Theirs"

    version = re.search(r'name="seen_version" value="(\d+)"', html)[1]
    assert client.post(address, opened | {"seen_version": version}).status_code == 302
    assert Customer.objects.get().name == "Mine"


def test_a_customer_without_a_code_gets_the_next(client, planner):
    client.force_login(planner)
    data = form(Customer(name="New one", code=""))
    del data["seen_version"]

    answer = client.post(url(Customer, "add"), data)

    assert answer.status_code == 302
    assert re.fullmatch(r"C-\d{5}", Customer.objects.get().code)


def test_a_record_in_use_is_not_deleted_and_says_to_deactivate_it(client, manager):
    client.force_login(manager)
    customer = make_job().customer

    answer = client.post(url(Customer, "delete", customer.pk), {"post": "yes"}, follow=True)

    assert "Deactivate it instead" in answer.content.decode()
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_an_unused_record_is_deleted(client, manager):
    client.force_login(manager)
    customer = factories.make_customer()

    client.post(url(Customer, "delete", customer.pk), {"post": "yes"})

    assert not Customer.objects.exists()


def test_people_without_office_access_are_sent_home(client, operator):
    client.force_login(operator)
    assert client.get(reverse("admin:index")).status_code == 302
    assert client.get(url(Customer, "changelist")).status_code == 302


def test_a_viewer_sees_and_changes_nothing(client, viewer):
    client.force_login(viewer)
    job = make_job()
    assert client.get(url(Job, "change", job.pk)).status_code == 200
    assert client.post(url(Job, "change", job.pk), {"title": "x"}).status_code == 403
    assert client.get(url(Job, "add")).status_code == 403


def test_a_job_is_made_and_released_from_its_form(client, planner):
    client.force_login(planner)
    routing = factories.make_routing(factories.make_process())
    customer = factories.make_customer()

    answer = client.post(
        url(Job, "add"),
        {
            "customer": customer.pk,
            "routing": routing.pk,
            "part": "",
            "title": "",
            "quantity": "12",
            "priority": "2",
            "due_date": "2030-01-01",
            "notes": "",
            "external_id": "",
        },
    )
    job = Job.objects.get()
    assert (answer.status_code, job.steps_total, job.created_by) == (302, 1, planner)

    client.post(reverse("admin:jobs_job_do", args=[job.pk, "release"]))
    job.refresh_from_db()
    assert job.status == "active"


def test_the_list_action_reports_refusals_and_keeps_going(client, planner):
    client.force_login(planner)
    draft, active = make_job(), make_job(released=True)

    answer = client.post(
        url(Job, "changelist"),
        {"action": "release", "_selected_action": [draft.pk, active.pk]},
        follow=True,
    )

    said = [str(message) for message in answer.context["messages"]]
    assert said == [f"{active} is active; it cannot be released.", "1 released."]


def test_only_offered_actions_are_on_the_list(client, viewer, supervisor):
    make_job()
    client.force_login(viewer)
    assert b'value="release"' not in client.get(url(Job, "changelist")).content


def test_a_stale_job_form_does_not_undo_a_release(client, planner):
    client.force_login(planner)
    job = make_job(actor=planner)
    page = client.get(url(Job, "change", job.pk))
    data = {
        name: value if value is not None else ""
        for name, value in page.context["adminform"].form.initial.items()
    }
    data |= {"title": "Typed before the release", "seen_version": job.version}
    data |= {"steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0}
    services.release_job(job.pk, actor=planner)

    client.post(url(Job, "change", job.pk), data)

    job.refresh_from_db()
    assert (job.status, job.title) == ("active", "Typed before the release")


def test_the_late_filter_shows_what_is_past_its_due_date(client, planner):
    client.force_login(planner)
    late = make_job(actor=planner, released=True, due_date=date(2020, 1, 1))
    make_job(actor=planner, released=True, due_date=date(2999, 1, 1))
    make_job(actor=planner, due_date=date(2020, 1, 1))

    page = client.get(url(Job, "changelist"), {"late": "yes"})

    assert [job.pk for job in page.context["cl"].result_list] == [late.pk]


def test_autocomplete_offers_only_what_is_in_use(client, planner):
    client.force_login(planner)
    factories.make_customer(name="Aksoy Steel")
    factories.make_customer(name="Aksoy Old", is_active=False)

    answer = client.get(
        reverse("admin:autocomplete"),
        {"term": "aks", "app_label": "jobs", "model_name": "job", "field_name": "customer"},
    )

    assert [found["text"] for found in answer.json()["results"]] == ["Aksoy Steel"]
