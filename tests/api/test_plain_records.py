"""What holds of every plain record: it is told, made, changed and deleted, by whoever may."""

import re
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.api.records import ByExternalId
from apps.audit.models import AuditLog
from apps.processes import services
from apps.processes.models import Process, RoleProcessPermission
from apps.processes.services import save_right
from tests.api.resources import RESOURCES, Resource, make_role
from tests.factories import make_process

pytestmark = pytest.mark.django_db

every = pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.name)
ORDERS = [(each, name) for each in RESOURCES for name in each.view.orderings]
PARAMETERS = [(each, name) for each in RESOURCES for name in each.view.listing.parameters]
BAD = [(each, name) for each in RESOURCES for name in each.bad]


def named(pairs):
    return [f"{resource.name} {name}" for resource, name in pairs]


def pointers(answer):
    return {each["pointer"] for each in answer.json()["errors"]}


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def flattened(value):
    """A reference as it is sent: its key."""
    if isinstance(value, list):
        return sorted(flattened(each) for each in value)
    return value["id"] if isinstance(value, dict) else value


def assert_told(told, sent, resource):
    for name in sent.keys() - resource.untold:
        assert flattened(told[name]) == flattened(sent[name]), name
    assert not resource.untold & told.keys()


def versions(resource):
    return list(resource.view.model.objects.order_by("pk").values_list("pk", "version"))


@every
def test_a_list_is_flat(resource: Resource, program, assert_flat):
    writing = program(resource.writer)

    def grow(rows):
        for _ in range(rows):
            resource.make()

    assert assert_flat(grow=grow, work=lambda: writing.get(resource.path)) == 1


@every
def test_a_record_takes_one_query(resource, program):
    writing = program(resource.writer)
    path = f"{resource.path}{resource.make().pk}/"
    writing.get(path)

    with CaptureQueriesContext(connection) as captured:
        answer = writing.get(path)

    assert answer.status_code == 200
    assert len(captured) == 1


@every
def test_a_record_is_made_changed_and_deleted(resource, program):
    writing = program(resource.writer)
    sent = resource.body()

    made = writing.post(resource.path, sent)
    assert made.status_code == 201, made.json()
    path = f"{resource.path}{made.json()['id']}/"
    assert made["Location"] == f"/api/v1/{path}"
    assert_told(made.json(), sent, resource)
    assert writing.get(path).json() == made.json()

    changed = writing.patch(path, resource.change, If_Match=made["ETag"])
    assert changed.status_code == 200, changed.json()
    assert_told(changed.json(), resource.change, resource)
    assert changed.json()["version"] > made.json()["version"]
    assert writing.patch(path, resource.change, If_Match=made["ETag"]).status_code == 412

    assert writing.delete(path).status_code == 428
    assert writing.delete(path, If_Match=changed["ETag"]).status_code == 204
    assert writing.get(path).status_code == 404


@every
def test_nothing_is_written_where_nothing_differs(resource, program):
    writing = program(resource.writer)
    made = writing.post(resource.path, resource.body()).json()
    path = f"{resource.path}{made['id']}/"
    same = {name: flattened(made[name]) for name in resource.change}
    before = AuditLog.objects.count(), versions(resource)

    for sent in ({}, same):
        answer = writing.patch(path, sent, If_Match="*")
        assert answer.status_code == 200, answer.json()
        assert answer.json() == made

    assert (AuditLog.objects.count(), versions(resource)) == before


@every
def test_whoever_may_only_look_changes_nothing(resource, program):
    viewing = program("viewer")
    body, record = resource.body(), resource.make()
    before = versions(resource)
    path = f"{resource.path}{record.pk}/"

    assert viewing.get(path).status_code == 200
    refused = [
        viewing.post(resource.path, body),
        viewing.patch(path, resource.change, If_Match="*"),
        viewing.delete(path, If_Match="*"),
    ]

    assert [(each.status_code, each.json()["code"]) for each in refused] == (
        [(403, "not_permitted")] * 3
    )
    assert versions(resource) == before


@every
def test_an_operator_reads_what_everyone_may(resource, program):
    operating = program("operator")
    record = resource.make()

    found = operating.get(f"{resource.path}{record.pk}/").status_code
    listed = operating.get(resource.path)

    expected = {"everyone": (200, 200), "permitted": (403, 403), "visible": (404, 200)}
    assert (found, listed.status_code) == expected[resource.reads]
    if resource.reads == "visible":
        assert ids(listed) == [operating.user.pk]


@every
def test_who_is_not_signed_in_reads_nothing(resource, client):
    assert client.get(f"/api/v1/{resource.path}").status_code == 401


@pytest.mark.parametrize(("resource", "name"), BAD, ids=named(BAD))
def test_bad_input_names_the_field_and_saves_nothing(resource, name, program):
    writing = program(resource.writer)
    sent = resource.body()
    before = versions(resource)

    answer = writing.post(resource.path, sent | {name: resource.bad[name]})

    assert answer.status_code == 400, answer.content
    assert {each.split("/")[1] for each in pointers(answer)} == {name}
    assert all(each["detail"] for each in answer.json()["errors"])
    assert versions(resource) == before


@every
def test_what_is_not_written_is_refused_by_name(resource, program):
    writing = program(resource.writer)
    taken = resource.view.item().fields
    derived = [name for name in resource.view.row.Meta.fields if name not in taken]
    path = f"{resource.path}{resource.make().pk}/"
    assert {"id", "version", "created_at"} <= set(derived)

    sent = dict.fromkeys([*derived, "colour"], 1)
    made = writing.post(resource.path, resource.body() | sent)
    changed = writing.patch(path, sent, If_Match="*")

    assert (made.status_code, changed.status_code) == (400, 400)
    assert pointers(made) == pointers(changed) == {f"#/{name}" for name in sent}


@pytest.mark.parametrize(("resource", "name"), PARAMETERS, ids=named(PARAMETERS))
def test_a_filter_finds_what_it_says(resource, name, program):
    writing = program(resource.writer)
    record, other = resource.make(), resource.make()
    root, _, lookup = name.partition("__")
    key = name if lookup == "isnull" else root
    values = [resource.finds(each)[key] for each in (record, other)]
    value = str(values[0]).replace("+", "%2B")

    found = ids(writing.get(f"{resource.path}?{name}={value}&limit=200"))

    assert (record.pk in found) == (lookup not in {"lt", "gt"})
    if not lookup and values[0] != values[1]:
        assert other.pk not in found


@pytest.mark.parametrize(("resource", "name"), ORDERS, ids=named(ORDERS))
def test_an_ordering_orders(resource, name, program):
    writing = program(resource.writer)
    for _ in range(3):
        resource.make()
    columns = resource.view.orderings[name]
    ascending = resource.view.model.objects.order_by(*columns, "pk").values_list("pk", flat=True)

    assert ids(writing.get(f"{resource.path}?ordering={name}")) == list(ascending)
    assert ids(writing.get(f"{resource.path}?ordering=-{name}")) == list(ascending)[::-1]


@pytest.mark.parametrize(("resource", "name"), ORDERS, ids=named(ORDERS))
def test_an_ordering_is_read_off_an_index(resource, name, db):
    for order in (name, f"-{name}"):
        columns = resource.view.listing.orders[order].order_by()
        with connection.cursor() as cursor:
            for shortcut in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{shortcut} = off")
        plan = resource.view.model.objects.order_by(*columns).values("pk")[:51].explain()

        assert "Index" in plan, plan
        assert not re.search(r"(?<!Incremental )Sort  ", plan), plan


@pytest.mark.parametrize(
    "resource", [each for each in RESOURCES if each.term], ids=lambda each: each.name
)
def test_a_search_finds(resource, program):
    writing = program(resource.writer)
    record = resource.make()
    resource.make()

    assert record.pk in ids(writing.get(f"{resource.path}?search={resource.term(record)}"))
    assert ids(writing.get(f"{resource.path}?search=nothing-like-that")) == []


def test_what_is_searched_has_a_term():
    assert all(bool(each.term) == each.view.searched for each in RESOURCES)


@pytest.mark.parametrize(
    "resource", [each for each in RESOURCES if each.referred], ids=lambda each: each.name
)
def test_what_is_referred_to_stays(resource, program):
    writing = program(resource.writer)
    record = resource.referred()

    answer = writing.delete(f"{resource.path}{record.pk}/", If_Match="*")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert writing.get(f"{resource.path}{record.pk}/").status_code == 200


@pytest.mark.parametrize(
    "resource",
    [each for each in RESOURCES if issubclass(each.view, ByExternalId)],
    ids=lambda each: each.name,
)
def test_another_systems_record_is_made_once(resource, program):
    writing = program(resource.writer)
    sent = resource.body()
    path = f"{resource.path}by-external-id/erp-1/"

    made, again = writing.put(path, sent), writing.put(path, sent)
    part = writing.put(path, {"name": "Renamed"})

    assert (made.status_code, again.status_code, part.status_code) == (201, 200, 200)
    assert again.json() == made.json()
    assert made.json()["external_id"] == "erp-1"
    assert part.json() == made.json() | {
        name: part.json()[name] for name in ("name", "version", "updated_at")
    }
    assert part.json()["name"] == "Renamed"


UNIQUE = {
    "customers": "code",
    "parts": "number",
    "machines": "code",
    "processes": "code",
    "reasons": "kind",
    "role-process-permissions": "role",
    "routings": "code",
    "users": "username",
    "roles": "name",
}


@pytest.mark.parametrize(
    "resource", [each for each in RESOURCES if each.name in UNIQUE], ids=lambda each: each.name
)
def test_what_is_there_already_is_refused_with_its_field(resource, program):
    writing = program(resource.writer)
    sent = resource.body()
    writing.post(resource.path, sent)
    before = versions(resource)

    answer = writing.post(resource.path, sent)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert pointers(answer) == {f"#/{UNIQUE[resource.name]}"}
    assert versions(resource) == before


def test_what_a_record_refers_to_may_go_before_the_commit(committed, program, monkeypatch):
    role, process = make_role(), make_process()
    managing = program("manager")

    def delete_first(record, **given):
        other = Thread(target=delete_process)
        other.start()
        other.join()
        save_right(record, **given)

    def delete_process():
        Process.objects.filter(pk=process.pk).delete()
        connection.close()

    monkeypatch.setattr(services, "save_right", delete_first)
    answer = managing.post("role-process-permissions/", {"role": role.pk, "process": process.pk})

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert not RoleProcessPermission.objects.exists()
