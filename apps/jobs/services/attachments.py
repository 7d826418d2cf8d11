"""Keeping files with what they belong to, and letting them go."""

import secrets
from functools import partial

from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.db import refusals
from apps.core.errors import Invalid
from apps.core.records import require_record
from apps.jobs import policies
from apps.jobs.models import TARGETS, Attachment, Target
from apps.jobs.services.uploads import check_upload, printable

FOLDER = "attachments"


@transaction.atomic
def attach_file(
    *, actor: User, target: Target, upload: "File[bytes]", title: str = ""
) -> Attachment:
    """Keep an upload with a job, step, routing step, part, customer or machine.

    The file is written last, when nothing of ours can fail any more. A transaction around this
    one that fails later still leaves it behind, with no row to name it.

    Raises: NotPermitted, Invalid, EmptyFile, FileTooLarge, FileTypeNotAllowed; InUse for a
        target that is gone.
    """
    require_record("add", Attachment, actor=actor)
    name = target_name(target)
    policies.require_visible_target(actor, name, target)
    checked = check_upload(upload)
    place = _stored_name(checked.extension)
    attachment = Attachment(
        title=_clean_title(title),
        file=place,
        file_name=checked.file_name,
        size=checked.size,
        content_type=checked.content_type,
        sha256=checked.sha256,
        uploaded_by=actor,
    )
    setattr(attachment, name, target)
    with refusals(Attachment):
        attachment.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # Not at commit: the file follows.
    _write(attachment.file.storage, place, upload)
    return attachment


@transaction.atomic
def remove_attachment(attachment_id: int, *, actor: User) -> None:
    """Delete an attachment, and on commit its file.

    Raises: NotPermitted; Attachment.DoesNotExist for what the actor may not see.
    Locks:  the attachment.
    """
    require_record("delete", Attachment, actor=actor)
    _remove(Attachment.objects.visible_to(actor).locked().get(pk=attachment_id))


def drop_attachments(on: Q) -> None:
    """Let the files of records go that are about to be deleted, each file on commit.

    Who may delete a record may delete what hangs on it: no permission is asked.

    Locks: the attachments.
    """
    for attachment in Attachment.objects.filter(on).locked():
        _remove(attachment)


def target_name(target: Target) -> str:
    """Return the name of the foreign key that points to such a record."""
    return next(name for name, model in TARGETS.items() if isinstance(target, model))


def _remove(attachment: Attachment) -> None:
    storage, name = attachment.file.storage, str(attachment.file)
    attachment.delete()
    # Robust: a file that cannot be deleted is logged; the row is gone either way.
    transaction.on_commit(partial(storage.delete, name), robust=True)


def _clean_title(title: str) -> str:
    most = Attachment._meta.get_field("title").max_length or 0
    cleaned = printable(title)
    if len(cleaned) > most:
        words = _("A title has at most %(most)s characters.") % {"most": most}
        raise Invalid(words, field="title")
    return cleaned


def _stored_name(extension: str) -> str:
    """Return a new place by month; nothing of the user's is in it but the checked extension."""
    return f"{FOLDER}/{timezone.now():%Y/%m}/{secrets.token_hex(16)}.{extension}"


def _write(storage: Storage, name: str, upload: "File[bytes]") -> None:
    """Store the bytes, all or none."""
    upload.seek(0)
    try:
        storage.save(name, upload)
    except BaseException:
        storage.delete(name)
        raise
