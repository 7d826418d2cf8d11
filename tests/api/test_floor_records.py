"""Work logs, help calls, attachments and notifications."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.jobs.models import TARGETS, Attachment, HelpCall
from apps.notifications.services import notify
from apps.notifications.states import NotificationKind
from tests.factories import (
    make_job,
    make_machine,
    make_part,
    make_process,
    make_routing,
    permit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def step():
    return make_job(make_process(needs_machine=False), released=True, quantity=5).steps.get()


@pytest.fixture
def operating(program, step):
    operating = program("operator")
    permit(operating.user, step.process)
    return operating


def test_an_operator_reads_own_logs_and_the_office_all(operating, planning, program, step):
    operating.post(f"job-steps/{step.pk}/start/")
    colleague = program("operator")

    own = operating.get("work-logs/?open=true").json()["results"]

    assert [log["step"] for log in own] == [{"id": step.pk, "sequence": step.sequence}]
    assert own[0]["job"]["number"] == step.job.number
    assert planning.get("work-logs/").json()["results"] == own
    assert colleague.get("work-logs/").json()["results"] == []
    assert colleague.get(f"work-logs/{own[0]['id']}/").status_code == 404
    assert planning.post("work-logs/", {}).status_code == 405


def test_help_is_called_and_answered_once(operating, program, step):
    supervising = program("supervisor")

    called = operating.post("help-calls/", {"step": step.pk, "note": "Tool broke"})
    path = f"help-calls/{called.json()['id']}/"

    assert called.status_code == 201
    assert operating.post(f"{path}answer/").status_code == 403
    assert supervising.post(f"{path}answer/").json()["answered_by"]["id"] == supervising.user.pk
    assert supervising.post(f"{path}answer/").status_code == 409
    assert operating.post("help-calls/", {}).status_code == 400
    assert program("operator").get(path).status_code == 404
    unseen = make_job(make_process(), released=True).steps.get()
    assert operating.post("help-calls/", {"step": unseen.pk}).status_code == 400
    assert HelpCall.objects.count() == 1


def send(program, **fields):
    return program.client.post("/api/v1/attachments/", fields)


def pdf(text=b""):
    return SimpleUploadedFile("plan.pdf", b"%PDF-1.7 " + text)


def test_a_file_is_kept_fetched_renamed_and_let_go(planning, program, step):
    sent = send(planning, upload=pdf(), title="Plan", step=step.pk)
    told = sent.json()
    path = f"attachments/{told['id']}/"

    assert sent.status_code == 201, sent.content
    assert (told["file_name"], told["step"]["id"], told["size"]) == ("plan.pdf", step.pk, 9)
    content = planning.get(told["content"])
    assert b"".join(content.streaming_content) == b"%PDF-1.7 "
    assert content["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert program("operator").get(told["content"]).status_code == 404
    assert planning.patch(path, {"title": "New"}, If_Match=sent["ETag"]).json()["title"] == "New"
    assert planning.delete(path, If_Match="*").status_code == 204
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", TARGETS)
def test_a_file_hangs_on_each_thing_it_may_and_is_listed_there(planning, step, name):
    targets = {
        "job": step.job,
        "step": step,
        "routing_step": make_routing(make_process()).steps.get(),
        "part": make_part(),
        "customer": step.job.customer,
        "machine": make_machine(),
    }
    sent = send(planning, upload=pdf(), **{name: targets[name].pk})

    assert sent.status_code == 201, sent.content
    assert sent.json()[name]["id"] == targets[name].pk
    listed = planning.get(f"attachments/?{name}={targets[name].pk}").json()["results"]
    assert [each["id"] for each in listed] == [sent.json()["id"]]


def test_what_cannot_be_kept_is_told_beside_the_field(planning, step):
    def pointers(answer):
        assert answer.status_code == 400
        return [each["pointer"] for each in answer.json()["errors"]]

    assert pointers(send(planning, title="x", step=step.pk)) == ["#/upload"]
    assert pointers(send(planning, upload=pdf())) == ["#"]
    assert pointers(send(planning, upload=pdf(), step=step.pk, job=step.job_id)) == ["#"]
    fake = SimpleUploadedFile("plan.pdf", b"<html>")
    assert pointers(send(planning, upload=fake, step=step.pk)) == ["#/upload"]
    empty = SimpleUploadedFile("plan.pdf", b"")
    assert pointers(send(planning, upload=empty, step=step.pk)) == ["#/upload"]


def test_a_file_sent_twice_under_one_key_is_kept_once(planning, step):
    def again(upload):
        return planning.client.post(
            "/api/v1/attachments/",
            {"upload": upload, "step": step.pk},
            headers={"Idempotency-Key": "file-1"},
        )

    first, second, other = again(pdf()), again(pdf()), again(pdf(b"other"))

    assert (first.status_code, second.content) == (201, first.content)
    assert other.status_code == 422
    assert Attachment.objects.count() == 1


def test_one_reads_ones_own_notifications(operating, program):
    for title in ("First", "Second", "Third"):
        notify(operating.user, kind=NotificationKind.STEP_ASSIGNED, title=title)
    unread = operating.get("notifications/?unread=true").json()["results"]
    path = f"notifications/{unread[0]['id']}/"

    assert [each["title"] for each in unread] == ["Third", "Second", "First"]
    assert operating.post(f"{path}read/").json()["read_at"]
    assert len(operating.get("notifications/?unread=true").json()["results"]) == 2
    assert operating.post("notifications/read-all/").json() == {"read": 2}
    assert operating.get("notifications/?unread=true").json()["results"] == []
    assert program("manager").get(path).status_code == 404
    assert program("manager").post(f"{path}read/").status_code == 404


def test_lists_are_flat(operating, planning, assert_flat, step):
    def grow(rows):
        for _ in range(rows):
            HelpCall.objects.create(
                machine=make_machine(), raised_by=operating.user, raised_at=step.created_at
            )
            notify(planning.user, kind=NotificationKind.STEP_ASSIGNED, title="x")
            send(planning, upload=pdf(), step=step.pk)

    for path in ("help-calls/", "attachments/", "notifications/"):
        assert assert_flat(grow=grow, work=lambda path=path: planning.get(path)) == 1
