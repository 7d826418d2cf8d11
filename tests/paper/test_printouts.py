"""Printouts: copies are counted, long ones made behind the scenes, failed ones tried again."""

import os
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import AuditLog
from apps.core.errors import NotPermitted
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.notifications.models import Notification
from apps.paper import selectors, services
from apps.paper.errors import NotFailed, NothingToPrint, TooManyJobs
from apps.paper.models import AT_ONCE, Printout, TravellerCopy
from apps.paper.states import PrintoutStatus
from tests.factories import make_customer, make_job, make_process, make_user, permit
from tests.paper.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The tasks that were sent, by name and printout."""
    found = []
    monkeypatch.setattr(
        services, "enqueue", lambda name, **given: found.append((name, given["printout_id"]))
    )
    return found


def test_a_file_made_at_a_later_try_is_kept_as_long_as_any(planner, sent):
    printout = services.order_printout([make_job(released=True).pk], actor=planner)
    before = timezone.now() - timedelta(days=2)
    Printout.objects.filter(pk=printout.pk).update(
        created_at=before, finished_at=before, status=PrintoutStatus.FAILED
    )
    services.retry_printout(printout.pk, actor=planner)
    services.make_printout(printout.pk)

    services.clear_printouts()

    printout.refresh_from_db()
    assert file_of(printout).startswith(b"%PDF")


def many(count, planner):
    """So many jobs without steps, at once."""
    customer = make_customer()
    made = [Job(customer=customer, quantity=1, title="x") for _ in range(count)]
    return [job.pk for job in jobs.create_jobs(made, actor=planner)]


def stored(media):
    return sorted(path for path in media.rglob("*") if path.is_file())


def file_of(printout):
    with printout.file.open("rb") as content:
        return content.read()


def made(job_ids, actor):
    printout = services.order_printout(job_ids, actor=actor)
    services.make_printout(printout.pk)
    printout.refresh_from_db()
    return printout


# Copies.


def test_the_second_copy_says_so_on_each_page_and_the_first_does_not(client, planner):
    job = make_job(*(make_process() for _ in range(9)), released=True)
    client.force_login(planner)
    address = reverse("traveller", args=[job.pk])

    answers = [client.post(address, follow=True) for _ in range(2)]

    first, second = (read(b"".join(answer.streaming_content)) for answer in answers)
    assert len(first) == len(second) > 1
    assert all("Copy 1, printed" in page.text for page in first)  # In the foot.
    assert all(page.text.count("Copy 1, printed") == 1 for page in first)
    assert all(page.text.count("Copy 2, printed") == 2 for page in second)  # And on top.
    assert all(f"by {planner}" in page.text for page in second)


def test_each_copy_is_recorded_with_who_and_when_and_is_in_the_trail(planner):
    job, other = make_job(released=True), make_job()

    made([job.pk, other.pk], planner)
    made([job.pk], planner)

    copies = TravellerCopy.objects.order_by("pk")
    told = [(copy.job, copy.number, copy.was_draft, copy.printout.ordered_by) for copy in copies]
    assert told == [
        (job, 1, False, planner),
        (other, 1, True, planner),
        (job, 2, False, planner),
    ]
    trail = AuditLog.objects.filter(table="traveller_copies", action="insert")
    assert trail.filter(row_id__in=[copy.pk for copy in copies]).count() == 3


def test_looking_prints_nothing(client, planner):
    job = make_job(released=True)
    client.force_login(planner)
    for method in (client.get, client.head):
        assert method(reverse("traveller", args=[job.pk])).status_code == 200
    assert not TravellerCopy.objects.exists()


def test_what_was_printed_can_be_fetched_again_as_it_was(client, planner):
    job = make_job(released=True)
    client.force_login(planner)
    answer = client.post(reverse("traveller", args=[job.pk]))
    assert answer.status_code == 303
    Job.objects.filter(pk=job.pk).update(notes="Changed since.")

    first, again = (b"".join(client.get(answer.url).streaming_content) for _ in range(2))

    assert first == again
    assert "Changed since." not in read(first)[0].text
    assert TravellerCopy.objects.count() == 1


def test_a_deleted_draft_takes_its_copies_along_and_the_trail_keeps_them(planner):
    job = make_job()
    copy = made([job.pk], planner).copies.get()

    jobs.delete_job(job.pk, actor=planner)

    assert not TravellerCopy.objects.exists()
    gone = AuditLog.objects.filter(table="traveller_copies", row_id=copy.pk, action="delete")
    assert gone.exists()


# Ordering.


@pytest.mark.parametrize("role", ["administrator", "manager", "planner", "supervisor", "operator"])
def test_who_works_with_jobs_prints(role):
    process = make_process()
    user = make_user(role)
    permit(user, process)
    job = make_job(process, released=True)
    assert made([job.pk], user).status == PrintoutStatus.DONE


def test_a_viewer_does_not_print(viewer):
    with pytest.raises(NotPermitted):
        services.order_printout([make_job(released=True).pk], actor=viewer)


def test_jobs_that_one_may_not_see_are_left_out(operator):
    process = make_process()
    permit(operator, process)
    mine, others = make_job(process, released=True), make_job(released=True)

    printout = made([mine.pk, others.pk, 10**12], operator)

    assert [copy.job for copy in printout.copies.all()] == [mine]
    with pytest.raises(NothingToPrint):
        services.order_printout([others.pk], actor=operator)


def test_nothing_and_too_much_are_refused(planner):
    with pytest.raises(NothingToPrint):
        services.order_printout([], actor=planner)
    with pytest.raises(TooManyJobs):
        services.order_printout(range(1, services.MOST_JOBS + 2), actor=planner)
    assert not Printout.objects.exists()


def test_twenty_are_made_at_once_and_one_more_behind_the_scenes(client, planner, sent, media):
    client.force_login(planner)
    keys = many(AT_ONCE + 1, planner)

    answer = client.post(reverse("print-travellers"), {"job": keys[:AT_ONCE]})
    first = Printout.objects.get()
    assert answer.url == reverse("printout-file", args=[first.pk])
    assert len(read(file_of(first))) == AT_ONCE
    assert sent == []

    answer = client.post(reverse("print-travellers"), {"job": keys})
    second = Printout.objects.latest("pk")
    assert answer.url == reverse("printout", args=[second.pk])
    assert second.status == PrintoutStatus.WAITING
    assert sent == [("paper.make_printout", second.pk)]


def test_what_is_no_jobs_key_is_passed_over(client, planner):
    client.force_login(planner)
    answer = client.post(reverse("print-travellers"), {"job": ["x", "9" * 30, "²", "-1", "\x00"]})
    assert answer.status_code in {303, 400}
    assert not Printout.objects.exists()


def test_ordering_costs_the_same_for_few_jobs_and_many(planner, assert_flat, sent):
    keys = []

    assert (
        assert_flat(
            grow=lambda rows: keys.extend(many(rows, planner)),
            work=lambda: services.order_printout(keys, actor=planner),
        )
        == 6  # Two for the savepoint, jobs, printout, last numbers, copies.
    )


def test_what_stands_on_travellers_costs_the_same_for_few_jobs_and_many(planner, assert_flat):
    keys = []

    def grow(rows):
        keys.extend(make_job(released=True).pk for _ in range(rows))

    def work():
        copies = [TravellerCopy(job_id=key, number=1, created_at=timezone.now()) for key in keys]
        assert len(selectors.printed(copies, by=planner)) == len(keys)

    assert assert_flat(grow=grow, work=work) == 3


# Making.


def test_a_long_one_tells_its_orderer_when_it_is_done_and_a_short_one_does_not(planner, sent):
    made(many(2, planner), planner)
    assert not Notification.objects.exists()

    printout = made(many(AT_ONCE + 1, planner), planner)

    notice = Notification.objects.get()
    assert (notice.recipient, notice.link) == (planner, reverse("printout", args=[printout.pk]))
    assert notice.title == f"The travellers of {AT_ONCE + 1} jobs are ready to print"
    assert printout.jobs_drawn == printout.jobs_total == AT_ONCE + 1


def test_making_it_twice_draws_it_once(planner, media, sent):
    printout = made(many(AT_ONCE + 1, planner), planner)
    before = stored(media)

    services.make_printout(printout.pk)

    assert stored(media) == before
    assert Notification.objects.count() == 1
    assert TravellerCopy.objects.count() == AT_ONCE + 1


def test_making_what_is_gone_does_nothing(db):
    services.make_printout(10**12)


def test_a_failed_one_says_why_keeps_nothing_and_can_be_tried_again(
    client, planner, media, monkeypatch, sent
):
    def full(self, name, content):
        raise OSError(28, "No space left on device")

    keys = many(AT_ONCE + 1, planner)
    with monkeypatch.context() as broken:
        broken.setattr(FileSystemStorage, "_save", full)
        printout = made(keys, planner)
    assert printout.status == PrintoutStatus.FAILED
    assert printout.trouble == "The file could not be kept: No space left on device."
    assert stored(media) == []
    assert "could not be made" in Notification.objects.get().title
    client.force_login(planner)
    page = client.get(reverse("printout", args=[printout.pk])).content.decode()
    assert "No space left on device" in page

    client.post(reverse("printout-retry", args=[printout.pk]))
    assert sent[1:] == [("paper.make_printout", printout.pk)]
    services.make_printout(printout.pk)

    printout.refresh_from_db()
    assert (printout.status, printout.trouble) == (PrintoutStatus.DONE, "")
    assert {copy.number for copy in printout.copies.all()} == {1}  # The same copies.


def test_only_ones_own_failed_printout_is_tried_again(planner, manager, viewer):
    printout = made(many(1, planner), planner)
    with pytest.raises(NotFailed):
        services.retry_printout(printout.pk, actor=planner)
    with pytest.raises(Printout.DoesNotExist):
        services.retry_printout(printout.pk, actor=manager)
    with pytest.raises(NotPermitted):
        services.retry_printout(printout.pk, actor=viewer)


def test_a_job_deleted_meanwhile_is_left_out(planner):
    kept, gone = many(2, planner)
    printout = services.order_printout([kept, gone], actor=planner)
    jobs.delete_job(gone, actor=planner)

    services.make_printout(printout.pk)

    printout.refresh_from_db()
    assert printout.status == PrintoutStatus.DONE
    assert len(read(file_of(printout))) == 1


def test_one_whose_maker_was_killed_is_begun_again_but_not_for_ever(planner, sent):
    printout = services.order_printout(many(1, planner), actor=planner)
    for tries in range(1, services.TRIES_AT_MOST + 1):
        services._begin(printout.pk)  # Killed right after it.
        printout.refresh_from_db()
        assert (printout.status, printout.tries) == (PrintoutStatus.RUNNING, tries)

    services.make_printout(printout.pk)

    printout.refresh_from_db()
    assert printout.status == PrintoutStatus.FAILED
    assert printout.trouble == "Its making was cut off 3 times."


def test_what_gives_no_sign_of_life_is_ordered_again(planner, sent):
    silent, alive, done = (
        services.order_printout(many(1, planner), actor=planner) for _ in range(3)
    )
    services.make_printout(done.pk)
    long_ago = timezone.now() - services.SILENT_FOR - timedelta(seconds=1)
    Printout.objects.filter(pk__in=[silent.pk, done.pk]).update(alive_at=long_ago)

    assert services.resume_printouts() == 1
    assert sent == [("paper.make_printout", silent.pk)]
    assert alive.status == PrintoutStatus.WAITING


@pytest.mark.django_db(transaction=True)
def test_no_two_make_the_same_one(planner):
    printout = services.order_printout(many(1, planner), actor=planner)
    name = f"printouts {printout.pk}"
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        services.make_printout(printout.pk)
        printout.refresh_from_db()
        assert printout.status == PrintoutStatus.WAITING
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    other.close()

    services.make_printout(printout.pk)

    printout.refresh_from_db()
    assert printout.status == PrintoutStatus.DONE


# Handing out and clearing away.


def test_nobody_fetches_anothers_printout(client, planner, manager):
    printout = made(many(1, planner), planner)
    client.force_login(manager)
    for name in ("printout", "printout-file"):
        assert client.get(reverse(name, args=[printout.pk])).status_code == 404
    assert client.post(reverse("printout-retry", args=[printout.pk])).status_code == 404


def test_a_file_opens_in_the_browser_under_a_name_and_as_nothing_else(client, planner):
    job = make_job(released=True)
    client.force_login(planner)
    printed = client.post(reverse("traveller", args=[job.pk]), follow=True)
    b"".join(printed.streaming_content)
    looked_at = client.get(reverse("traveller", args=[job.pk]))

    for answer, name in ((printed, "travellers-"), (looked_at, f"{job}-traveller")):
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith(f'inline; filename="{name}')
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"].startswith("private")


def test_files_go_after_a_day_those_that_no_row_names_too(client, planner, media):
    old, new = (made(many(1, planner), planner) for _ in range(2))
    stray = media / services.FOLDER / "stray.pdf"
    stray.write_bytes(b"left behind")
    other = media / "attachments" / "drawing.pdf"
    other.parent.mkdir()
    other.write_bytes(b"a drawing")
    day = (timezone.now() - services.KEPT_FOR - timedelta(minutes=1)).timestamp()
    for path in (media / str(old.file), stray, other):
        os.utime(path, (day, day))
    before = timezone.now() - services.KEPT_FOR - timedelta(minutes=1)
    Printout.objects.filter(pk=old.pk).update(created_at=before, finished_at=before)

    assert services.clear_printouts() == 2

    assert stored(media) == sorted([media / str(new.file), other])
    client.force_login(planner)
    answer = client.get(reverse("printout-file", args=[old.pk]), follow=True)
    assert "The file is gone" in answer.content.decode()


def test_clearing_an_empty_house_does_nothing(db):
    assert services.clear_printouts() == 0


def test_a_file_that_is_gone_leads_back_to_its_page(client, planner, media):
    printout = made(many(1, planner), planner)
    (media / str(printout.file)).unlink()
    client.force_login(planner)
    answer = client.get(reverse("printout-file", args=[printout.pk]))
    assert answer.url == reverse("printout", args=[printout.pk])


# Pages.


def test_the_page_of_a_job_offers_paper_and_tells_of_copies(client, planner):
    job = make_job(released=True)
    client.force_login(planner)
    page = reverse("job-paper", args=[job.pk])
    assert "Not printed yet." in client.get(page).content.decode()

    made([job.pk], planner)

    shown = client.get(page).content.decode()
    assert "<b>Copy 1</b>" in shown
    assert "Print another copy" in shown


def test_the_page_of_a_printout_says_how_far_it_is(client, planner, sent):
    printout = services.order_printout(many(AT_ONCE + 1, planner), actor=planner)
    Printout.objects.update(jobs_drawn=7)
    client.force_login(planner)
    shown = client.get(reverse("printout", args=[printout.pk])).content.decode()
    assert f"7 of {AT_ONCE + 1} jobs" in shown
    assert "data-unfinished" in shown


def test_ones_printouts_are_listed(client, planner, manager):
    mine, others = made(many(1, planner), planner), made(many(1, manager), manager)
    client.force_login(planner)
    shown = client.get(reverse("paper")).content.decode()
    assert reverse("printout", args=[mine.pk]) in shown
    assert reverse("printout", args=[others.pk]) not in shown


def test_a_viewer_is_not_offered_to_print(client, viewer):
    job = make_job(released=True)
    client.force_login(viewer)
    paper = client.get(reverse("job-paper", args=[job.pk])).content.decode()
    assert 'method="post" action="/paper' not in paper
    office = client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    assert "Print traveller" not in office
    assert reverse("job-paper", args=[job.pk]) in office


def test_the_office_prints_from_a_job_and_from_the_list(client, planner):
    first, second = make_job(released=True), make_job(released=True)
    client.force_login(planner)
    page = client.get(reverse("admin:jobs_job_change", args=[first.pk])).content.decode()
    assert reverse("traveller", args=[first.pk]) in page

    chosen = {"action": "print_travellers", "_selected_action": [first.pk, second.pk]}
    page = client.post(reverse("admin:jobs_job_changelist"), chosen).content.decode()
    assert "The travellers of 2 jobs, in one file." in page
    assert page.count('type="hidden" name="job"') == 2
    assert f'action="{reverse("print-travellers")}"' in page


def test_the_office_shows_what_was_printed_and_nobody_changes_it(client, planner):
    printout = made([make_job(released=True).pk], planner)
    copy = printout.copies.get()
    client.force_login(planner)
    for name, key in (("printout", printout.pk), ("travellercopy", copy.pk)):
        place = f"admin:paper_{name}"
        listed = client.get(reverse(f"{place}_changelist"), {"q": str(copy.job)})
        assert list(listed.context["cl"].result_list) != []
        change = reverse(f"{place}_change", args=[key])
        assert client.get(change).status_code == 200
        assert client.post(change, {}).status_code == 403
    assert User.objects.filter(printouts=printout).get() == planner
