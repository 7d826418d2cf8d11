"""The audit page: asked by filters that combine, bounded at any length, read by those who may."""

import re
from datetime import timedelta
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.audit import selectors
from apps.audit.models import AuditLog
from apps.audit.selectors import Question
from apps.backoffice import kinds
from apps.core.acting import Source, acting_as
from apps.customers.models import Customer
from apps.observability import indexes
from apps.shop.models import Shop
from apps.shop.selectors import cached_shop
from tests import factories
from tests.factories import make_customer, make_job, make_machine, make_user

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# The trail is written by hand, as its owner alone can.
by_hand = pytest.mark.usefixtures("as_tables_owner")
needs_owner = pytest.mark.usefixtures("as_tables_owner")  # Others cannot `write`.
PAGE = "/admin/audit/auditlog/"


@pytest.fixture
def ask(client, manager):
    """Return a function that asks the page as the manager and returns the changes it shows."""
    client.force_login(manager)

    def run(**query):
        answer = client.get(PAGE, query)
        assert answer.status_code == 200
        return [entry.row for entry, _ in answer.context["cl"].told]

    return run


def write(count, **columns):
    """Write rows of the trail directly, as its owner's triggers would."""
    given = {
        "actor_id": None,
        "source": "tasks",
        "request_id": "",
        "table": "job_steps",
        "row_id": 1,
        "action": "update",
        "age": timedelta(),
    } | columns
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO audit_logs (at, actor_id, source, request_id, "table", row_id, action,'
            " changes) SELECT clock_timestamp() - %(age)s - n * interval '1 millisecond',"
            " %(actor_id)s, %(source)s, %(request_id)s, %(table)s, %(row_id)s, %(action)s, '{}'"
            " FROM generate_series(1, %(count)s) n",
            given | {"count": count},
        )


def test_nobody_changes_it_and_only_those_who_may_read_it(client, administrator, planner):
    make_customer()
    client.force_login(administrator)
    answer = client.get(PAGE)
    html = answer.content.decode()
    assert not re.search(r'name="(action|_selected_action)" value|/add/"[^>]*>\s*Add change', html)
    listed = answer.context["cl"].model_admin
    for may in ("add", "change", "delete"):
        assert not getattr(listed, f"has_{may}_permission")(answer.wsgi_request)
    for page in ("add/", "1/change/", "1/delete/", "1/history/"):
        assert client.get(PAGE + page).status_code == 404
    rows = AuditLog.objects.count()
    client.post(PAGE, {"action": "delete_selected", "_selected_action": [1]})
    assert AuditLog.objects.count() >= rows

    client.force_login(planner)
    assert client.get(PAGE).status_code == 403
    assert client.get(PAGE + "who/").status_code == 403


def test_each_filter_narrows_and_all_combine(ask, manager, planner):
    with acting_as(planner.pk, Source.API, "request-of-planner"):
        theirs = make_customer(name="Theirs")
    with acting_as(manager.pk, Source.ADMIN, "request-of-manager"):
        mine = make_customer(name="Mine")
        Customer.objects.filter(pk=mine.pk).update(city="Graz")
        mine.delete()
    key = mine.pk or AuditLog.objects.filter(action="delete")[0].row_id

    by_planner = ask(who=planner.pk)
    assert [(row.table, row.row_id) for row in by_planner] == [("customers", theirs.pk)]
    assert {row.source for row in ask(source="api")} == {"api"}
    assert {row.table for row in ask(table="customers")} == {"customers"}
    assert [row.action for row in ask(action="delete", who=manager.pk)] == ["delete"]
    every = {"who": manager.pk, "table": "customers", "source": "admin", "action": "update"}
    assert [row.changes for row in ask(**every)] == [{"city": ["", "Graz"]}]
    assert ask(**every | {"source": "api"}) == []
    assert [row.row_id for row in ask(who=manager.pk, table="customers")] == [key] * 3


@needs_owner
@by_hand
def test_the_period_is_the_shops(ask):
    Shop.objects.update(time_zone="Pacific/Kiritimati")
    cached_shop.renew(Shop.ONLY)
    with timezone.override("Pacific/Kiritimati"):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    since = timezone.now() - midnight
    write(1, row_id=41, table="machines", age=since + timedelta(minutes=1))
    write(1, row_id=42, table="machines", age=since - timedelta(minutes=1))

    assert 42 in {row.row_id for row in ask(period="today", table="machines")}
    assert 41 not in {row.row_id for row in ask(period="today", table="machines")}
    assert {41, 42} <= {row.row_id for row in ask(table="machines")}


def test_months_can_be_chosen(client, ask):
    make_customer()
    month = f"{timezone.now():%Y-%m}"
    assert ask(period=month, table="customers")
    answer = client.get(PAGE)
    assert f"{timezone.now():%B %Y}" in answer.content.decode()


def test_a_record_is_found_by_its_number_or_code(ask):
    job, customer, machine = make_job(), make_customer(code="C-90001"), make_machine(code="M-77")
    user = make_user(username="ayse")

    for term, record in (
        (job.number, job),
        (job.number.lower(), job),
        ("C-90001", customer),
        ("M-77", machine),
        ("ayse", user),
    ):
        found = {(row.table, row.row_id) for row in ask(q=term)}
        assert found == {(record._meta.db_table, record.pk)}, term
    assert ask(q=job.number, table="machines") == []


@needs_owner
@by_hand
def test_a_request_is_found_by_its_id_and_a_row_leads_to_its_requests_others(client, ask, manager):
    with acting_as(manager.pk, Source.ADMIN, "request-number-0815"):
        customer = make_customer()
        Customer.objects.filter(pk=customer.pk).update(city="Graz")
    write(1, request_id="request-number-0815", row_id=9, age=timedelta(minutes=2))

    assert [row.row_id for row in ask(q="request-number-0815")] == [customer.pk] * 2 + [9]
    html = client.get(PAGE, {"table": "customers"}).content.decode()
    link = re.search(r'href="(\?q=request-number-0815[^"]*)"', html)[1].replace("&amp;", "&")
    answer = client.get(PAGE + link)
    assert [entry.row.row_id for entry, _ in answer.context["cl"].told] == [customer.pk] * 2
    assert "Only within a minute of" in answer.content.decode()


def test_what_names_nothing_says_so(client, manager):
    client.force_login(manager)
    html = client.get(PAGE, {"q": "no such"}).content.decode()
    assert "“no such” is the number or code of no record" in html
    html = client.get(PAGE, {"table": "shop", "action": "delete"}).content.decode()
    assert "Nothing of this kind happened in this time." in html


def test_records_and_people_are_named_and_linked_where_they_still_exist(client, manager):
    client.force_login(manager)
    with acting_as(manager.pk, Source.ADMIN):
        there, gone = make_customer(name="There Ltd"), make_customer(name="Gone Ltd")
        gone.delete()

    html = client.get(PAGE, {"who": manager.pk}).content.decode()

    assert reverse("admin:accounts_user_change", args=[manager.pk]) in html
    page = reverse("admin:customers_customer_history", args=[there.pk])
    assert re.search(rf'href="{page}">There Ltd</a>', html)
    assert "Gone Ltd" in html


def test_departed_users_can_be_chosen(client, manager):
    gone = make_user(full_name="Zeynep Gone", is_active=False)
    client.force_login(manager)
    answer = client.get(PAGE + "who/", {"term": "zey"})
    assert answer.json()["results"] == [{"id": str(gone.pk), "text": "Zeynep Gone"}]


@needs_owner
@by_hand
def test_conditions_that_combine_look_through_a_bounded_stretch(client, ask, monkeypatch):
    monkeypatch.setattr(selectors, "LOOK_AT_MOST", 40)
    write(60, source="tasks", table="job_steps")
    write(1, source="tasks", table="parts", age=timedelta(minutes=1))
    write(200, source="api", table="parts")

    answer = client.get(PAGE, {"source": "tasks", "table": "parts"})
    assert answer.context["cl"].told == []
    html = answer.content.decode()
    assert "Nothing of what was looked through is of this kind." in html
    further = re.search(r'href="(\?[^"]*until[^"]*)">Look further back', html)[1]
    answer = client.get(PAGE + further.replace("&amp;", "&"))
    assert [entry.row.table for entry, _ in answer.context["cl"].told] == ["parts"]
    assert "Look further back" not in answer.content.decode()


@needs_owner
@by_hand
def test_one_condition_alone_is_answered_in_full(client, manager, monkeypatch):
    monkeypatch.setattr(selectors, "LOOK_AT_MOST", 40)
    client.force_login(manager)
    write(60, source="worker")
    write(100, source="tasks")

    first = client.get(PAGE, {"source": "worker"}).context["cl"]
    second = client.get(PAGE + first.next_url).context["cl"]

    rest = AuditLog.objects.filter(source="worker").count() - 50  # Real workers have written too.
    assert rest >= 10
    assert [len(listed.told) for listed in (first, second)] == [50, min(rest, 50)]
    assert second.further_url == ""


CONDITIONS = {
    "table": "job_steps",
    "actor_id": 7,
    "source": "tasks",
    "action": "delete",
    "request_id": "request-7",
}


@needs_owner
@by_hand
@pytest.mark.parametrize(
    "names",
    [pair for size in range(6) for pair in combinations(CONDITIONS, size)],
    ids="+".join,
)
def test_no_question_counts_skips_or_sorts_the_trail(names):
    write(300, actor_id=7)
    question = Question(
        selectors.begins(), selectors.soon(), **{name: CONDITIONS[name] for name in names}
    )
    with CaptureQueriesContext(connection) as captured:
        answer = selectors.ask(question)
        rows = list(answer.rows.latest_first()[:51])
    assert len(captured) <= 5
    sql = " ".join(query["sql"] for query in captured.captured_queries)
    assert "COUNT(" not in sql
    assert {int(skipped) for skipped in re.findall(r"OFFSET (\d+)", sql)} <= {
        selectors.LOOK_AT_MOST - 1
    }
    for row in rows:
        assert all(getattr(row, name) == CONDITIONS[name] for name in names)


def test_the_page_counts_nothing_and_costs_the_same_for_many(client, manager, assert_flat):
    client.force_login(manager)

    def work():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE, {"table": "customers"}).status_code == 200
        assert not [q for q in captured.captured_queries if "COUNT(" in q["sql"]]

    def grow(rows):
        with acting_as(manager.pk, Source.TASKS):  # Names are read, as for what others left.
            for _ in range(rows):
                make_customer()

    assert assert_flat(grow=grow, work=work) <= 7


@needs_owner
@by_hand
def test_pages_follow_one_another_and_back(client, manager):
    client.force_login(manager)
    write(120, table="routings", source="import")
    seen, place, query = [], PAGE, "?source=import"
    for _ in range(3):
        answer = client.get(place + query)
        listed = answer.context["cl"]
        seen += [entry.row.pk for entry, _ in listed.told]
        query = listed.next_url
    assert len(set(seen)) == 120
    assert seen == list(
        AuditLog.objects.filter(source="import").latest_first().values_list("pk", flat=True)[:120]
    )
    before = client.get(place + listed.previous_url).context["cl"]
    assert [entry.row.pk for entry, _ in before.told] == seen[50:100]


@pytest.mark.parametrize(
    "query",
    [
        {"period": "2026-13"},
        {"period": "zzz"},
        {"who": "x"},
        {"who": "9" * 40},
        {"table": "pg_class"},
        {"source": "🙂"},
        {"around": "yesterday"},
        {"until": "0001-01-01T00:00:00+00:00"},
        {"around": "0001-01-01T00:00:00+00:00"},
        {"around": "9999-12-31T23:59:59+00:00"},
        {"q": "x" * 65_536},
        {"p": "zzz"},
    ],
    ids=str,
)
def test_no_address_breaks_the_page(client, administrator, query):
    make_customer()
    client.force_login(administrator)
    assert client.get(PAGE, query).status_code == 200


def test_what_a_record_is_found_by_leads_a_unique_index():
    led = {(i.table, i.keys[0]) for i in indexes.read_indexes(indexes.our_tables()) if i.is_unique}
    for table, model in kinds.audited_models().items():
        for column in kinds.known_by(model):
            assert (table, column) in led


@needs_owner
@by_hand
def test_every_change_of_every_table_can_be_told(client, administrator):
    factories.make_step()
    client.force_login(administrator)
    for table, _ in kinds.kinds():
        write(1, table=table, action="insert")
        assert client.get(PAGE, {"table": table}).status_code == 200
