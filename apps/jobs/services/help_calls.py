"""Calling for help, and answering."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.db import refusals
from apps.core.errors import Conflict
from apps.core.policies import require
from apps.core.records import require_record
from apps.jobs.errors import IllegalTransition
from apps.jobs.models import HelpCall, Job
from apps.jobs.services.notices import tell_answered
from apps.jobs.states import JobStatus


@transaction.atomic
def raise_help(
    *, actor: User, step_id: int | None = None, machine_id: int | None = None, note: str = ""
) -> HelpCall:
    """Call a supervisor to a step or a machine.

    Raises: NotPermitted, Invalid; IllegalTransition for a step that is not on the floor yet.
    """
    require_record("add", HelpCall, actor=actor)
    if step_id is not None and Job.objects.filter(steps=step_id, status=JobStatus.DRAFT).exists():
        raise IllegalTransition(_("The job is a draft: its steps are not on the floor yet."))
    with refusals(HelpCall):
        return HelpCall.objects.create(
            step_id=step_id,
            machine_id=machine_id,
            raised_by=actor,
            note=note,
            raised_at=timezone.now(),
        )


@transaction.atomic
def answer_help(call_id: int, *, actor: User) -> HelpCall:
    """Say that one is on the way; the caller is told.

    Raises: NotPermitted, Conflict. Locks: the call.
    """
    require(actor, "jobs.answer_helpcall", _("You may not answer help calls."))
    calls = HelpCall.objects.with_labels().select_for_update(of=("self",), no_key=True)
    call: HelpCall = calls.get(pk=call_id)
    if call.answered_at:
        raise Conflict(_("%(user)s has answered this call already.") % {"user": call.answered_by})
    call.answered_by, call.answered_at = actor, timezone.now()
    call.save(update_fields=["answered_by", "answered_at"])
    tell_answered(call)
    return call
