"""Printing travellers: ordering a file, making it, making it again, and clearing it away."""

import logging
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO

from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.background.queue import enqueue
from apps.core.records import require_record
from apps.jobs.models import Job
from apps.jobs.states import JobStatus
from apps.notifications.services import notify
from apps.notifications.states import NotificationKind
from apps.paper import selectors
from apps.paper.drawing.documents import TravellerFile
from apps.paper.errors import NotFailed, NothingToPrint, TooManyJobs
from apps.paper.models import Printout, TravellerCopy
from apps.paper.states import PrintoutStatus
from apps.shop.selectors import current_shop

logger = logging.getLogger(__name__)

MOST_JOBS = 1_000  # In one file: about as many as a list's action takes.
READ_AT_ONCE = 20  # Jobs, of which pages are in memory as records at a time.
TRIES_AT_MOST = 3  # Of what ends without a word: a killed worker, a lost machine.
SILENT_FOR = timedelta(minutes=2)  # Then its making is taken for lost, and begun again.
KEPT_FOR = timedelta(days=1)
FOLDER = "printouts"
LONGEST_TROUBLE = Printout._meta.get_field("trouble").max_length or 0


@transaction.atomic
def order_printout(job_ids: Collection[int], *, actor: User) -> Printout:
    """Number a copy of each job's traveller, and order the file they are to be in.

    Jobs that are gone, or not the actor's to see, are left out. A long printout is made in the
    background; a short one by whoever calls ``make_printout`` next.

    Raises: NotPermitted, NothingToPrint, TooManyJobs. Locks: the jobs.
    """
    require_record("add", Printout, actor=actor)
    if len(job_ids) > MOST_JOBS:
        raise TooManyJobs(
            _("At most %(most)s jobs are printed at once.") % {"most": f"{MOST_JOBS:,}"},
            most=MOST_JOBS,
        )
    jobs = list(Job.objects.visible_to(actor).filter(pk__in=job_ids).locked())
    if not jobs:
        raise NothingToPrint(_("Choose the jobs to print."))
    printout = Printout.objects.create(
        ordered_by=actor, language=translation.get_language() or "", jobs_total=len(jobs)
    )
    last = TravellerCopy.objects.last_numbers([job.pk for job in jobs])
    TravellerCopy.objects.bulk_create(
        TravellerCopy(
            printout=printout,
            job=job,
            number=last.get(job.pk, 0) + 1,
            was_draft=job.status == JobStatus.DRAFT,
        )
        for job in jobs
    )
    if printout.is_long:
        enqueue("paper.make_printout", printout_id=printout.pk)
    return printout


def make_printout(printout_id: int) -> None:
    """Draw an ordered printout and keep its file. Running twice does no harm: one of both draws.

    Outside any transaction, for it takes seconds: what locks there are last for a statement, but
    for the lock on the making itself, which goes with the connection of who holds it.
    """
    with _alone(printout_id) as is_alone:
        printout = _begin(printout_id) if is_alone else None
        if printout is None:
            return
        try:
            name = _draw(printout)
        except Exception as error:  # Whatever it was, its orderer is told.
            logger.exception("Printout %s was not made.", printout_id)
            _finish(printout, PrintoutStatus.FAILED, trouble=_in_words(error))
        else:
            _finish(printout, PrintoutStatus.DONE, file=name)


@transaction.atomic
def retry_printout(printout_id: int, *, actor: User) -> Printout:
    """Order a failed printout again: the same copies, in the background.

    Raises: NotPermitted, NotFailed; Printout.DoesNotExist for another's. Locks: the printout.
    """
    require_record("add", Printout, actor=actor)
    printout = Printout.objects.visible_to(actor).locked().get(pk=printout_id)
    if printout.status != PrintoutStatus.FAILED:
        raise NotFailed(_("It did not fail, and is not tried again."))
    printout.status = PrintoutStatus.WAITING
    printout.tries, printout.trouble, printout.finished_at = 0, "", None
    printout.alive_at = timezone.now()
    printout.save(update_fields=["status", "tries", "trouble", "finished_at", "alive_at"])
    enqueue("paper.make_printout", printout_id=printout.pk)
    return printout


def resume_printouts() -> int:
    """Order again what was lost on the way, with its message or its worker; return how many."""
    lost = Printout.objects.stuck(timezone.now() - SILENT_FOR).values_list("pk", flat=True)
    for key in lost:
        enqueue("paper.make_printout", printout_id=key)
    return len(lost)


def clear_printouts() -> int:
    """Delete files more than KEPT_FOR old, those that no row names included; return how many."""
    before = timezone.now() - KEPT_FOR
    Printout.objects.with_file_from(before).update(file="")
    storage = _storage()
    # By folder: a worker that is killed between file and row leaves a file behind.
    names = storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []
    old = [f"{FOLDER}/{name}" for name in names]
    old = [name for name in old if storage.get_modified_time(name) < before]
    for name in old:
        storage.delete(name)
    return len(old)


@contextmanager
def _alone(printout_id: int) -> Iterator[bool]:
    """Hold the making of a printout, if nobody else does, for as long as this connection lasts.

    An advisory lock: it is let go when its holder is killed, and blocks no row meanwhile.
    """
    name = f"{Printout._meta.db_table} {printout_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@transaction.atomic
def _begin(printout_id: int) -> Printout | None:
    """Say that its making begins; None where there is nothing to make. Locks: the printout."""
    printout = Printout.objects.locked().filter(pk=printout_id).first()
    if printout is None or not printout.is_unfinished:
        return None
    if printout.tries >= TRIES_AT_MOST:
        with translation.override(printout.language):
            trouble = ngettext(
                "Its making was cut off %(tries)s time.",
                "Its making was cut off %(tries)s times.",
                printout.tries,
            ) % {"tries": printout.tries}
        _finish(printout, PrintoutStatus.FAILED, trouble=trouble)
        return None
    printout.status = PrintoutStatus.RUNNING
    printout.tries += 1
    printout.jobs_drawn, printout.alive_at = 0, timezone.now()
    printout.save(update_fields=["status", "tries", "jobs_drawn", "alive_at"])
    return printout


def _draw(printout: Printout) -> str:
    """Draw all copies and store the file; return its name."""
    copies = list(printout.copies.order_by("job_id"))
    user = User.objects.get(pk=printout.ordered_by_id)
    with translation.override(printout.language), TemporaryFile() as file:
        made = TravellerFile(file, current_shop(), title=_("Travellers"))
        for first in range(0, len(copies), READ_AT_ONCE):
            some = copies[first : first + READ_AT_ONCE]
            for traveller in selectors.printed(some, by=user):
                made.add(traveller)
            _live(printout, first + len(some))
        made.close()
        return _store(file)


def _live(printout: Printout, drawn: int) -> None:
    """Say how far it is."""
    Printout.objects.filter(pk=printout.pk).update(jobs_drawn=drawn, alive_at=timezone.now())


def _store(file: IO[bytes]) -> str:
    """Store what was drawn under a name that nobody guesses; all of it or nothing."""
    storage, name = _storage(), f"{FOLDER}/{secrets.token_hex(16)}.pdf"
    file.seek(0)
    try:
        return storage.save(name, File(file))
    except BaseException:
        storage.delete(name)
        raise


@transaction.atomic
def _finish(
    printout: Printout, status: PrintoutStatus, *, file: str = "", trouble: str = ""
) -> None:
    """Say how it ended; whoever did not wait for it is told."""
    printout.status, printout.file, printout.trouble = status, file, trouble[:LONGEST_TROUBLE]
    printout.finished_at = printout.alive_at = timezone.now()
    printout.save(update_fields=["status", "file", "trouble", "finished_at", "alive_at"])
    if not printout.is_long:
        return
    facts = {"count": printout.jobs_total}
    with translation.override(printout.language):
        title = (
            _("The travellers of %(count)s jobs are ready to print")
            if status == PrintoutStatus.DONE
            else _("The travellers of %(count)s jobs could not be made")
        )
        notify(
            printout.ordered_by,
            kind=NotificationKind.PRINTOUT,
            title=title % facts,
            body=printout.trouble,
            link=reverse("printout", args=[printout.pk]),
        )


def _in_words(error: Exception) -> str:
    """Say what went wrong as far as it helps who reads it; the log has the rest."""
    if isinstance(error, OSError):
        return _("The file could not be kept: %(reason)s.") % {
            "reason": error.strerror or type(error).__name__
        }
    return _("It could not be drawn (%(error)s); the log says more.") % {
        "error": type(error).__name__
    }


def _storage() -> Storage:
    return Printout._meta.get_field("file").storage
