"""Who may do what to jobs and steps. Every service asks here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.core.errors import Invalid, NotPermitted
from apps.core.policies import require
from apps.jobs.errors import ProcessNotPermitted
from apps.jobs.models import Job, JobStep, Target
from apps.jobs.querysets import visible_targets
from apps.processes import policies as processes

# By what one would do to jobs.
_JOB_REFUSALS: Mapping[str, Promise] = MappingProxyType(
    {
        "release": gettext_lazy("You may not release jobs."),
        "hold": gettext_lazy("You may not hold jobs."),
        "resume": gettext_lazy("You may not resume jobs."),
        "complete": gettext_lazy("You may not complete jobs."),
        "cancel": gettext_lazy("You may not cancel jobs."),
        "reopen": gettext_lazy("You may not reopen jobs."),
    }
)
# By what one would do to steps.
_STEP_REFUSALS: Mapping[str, Any] = MappingProxyType(
    {
        "work": gettext_lazy("The role %(role)s may not work on %(process)s steps."),
        "act for others": gettext_lazy(
            "The role %(role)s may not act for others on %(process)s steps."
        ),
        "assign": gettext_lazy("The role %(role)s may not assign %(process)s steps."),
        "change": gettext_lazy("The role %(role)s may not change %(process)s steps."),
        "correct": gettext_lazy("The role %(role)s may not correct %(process)s steps."),
        "move": gettext_lazy("The role %(role)s may not move %(process)s steps."),
        "prioritise": gettext_lazy("The role %(role)s may not prioritise %(process)s steps."),
        "reopen": gettext_lazy("The role %(role)s may not reopen %(process)s steps."),
        "skip": gettext_lazy("The role %(role)s may not skip %(process)s steps."),
    }
)


def may_work(actor: User, step: JobStep) -> bool:
    """Whether the actor's role may start, report, pause and complete the step."""
    return processes.may_execute(actor, step.process_id)


def may_supervise(actor: User, step: JobStep) -> bool:
    """Whether the actor may act for others on the step: assign, skip, correct, reopen."""
    return processes.may_supervise(actor, step.process_id)


def require_work(actor: User, step: JobStep, *, worker: User) -> None:
    """Refuse unless ``worker`` may work the step and, if another, ``actor`` supervises it.

    Raises: ProcessNotPermitted.
    """
    if worker.pk != actor.pk:
        require_supervise(actor, step, doing="act for others")
    if not may_work(worker, step):
        raise _not_permitted(worker, step, "work")


def require_active(worker: User, *, field: str) -> None:
    """Refuse to give work to somebody who has left; what they have in hand others may end.

    Raises: Invalid.
    """
    if not worker.is_active:
        words = _("%(user)s is not active any more: choose somebody else.")
        raise Invalid(words % {"user": worker}, field=field)


def require_supervise(actor: User, step: JobStep, *, doing: str) -> None:
    """Refuse unless the actor supervises the step's process.

    Raises: ProcessNotPermitted.
    """
    if not may_supervise(actor, step):
        raise _not_permitted(actor, step, doing)


def require_job_action(actor: User, action: str) -> None:
    """Refuse unless the actor may release, hold, resume, complete, cancel or reopen jobs.

    Raises: NotPermitted.
    """
    require(actor, f"{Job._meta.app_label}.{action}_job", _JOB_REFUSALS[action])


def require_visible_target(actor: User, name: str, target: Target) -> None:
    """Refuse unless the actor may see what a file is to hang on; ``name`` is its foreign key's.

    Raises: NotPermitted.
    """
    if not visible_targets(actor)[name].filter(pk=target.pk).exists():
        raise NotPermitted(_("You may not attach files to it, or it is gone."), field=name)


def _not_permitted(who: User, step: JobStep, doing: str) -> ProcessNotPermitted:
    return ProcessNotPermitted(
        _STEP_REFUSALS[doing] % {"role": who.role, "process": step.process},
        process=step.process.name,
        role=who.role.name,
    )
