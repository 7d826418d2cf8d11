"""Files: what is kept, under which name, who may see it, and how it is handed out."""

import hashlib
import io
import re
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.urls import reverse

from apps.accounts.models import Role
from apps.accounts.services import save_role
from apps.core.errors import InUse, Invalid, NotPermitted
from apps.core.records import delete_record
from apps.jobs import services
from apps.jobs.errors import EmptyFile, FileTooLarge, FileTypeNotAllowed
from apps.jobs.models import TARGETS, Attachment, Job, JobStep, RoutingStep
from apps.jobs.services.uploads import KINDS, MOST_BYTES, clean_name
from tests.factories import (
    make_job,
    make_machine,
    make_part,
    make_process,
    make_routing,
    make_step,
    make_user,
    permit,
)

pytestmark = pytest.mark.django_db


def package(*parts):
    """Return a zip with such parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>" * 100)
    return content.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
STEP = b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
IGES = f"{'A bracket':72}S      1\n".encode()
RIGHT = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPG,
    "jpeg": JPG,
    "gif": b"GIF89a\x01\x00\x01\x00",
    "webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L",
    "txt": b"Entgraten, 2 < 3 mm\n",
    "csv": b"\xef\xbb\xbfpart;quantity\r\nA-1;5\r\n",
    "xlsx": package("xl/workbook.xml"),
    "docx": package("word/document.xml"),
    "dxf": b"999\r\nMade by a drawing program\r\n  0\r\nSECTION\r\n  2\r\nHEADER\r\n",
    "step": STEP,
    "stp": STEP,
    "igs": IGES,
    "iges": IGES,
}
HTML = b"<!DOCTYPE html><script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00"


@pytest.fixture(autouse=True)
def media(tmp_path):
    """Keep the files of a test in a folder of its own."""
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


def stored(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def upload(name="drawing.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def attach(actor, target, name="drawing.pdf", content=PDF, **given):
    return services.attach_file(actor=actor, target=target, upload=upload(name, content), **given)


@pytest.fixture
def job(planner):
    return make_job(actor=planner)


# What is kept.


def test_a_file_is_kept_with_what_is_known_of_it_under_a_name_of_ours(planner, job, media):
    kept = attach(planner, job, "C:\\Users\\me\\Drawing  1.PDF", title=" Rev\x00 B ")

    kept = Attachment.objects.get(pk=kept.pk)
    assert (kept.target, kept.title, kept.file_name) == (job, "Rev B", "Drawing 1.PDF")
    assert (kept.size, kept.content_type) == (len(PDF), "application/pdf")
    assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (kept.uploaded_by, str(kept)) == (planner, "Rev B")
    assert re.fullmatch(r"attachments/\d{4}/\d{2}/[0-9a-f]{32}\.pdf", kept.file.name)
    assert [path.read_bytes() for path in stored(media)] == [PDF]


def test_a_file_hangs_on_each_thing_it_may(planner):
    step = make_step()
    targets = {
        "job": step.job,
        "step": step,
        "routing_step": RoutingStep.objects.get(),
        "part": make_part(),
        "customer": step.job.customer,
        "machine": make_machine(),
    }
    assert targets.keys() == TARGETS.keys()
    for name, target in targets.items():
        kept = attach(planner, target)
        assert (getattr(kept, name), kept.target) == (target, target)


def test_the_database_refuses_a_file_on_nothing_on_two_things_and_without_size(planner, job):
    kept = attach(planner, job)
    for false in ({"job": None}, {"machine": make_machine()}, {"size": 0}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Attachment.objects.filter(pk=kept.pk).update(**false)
    kept.pk = None  # Two rows with one file.
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.save(force_insert=True)


@pytest.mark.parametrize("extension", RIGHT)
def test_each_kind_is_kept_when_its_bytes_are_of_it(planner, job, extension):
    kept = attach(planner, job, f"file.{extension}", RIGHT[extension])
    assert kept.content_type == KINDS[extension].content_type
    assert kept.file.name.endswith(f".{extension}")


def test_every_kind_that_is_kept_is_tried():
    assert RIGHT.keys() == KINDS.keys()


@pytest.mark.parametrize("extension", RIGHT)
@pytest.mark.parametrize("content", [HTML, b"\n \t" + HTML, b"\xef\xbb\xbf " + HTML, SVG, EXE])
def test_no_page_drawing_with_scripts_or_program_passes_by_its_name(
    planner, job, media, extension, content
):
    with pytest.raises(FileTypeNotAllowed) as refused:
        attach(planner, job, f"file.{extension}", content)
    assert (refused.value.code, refused.value.field) == ("file_type_not_allowed", "upload")
    assert stored(media) == []


@pytest.mark.parametrize("pretended", sorted(RIGHT.keys() - {"txt", "csv"}))
def test_a_kind_under_the_name_of_another_is_refused(planner, job, pretended):
    kind = KINDS[pretended]
    for content in (right for name, right in RIGHT.items() if KINDS[name] is not kind):
        with pytest.raises(FileTypeNotAllowed, match="is not what its name says"):
            attach(planner, job, f"file.{pretended}", content)


@pytest.mark.parametrize("start", [PNG, JPG, RIGHT["gif"], PDF, RIGHT["webp"]])
def test_a_picture_that_would_pass_for_a_page_is_refused(planner, job, start):
    for page in (HTML, SVG, b"<HTML>", b"<iframe src=//x>"):
        extension = next(name for name, content in RIGHT.items() if content == start)
        with pytest.raises(FileTypeNotAllowed):
            attach(planner, job, f"file.{extension}", start + page)


def test_a_text_with_a_binary_tail_is_refused(planner, job):
    for extension in ("txt", "csv", "dxf", "step", "igs"):
        with pytest.raises(FileTypeNotAllowed):
            attach(planner, job, f"file.{extension}", RIGHT[extension] + b"x" * 100_000 + b"\x00")


@pytest.mark.parametrize(
    "content",
    [
        package("xl/workbook.xml", "xl/vbaProject.bin"),
        package("word/document.xml"),
        package("evil.exe"),
        b"PK\x03\x04 xl/workbook.xml",
        b"MZ" + package("xl/workbook.xml"),
    ],
    ids=["macros", "another package", "any zip", "no directory", "a program before it"],
)
def test_a_workbook_is_a_package_with_a_workbook_and_no_macros(planner, job, content):
    with pytest.raises(FileTypeNotAllowed):
        attach(planner, job, "book.xlsx", content)


@pytest.mark.parametrize(
    "name",
    ["a.svg", "a.html", "a.exe", "a.pdf.exe", "a.pdf\x00.html", "pdf", ".pdf", "", "a.", "a.zip"],
)
def test_a_name_of_another_type_is_refused_and_told_which_are_kept(planner, job, name):
    with pytest.raises(FileTypeNotAllowed, match="These are: pdf, png"):
        services.attach_file(actor=planner, target=job, upload=ContentFile(PDF, name=name))


def test_an_empty_file_is_refused(planner, job, media):
    with pytest.raises(EmptyFile) as refused:
        attach(planner, job, content=b"")
    assert (refused.value.status, refused.value.field) == (400, "upload")
    assert stored(media) == []


def test_twenty_megabytes_are_kept_and_one_byte_more_is_refused(planner, job, media):
    most = PDF + b" " * (20 * 1024 * 1024 - len(PDF))
    assert attach(planner, job, content=most).size == 20 * 1024 * 1024 == MOST_BYTES
    with pytest.raises(FileTooLarge) as refused:
        attach(planner, job, content=most + b" ")
    assert (refused.value.code, refused.value.field) == ("file_too_large", "upload")
    assert len(stored(media)) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\boot.txt", "boot.txt"),
        ("/etc/cron.d/a.txt", "a.txt"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie: x.txt"),
        ("a\x00b.txt", "a b.txt"),
        ("exe.\u202etxt.pdf", "exe. txt.pdf"),
        ("  .hidden.txt ", "hidden.txt"),
        ("Zeichnu\u0308ng.pdf", "Zeichnüng.pdf"),
        ("図面.pdf", "図面.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("\x00\x01", "file"),
        ("", "file"),
    ],
)
def test_a_file_name_has_no_path_nothing_unseen_and_an_end(typed, kept):
    assert clean_name(typed) == kept


def test_a_hostile_name_is_stored_under_ours(planner, job, media):
    kept = services.attach_file(
        actor=planner, target=job, upload=ContentFile(PDF, name="../../../up.pdf")
    )
    assert kept.file_name == "up.pdf"
    assert [path.parents[3] for path in stored(media)] == [media]


def test_a_title_too_long_is_told_beside_it(planner, job):
    with pytest.raises(Invalid) as refused:
        attach(planner, job, title="x" * 161)
    assert refused.value.field == "title"


def test_a_failure_to_write_leaves_no_row_and_no_file(planner, job, media, monkeypatch):
    def fail(self, name, content):
        (media / "attachments").mkdir(exist_ok=True)
        Path(self.path(name)).parent.mkdir(parents=True)
        Path(self.path(name)).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fail)
    with pytest.raises(OSError, match="No space"):
        attach(planner, job)
    assert not Attachment.objects.exists()
    assert stored(media) == []


def test_a_target_that_is_gone_leaves_no_row_and_no_file(planner, job, media, monkeypatch):
    monkeypatch.setattr("apps.jobs.policies.require_visible_target", lambda *_: None)
    gone = Job(pk=10**9)
    with pytest.raises(InUse):
        attach(planner, gone)
    assert not Attachment.objects.exists()
    assert stored(media) == []


# Letting go.


def test_the_file_goes_when_the_removal_is_committed_and_not_before(
    planner, job, media, django_capture_on_commit_callbacks
):
    kept = attach(planner, job)
    with django_capture_on_commit_callbacks() as callbacks:
        services.remove_attachment(kept.pk, actor=planner)
    assert not Attachment.objects.exists()
    assert len(stored(media)) == 1
    for callback in callbacks:
        callback()
    assert stored(media) == []


def test_a_removal_rolled_back_keeps_the_file(
    planner, job, media, django_capture_on_commit_callbacks
):
    kept = attach(planner, job)
    with (
        django_capture_on_commit_callbacks(execute=True) as callbacks,
        suppress(ZeroDivisionError),
        transaction.atomic(),
    ):
        services.remove_attachment(kept.pk, actor=planner)
        _ = 1 / 0
    assert callbacks == []
    assert Attachment.objects.get() == kept
    assert len(stored(media)) == 1


def test_a_draft_takes_its_files_and_its_steps_files_with_it(
    planner, media, django_capture_on_commit_callbacks
):
    process = make_process()
    job = make_job(process, process, process, actor=planner)
    first, second, third = job.steps.all()
    other = attach(planner, make_job(actor=planner))
    for target in (job, first, second, third):
        attach(planner, target)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_step(first.pk, actor=planner)
    assert len(stored(media)) == 4

    with django_capture_on_commit_callbacks(execute=True):
        job.routing = make_routing(process)
        services.save_job(job, actor=planner, fields=["routing"])
    assert Attachment.objects.exclude(pk=other.pk).get().target == job

    attach(planner, job.steps.get())
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_job(job.pk, actor=planner)
    assert Attachment.objects.get() == other
    assert [path.name for path in stored(media)] == [Path(other.file.name).name]


def test_a_part_with_a_file_is_in_use(manager):
    part = make_part()
    attach(manager, part)
    with pytest.raises(InUse):
        delete_record(part, actor=manager)


# Who may.


@pytest.mark.parametrize("role", ["administrator", "manager", "planner"])
def test_who_plans_attaches_and_removes(role, job):
    user = make_user(role)
    services.remove_attachment(attach(user, job).pk, actor=user)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("role", ["supervisor", "operator", "viewer"])
def test_others_neither_attach_nor_remove(role, planner, job, media):
    user, kept = make_user(role), attach(planner, job)
    with pytest.raises(NotPermitted):
        attach(user, job)
    with pytest.raises(NotPermitted):
        services.remove_attachment(kept.pk, actor=user)
    assert len(stored(media)) == 1


def office_role(*codenames):
    """Return a user of a role of its own, which may only this of attachments."""
    role = Role(name="Archivist")
    permissions = Permission.objects.filter(codename__in=codenames)
    save_role(role, actor=make_user("administrator"), permissions=permissions)
    user = make_user()
    user.role = role
    user.save(update_fields=["role"])
    return type(user).objects.get(pk=user.pk)


def test_nobody_attaches_to_or_removes_from_what_they_may_not_see(planner, job):
    archivist = office_role("add_attachment", "delete_attachment")
    kept = attach(planner, job)
    with pytest.raises(NotPermitted, match="may not attach") as refused:
        attach(archivist, job)
    assert refused.value.field == "job"
    with pytest.raises(Attachment.DoesNotExist):
        services.remove_attachment(kept.pk, actor=archivist)
    machine = make_machine()
    assert attach(archivist, machine).target == machine


@pytest.fixture
def scene(planner):
    """Two released jobs, each with files on the job, its step, part, routing step, customer."""
    files = {}
    for whose in ("mine", "theirs"):
        process = make_process()
        step = make_job(process, part=make_part(), actor=planner, released=True).steps.get()
        targets = [step.job, step, step.job.part, step.job.routing.steps.get(), step.job.customer]
        names = ("job", "step", "part", "routing_step", "customer")
        for name, target in zip(names, targets, strict=True):
            files[f"{whose} {name}"] = attach(planner, target)
    files["machine"] = attach(planner, make_machine())
    return files


def seen_by(user, files):
    seen = set(Attachment.objects.visible_to(user))
    return {name for name, kept in files.items() if kept in seen}


OWN = {"mine job", "mine step", "mine part", "mine routing_step", "machine"}


@pytest.mark.parametrize("role", ["administrator", "manager", "planner", "supervisor", "viewer"])
def test_who_sees_all_sees_every_file(role, scene):
    assert seen_by(make_user(role), scene) == scene.keys()


def test_an_operator_sees_the_files_of_their_processes_work(operator, scene):
    assert seen_by(operator, scene) == {"machine"}
    permit(operator, scene["mine step"].step.process, "can_view")
    assert seen_by(operator, scene) == OWN


def test_an_operator_sees_the_files_of_what_is_assigned(operator, scene):
    JobStep.objects.filter(pk=scene["mine step"].step_id).update(assigned_to=operator)
    assert seen_by(operator, scene) == OWN - {"mine routing_step"}


# Handing out.


def address(kept):
    return reverse("attachment-download", args=[kept.pk])


def fetch(client, kept, **headers):
    """Return the answer and all of its bytes; the file is closed at their end."""
    answer = client.get(address(kept), headers=headers)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, body


def test_a_file_is_a_download_and_never_a_page_of_ours(client, planner, job):
    kept = attach(planner, job, 'Zeichnüng; "1".pdf')
    client.force_login(planner)

    answer, body = fetch(client, kept)

    assert (answer.status_code, body) == (200, PDF)
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Zeichn%C3%BCng")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Length"] == str(len(PDF))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["X-Frame-Options"] == "DENY"


def test_what_the_browser_has_already_is_not_sent_again(client, planner, job):
    kept = attach(planner, job)
    client.force_login(planner)
    first, _ = fetch(client, kept)
    again, body = fetch(client, kept, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, body) == (304, b"")
    assert again.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_own_other_and_missing_files(client, operator, scene):
    permit(operator, scene["mine step"].step.process, "can_view")
    client.force_login(operator)
    for name, kept in scene.items():
        answer, _ = fetch(client, kept)
        assert answer.status_code == (200 if name in OWN else 404), name
    for missing in (10**9, 10**30):
        assert client.get(f"/files/{missing}/").status_code == 404


def test_a_stranger_is_sent_to_sign_in_and_nothing_is_posted(client, planner, job):
    kept = attach(planner, job)
    answer = client.get(address(kept))
    assert answer.headers["Location"] == f"/login/?next={address(kept)}"
    client.force_login(planner)
    assert client.post(address(kept)).status_code == 405


def test_a_row_whose_file_is_gone_is_not_found(client, planner, job, media, caplog):
    kept = attach(planner, job)
    client.force_login(planner)
    for path in stored(media):
        path.unlink()
    assert client.get(address(kept)).status_code == 404
    assert f"The file of attachment {kept.pk} is gone." in caplog.messages


# The office.

ADD = "admin:jobs_attachment_add"


def typed(content=PDF, name="drawing.pdf", **fields):
    return {"upload": upload(name, content), "title": ""} | dict.fromkeys(TARGETS, "") | fields


def test_the_office_attaches_renames_and_removes(
    client, planner, job, media, django_capture_on_commit_callbacks
):
    client.force_login(planner)
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    attach_here = f"{reverse(ADD)}?job={job.pk}"
    assert attach_here in page
    assert f'<option value="{job.pk}" selected>' in client.get(attach_here).content.decode()

    assert client.post(reverse(ADD), typed(job=job.pk, title="Drawing")).status_code == 302
    kept = Attachment.objects.get()
    assert (kept.target, kept.title, kept.uploaded_by) == (job, "Drawing", planner)
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    assert f'<a href="{address(kept)}">drawing.pdf</a>' in page

    change = reverse("admin:jobs_attachment_change", args=[kept.pk])
    renamed = {"title": "Old drawing", "seen_version": kept.version, "machine": make_machine().pk}
    assert client.post(change, renamed).status_code == 302
    kept.refresh_from_db()
    assert (kept.title, kept.target, kept.version) == ("Old drawing", job, 2)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:jobs_attachment_delete", args=[kept.pk]), {"post": "yes"})
    assert not Attachment.objects.exists()
    assert stored(media) == []


def test_an_upload_too_large_for_memory_is_kept_whole(client, planner, job, media):
    client.force_login(planner)
    large = PDF + bytes(range(256)) * 12_000
    assert len(large) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    assert client.post(reverse(ADD), typed(large, job=job.pk)).status_code == 302
    assert Attachment.objects.get().sha256 == hashlib.sha256(large).hexdigest()
    assert [path.read_bytes() == large for path in stored(media)] == [True]


def test_the_office_says_a_refusal_beside_the_file(client, planner, job, media):
    client.force_login(planner)
    answer = client.post(reverse(ADD), typed(HTML, "picture.png", job=job.pk))
    errors = answer.context["adminform"].form.errors
    assert [*errors] == ["upload"]
    assert "is no png file" in errors["upload"][0]
    assert stored(media) == []


@pytest.mark.parametrize("count", [0, 2])
def test_the_office_asks_for_exactly_one_thing(client, planner, job, count):
    client.force_login(planner)
    chosen = {"job": job.pk, "customer": job.customer_id} if count else {}
    answer = client.post(reverse(ADD), typed(**chosen))
    said = answer.context["adminform"].form.non_field_errors()
    assert said[0].startswith("Choose the one thing it belongs to")
    assert not Attachment.objects.exists()


def test_a_viewer_reads_files_in_the_office_and_cannot_attach(client, viewer, planner, job):
    kept = attach(planner, job)
    client.force_login(viewer)
    change = reverse("admin:jobs_attachment_change", args=[kept.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"title": "x"}).status_code == 403
    assert client.post(reverse(ADD), typed(job=job.pk)).status_code == 403
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    assert reverse(ADD) not in page


@pytest.mark.parametrize("field", ["step", "routing_step", "job"])
def test_what_a_file_may_hang_on_is_found_at_the_same_cost_for_few_and_many(
    client, planner, field, assert_flat
):
    client.force_login(planner)
    given = {"app_label": "jobs", "model_name": "attachment", "field_name": field, "term": ""}
    found = []

    def work():
        answer = client.get(reverse("admin:autocomplete"), given)
        found[:] = [each["text"] for each in answer.json()["results"]]

    def grow(rows):
        for _ in range(rows):
            make_job(make_process(), actor=planner)

    assert_flat(grow=grow, work=work)
    assert len(found) == 20


def test_files_are_searched_by_title_and_name(planner, job):
    first = attach(planner, job, "bracket.pdf")
    second = attach(planner, job, "a.pdf", title="Setup of the bracket")
    attach(planner, job, "other.pdf")
    assert set(Attachment.objects.search("BRACK")) == {first, second}
    assert list(Attachment.objects.search("br")) == [first]


FILL = """
INSERT INTO attachments (machine_id, title, file, file_name, size, content_type, sha256,
                         uploaded_by_id)
SELECT %s, '', n::text, md5(n::text) || '.pdf', 1, '', '', %s FROM generate_series(1, 2000) n;
ANALYZE attachments;
"""


def test_searches_and_the_files_of_a_thing_are_read_from_their_index(planner):
    questions = {
        f"idx_attachments_{name}": Attachment.objects.filter(**{name: 1}).order_by("pk")
        for name in TARGETS
    }
    questions["idx_attachments_search"] = Attachment.objects.search("c0ffee").order_by()
    questions["idx_attachments_search_prefix"] = Attachment.objects.search("c0").order_by()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [make_machine().pk, planner.pk])
        cursor.execute("SET LOCAL enable_seqscan = off")
    for index, rows in questions.items():
        shortcut = "indexscan" if index == "idx_attachments_search" else "bitmapscan"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL enable_{shortcut} = off")
            plan = rows.explain()
            transaction.set_rollback(True)
        assert re.search(rf"{index}\b", plan), plan
        assert "Sort" not in plan, plan
