"""The conventions of every list and record, shown on jobs."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.jobs.models import Job
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_process,
    make_routing,
    permit,
)

pytestmark = pytest.mark.django_db


def pointers(answer):
    return [each["pointer"] for each in answer.json()["errors"]]


def test_a_record_tells_its_relations_by_name(planning):
    customer = make_customer(name="Acme")
    job = make_job(make_process(), customer=customer, due_date=date(2026, 3, 1), priority=3)

    answer = planning.get(f"jobs/{job.pk}/")

    told = answer.json()
    assert answer.status_code == 200
    assert told["customer"] == {"id": customer.pk, "name": "Acme"}
    assert told["part"] is None
    assert told["priority"] == "urgent"
    assert told["due_date"] == "2026-03-01"
    assert told["created_at"].endswith("Z")
    assert list(told)[:3] == ["id", "number", "external_id"]


def test_a_list_is_flat(planning, assert_flat):
    def grow(rows):
        for _ in range(rows):
            make_job(make_process())

    assert assert_flat(grow=grow, work=lambda: planning.get("jobs/")) == 1


def test_pages_follow_each_other_both_ways(planning):
    jobs = [make_job(title=f"Job {n}") for n in range(5)]

    first = planning.get("jobs/?limit=2&ordering=number").json()
    second = planning.get(first["next"]).json()
    back = planning.get(second["previous"]).json()

    assert [row["id"] for row in first["results"]] == [job.pk for job in jobs[:2]]
    assert [row["id"] for row in second["results"]] == [job.pk for job in jobs[2:4]]
    assert back["results"] == first["results"]
    assert back["previous"] is None


def test_a_cursor_of_another_query_is_refused(planning):
    for n in range(3):
        make_job(title=f"Job {n}")
    first = planning.get("jobs/?limit=1&ordering=number").json()
    cursor = first["next"].split("cursor=")[1].split("&")[0]

    answer = planning.get(f"jobs/?limit=1&cursor={cursor}")

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_cursor"


def test_unknown_and_bad_parameters_are_all_named(planning):
    answer = planning.get("jobs/?colour=red&status=finished")
    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["colour"]

    answer = planning.get(
        "jobs/?status=finished&due_date__lt=soon&limit=0&fields=colour&customer=x"
    )
    named = {each["parameter"]: each["detail"] for each in answer.json()["errors"]}
    assert set(named) == {"status", "due_date__lt", "limit", "fields", "customer"}
    assert "draft" in named["status"]


def test_filters_narrow(planning):
    late = make_job(make_process(), due_date=date(2020, 1, 1), released=True)
    draft = make_job(due_date=date(2020, 1, 1))
    without = make_job()

    def found(query):
        return sorted(row["id"] for row in planning.get(f"jobs/?{query}").json()["results"])

    assert found("overdue=true") == [late.pk]
    assert found("status=draft") == [draft.pk, without.pk]
    assert found("status=draft&status=active") == [late.pk, draft.pk, without.pk]
    assert found("due_date__lt=2020-01-02&status=draft") == [draft.pk]
    assert found(f"customer={draft.customer_id}") == [draft.pk]
    assert found(f"number={late.number}") == [late.pk]
    assert found("search=nothing%20like%20that") == []
    assert found(f"search={draft.number}") == [draft.pk]


def test_a_range_is_told_in_its_own_order(planning):
    first, last, middle = (make_job(due_date=date(2020, 1, day)) for day in (1, 9, 5))
    make_job()

    def found(query):
        return [row["id"] for row in planning.get(f"jobs/?{query}").json()["results"]]

    assert found("due_date__gt=2019-12-31") == [last.pk, middle.pk, first.pk]
    assert found("due_date__gt=2020-01-02&ordering=due_date") == [middle.pk, last.pk]


def test_a_range_is_refused_in_another_order_and_beside_another_range(planning):
    def named(query):
        answer = planning.get(f"jobs/?{query}")
        assert answer.status_code == 400
        return {each["parameter"]: each["detail"] for each in answer.json()["errors"]}

    said = named("due_date__gt=2020-01-01&ordering=number")
    assert said["ordering"].startswith("Choose due_date")
    said = named("due_date__gt=2020-01-01&updated_at__lt=2020-01-01T00:00:00Z&ordering=due_date")
    assert list(said) == ["due_date__gt", "updated_at__lt"]


def test_an_order_of_ranges_alone_needs_its_range(planning):
    assert planning.get("job-steps/?ordering=started_at").status_code == 400
    asked = "job-steps/?started_at__gt=2020-01-01T00:00:00Z&ordering=started_at"
    assert planning.get(asked).status_code == 200


def test_steps_of_a_job_come_in_their_sequence(planning):
    job = make_job(make_process(), make_process(), make_process())

    told = planning.get(f"job-steps/?job={job.pk}").json()["results"]

    assert [step["sequence"] for step in told] == [10, 20, 30]
    assert planning.get("job-steps/?ordering=sequence").status_code == 400


def test_fields_and_count(planning):
    make_job()
    make_job()

    told = planning.get("jobs/?fields=number,customer&limit=1&count=exact").json()

    assert list(told["results"][0]) == ["number", "customer"]
    assert told["count"] == 2
    assert planning.get("jobs/?count=estimated").json()["count"] == 2


def test_what_is_known_is_not_told_again(planning):
    job = make_job()
    for path in ("jobs/", f"jobs/{job.pk}/"):
        tag = planning.version(path)

        again = planning.get(path, If_None_Match=f'W/{tag}, "other"')

        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        assert planning.get(path, If_None_Match='"other"').status_code == 200


def test_a_job_is_made_from_a_routing(planning):
    customer, routing = make_customer(), make_routing(make_process(), make_process())

    answer = planning.post(
        "jobs/", {"customer": customer.pk, "routing": routing.pk, "quantity": 3, "priority": "high"}
    )

    told = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/jobs/{told['id']}/"
    assert (told["steps_total"], told["priority"], told["status"]) == (2, "high", "draft")


def test_bad_input_names_every_field_and_saves_nothing(planning):
    answer = planning.post(
        "jobs/", {"customer": 0, "quantity": -1, "priority": "asap", "colour": "red"}
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert pointers(answer) == ["#/colour"]

    answer = planning.post("jobs/", {"customer": 0, "quantity": -1, "priority": "asap"})
    assert set(pointers(answer)) == {"#/customer", "#/quantity", "#/priority"}
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'"x"', b"null", b"[" * 5000, b'{"a": NaN}', b"\xff"]
)
def test_a_body_that_is_no_object_is_refused(planning, body):
    answer = planning.client.post("/api/v1/jobs/", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_change_needs_the_present_version(planning):
    job = make_job(title="Old")
    path = f"jobs/{job.pk}/"
    tag = planning.version(path)

    assert planning.patch(path, {"title": "New"}).status_code == 428
    changed = planning.patch(path, {"title": "New"}, If_Match=tag)
    stale = planning.patch(path, {"title": "Newer"}, If_Match=tag)

    assert (changed.status_code, changed.json()["title"]) == (200, "New")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale.json()["details"]["current"] == changed.json()
    assert planning.patch(path, {"title": "X"}, If_Match=f"W/{changed['ETag']}").status_code == 200
    assert planning.patch(path, {"title": "Y"}, If_Match="*").status_code == 200


def test_a_draft_is_deleted_and_a_released_job_is_not(planning):
    draft, released = make_job(), make_job(make_process(), released=True)

    gone = planning.delete(f"jobs/{draft.pk}/", If_Match="*")
    refused = planning.delete(f"jobs/{released.pk}/", If_Match="*")

    assert (gone.status_code, gone.content) == (204, b"")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_draft")
    assert planning.get(f"jobs/{draft.pk}/").status_code == 404


def test_a_record_of_another_system_is_created_once_and_then_changed(planning):
    customer = make_customer()
    sent = {"customer": customer.pk, "quantity": 5, "title": "From the shop"}

    made = planning.put("jobs/by-external-id/web-17/", sent)
    same = planning.put("jobs/by-external-id/web-17/", sent)
    changed = planning.put("jobs/by-external-id/web-17/", {"title": "Renamed"})

    assert (made.status_code, same.status_code, changed.status_code) == (201, 200, 200)
    assert made["Location"] == f"/api/v1/jobs/{made.json()['id']}/"
    assert same.json() == made.json()
    assert changed.json()["title"] == "Renamed"
    assert changed.json()["external_id"] == "web-17"
    assert planning.put("jobs/by-external-id/web-17/", {"external_id": "x"}).status_code == 400


def test_the_life_of_a_job(planning):
    job = make_job(make_process())

    released = planning.post(f"jobs/{job.pk}/release/")
    again = planning.post(f"jobs/{job.pk}/release/")

    assert (released.status_code, released.json()["status"]) == (200, "active")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert again.json()["details"]["status"] == "active"
    assert planning.post(f"jobs/{job.pk}/hold/").json()["status"] == "on_hold"
    assert planning.post(f"jobs/{job.pk}/resume/").json()["status"] == "active"
    assert planning.post(f"jobs/{job.pk}/cancel/", {"why": "x"}).status_code == 400
    assert planning.post(f"jobs/{job.pk}/cancel/").json()["status"] == "cancelled"


def test_what_one_may_not_see_is_not_there(program):
    job = make_job(make_process(), released=True)
    operating, viewing = program("operator"), program("viewer")

    assert operating.get("jobs/").json()["results"] == []
    assert operating.get(f"jobs/{job.pk}/").status_code == 404
    assert operating.post(f"jobs/{job.pk}/hold/").status_code == 404
    assert viewing.post(f"jobs/{job.pk}/hold/").status_code == 403
    assert viewing.patch(f"jobs/{job.pk}/", {"title": "x"}).status_code == 403
    permit(operating.user, job.steps.get().process)
    assert [row["id"] for row in operating.get("jobs/").json()["results"]] == [job.pk]


def test_an_operator_works_a_step(program):
    operating = program("operator")
    step = make_job(make_process(needs_machine=False), released=True, quantity=10).steps.get()
    path = f"job-steps/{step.pk}/"
    assert operating.post(f"{path}start/").status_code == 404
    permit(operating.user, step.process)

    started = operating.post(f"{path}start/", {"kind": "setup"})
    reported = operating.post(f"{path}report/", {"quantity_good": 4})
    over = operating.post(f"{path}report/", {"quantity_good": 7})
    done = operating.post(f"{path}complete/", {"quantity_good": 7, "allow_over": True})

    assert (started.status_code, started.json()["status"]) == (200, "in_progress")
    assert started.json()["assigned_to"]["id"] == operating.user.pk
    assert reported.json()["quantity_good"] == 4
    assert (over.status_code, over.json()["code"]) == (409, "over_quantity")
    assert over.json()["details"] == {"planned": 10, "reported": 4, "given": 7}
    assert (done.json()["status"], done.json()["quantity_good"]) == ("completed", 11)


def test_a_list_streams_line_by_line(planning):
    jobs = [make_job() for _ in range(3)]

    answer = planning.get("jobs/?ordering=id&fields=id,number", Accept="application/x-ndjson")
    lines = b"".join(answer.streaming_content).splitlines()

    assert answer["Content-Type"] == "application/x-ndjson"
    assert len(lines) == 3
    assert lines[0] == f'{{"id":{jobs[0].pk},"number":"{jobs[0].number}"}}'.encode()
    assert planning.get("jobs/?limit=2", Accept="application/x-ndjson").status_code == 400


def test_who_is_not_signed_in_is_told_how(client):
    answer = client.get("/api/v1/jobs/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["title"] == "Unauthorized"


def test_a_method_that_is_not_there_names_those_that_are(planning):
    answer = planning.put("jobs/", {})

    assert answer.status_code == 405
    assert "POST" in answer["Allow"]


def test_a_key_makes_a_post_happen_once(planning):
    customer = make_customer()
    sent = {"customer": customer.pk, "quantity": 1}

    first = planning.post("jobs/", sent, Idempotency_Key="order-1")
    again = planning.post("jobs/", sent, Idempotency_Key="order-1")
    other = planning.post("jobs/", sent | {"quantity": 2}, Idempotency_Key="order-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Job.objects.count() == 1


def test_a_step_is_moved_in_seven_queries(program):
    operating, process, machine = program("operator"), make_process(), make_machine()
    machine.processes.add(process)
    permit(operating.user, process)
    job = make_job(process, process, released=True, quantity=10)
    job.steps.update(machine=machine)
    step = job.steps.order_by("sequence")[0]
    operating.get("job-steps/")  # What is cached is cached from here on.

    counts = {}
    for deed, body in (("start", {}), ("report", {"quantity_good": 1}), ("complete", {})):
        with CaptureQueriesContext(connection) as captured:
            answer = operating.post(f"job-steps/{step.pk}/{deed}/", body)
        assert answer.status_code == 200, answer.content
        asked = [query["sql"] for query in captured]
        counts[deed] = sum("SAVEPOINT" not in sql for sql in asked)

    assert counts == {"start": 7, "report": 6, "complete": 7}
