"""Every service asks whether its actor may: no door can forget it, for none has to remember."""

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.core.files.base import ContentFile
from django.db.models import Max
from django.utils import timezone

import apps
from apps.accounts.models import ApiSession, ApiToken, Role, SignInAttempts, Terminal, User
from apps.audit.models import AuditLog
from apps.core.errors import DomainError, NotPermitted
from apps.jobs import services as jobs
from apps.jobs.errors import NothingToUndo
from apps.jobs.models import Attachment, HelpCall, Job, JobStep
from apps.jobs.states import LogKind, Priority
from apps.machines.models import MachineDowntime
from apps.machines.states import ReasonKind
from apps.notifications.services import notify
from apps.notifications.states import NotificationKind
from apps.paper.models import Printout
from apps.paper.states import PrintoutStatus
from apps.processes.models import RoleProcessPermission
from apps.shop.models import Shop
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_process,
    make_reason,
    make_routing,
    make_step,
    make_user,
    permit,
)

DEMO = "apps.demo."  # Its people act through the services of the others.
Service = Callable[..., object]


def services() -> Iterator[tuple[str, Service]]:
    """Find every public function with an actor, by its name, where it is defined."""
    for module in walk_packages(apps.__path__, "apps."):
        if "services" not in module.name.split(".") or module.name.startswith(DEMO):
            continue
        for name, each in inspect.getmembers(import_module(module.name), inspect.isfunction):
            is_here = inspect.unwrap(each).__module__ == module.name
            has_actor = "actor" in inspect.signature(each).parameters
            if is_here and has_actor and not name.startswith("_"):
                yield name, each


SERVICES = dict(services())


def running() -> int:
    """The key of a step that somebody works on."""
    step, operator = make_step(), make_user("operator")
    permit(operator, step.process)
    return jobs.start_step(step.pk, actor=operator).pk


def pending() -> JobStep:
    return make_job().steps.get()


def attached() -> int:
    file = {"file": "attachments/1.pdf", "file_name": "a.pdf", "size": 1}
    return Attachment.objects.create(job=make_job(), uploaded_by=make_user(), **file).pk


def called() -> int:
    who = {"raised_by": make_user(), "raised_at": timezone.now()}
    return HelpCall.objects.create(machine=make_machine(), **who).pk


def down() -> MachineDowntime:
    reason = make_reason(ReasonKind.DOWNTIME)
    return MachineDowntime.objects.create(
        machine=make_machine(), reason=reason, started_at=timezone.now()
    )


def told() -> int:
    return notify(make_user(), kind=NotificationKind.STEP_ASSIGNED, title="x").pk


def failed_printout() -> int:
    given = {"status": PrintoutStatus.FAILED, "jobs_total": 1, "finished_at": timezone.now()}
    return Printout.objects.create(ordered_by=make_user(), **given).pk


def right() -> RoleProcessPermission:
    user, process = make_user(), make_process()
    permit(user, process)
    return RoleProcessPermission.objects.get(process=process)


def role() -> Role:
    return Role.objects.get(code="planner")


def soon() -> datetime:
    return timezone.now() + timedelta(days=1)


def token() -> int:
    user = make_user()
    given = {"name": "x", "scopes": ["read"], "digest": "x", "expires_at": soon()}
    return ApiToken.objects.create(user=user, created_by=user, **given).pk


def session() -> int:
    return ApiSession.objects.create(user=make_user(), expires_at=soon()).pk


def terminal() -> int:
    return Terminal.objects.create(name="Press hall").pk


def locked() -> int:
    given = {"username": "ayse", "address": "*", "taken": 50, "window_ends_at": soon()}
    return SignInAttempts.objects.create(**given).pk


# What each service is given, so that nothing but its actor stands in its way.
GIVEN: dict[str, Callable[[], tuple[list[object], dict[str, object]]]] = {
    "save_user": lambda: ([make_user()], {"fields": ["full_name"]}),
    "delete_user": lambda: ([make_user()], {}),
    "set_password": lambda: ([make_user(), "staple battery horse"], {}),
    "set_pin": lambda: ([make_user(), "4711"], {}),
    "save_role": lambda: ([role()], {"permissions": [], "fields": ["name"]}),
    "delete_role": lambda: ([role()], {}),
    "make_api_token": lambda: (
        [],
        {"user": make_user(), "name": "x", "scopes": ["read"], "expires_at": soon()},
    ),
    "revoke_api_token": lambda: ([token()], {}),
    "revoke_api_session": lambda: ([session()], {}),
    "unlock_sign_in": lambda: ([locked()], {}),
    "link_terminal": lambda: ([terminal()], {}),
    "set_up_terminal": lambda: (["Saw hall"], {}),
    "revoke_terminal": lambda: ([terminal()], {}),
    "save_customer": lambda: ([make_customer()], {"fields": ["city"]}),
    "attach_file": lambda: (
        [],
        {"target": make_customer(), "upload": ContentFile(b"a note", "note.txt")},
    ),
    "remove_attachment": lambda: ([attached()], {}),
    "correct_step": lambda: ([running()], {"note": "Miscounted.", "good": 1}),
    "raise_help": lambda: ([], {"machine_id": make_machine().pk}),
    "answer_help": lambda: ([called()], {}),
    "create_job": lambda: ([Job(customer=make_customer(), quantity=1)], {}),
    "create_jobs": lambda: ([[Job(customer=make_customer(), quantity=1)]], {}),
    "save_job": lambda: ([make_job()], {"fields": ["title"]}),
    "delete_job": lambda: ([make_job().pk], {}),
    "save_routing": lambda: ([make_routing()], {"fields": ["name"], "steps": []}),
    "delete_routing": lambda: ([make_routing(make_process())], {}),
    "add_step": lambda: ([JobStep(job=make_job(), sequence=20, process=make_process())], {}),
    "save_step": lambda: ([pending()], {"fields": ["instructions"]}),
    "change_steps": lambda: ([[jobs.StepChange(pending().pk, {"instructions": "x"})]], {}),
    "delete_step": lambda: ([pending().pk], {}),
    "assign_step": lambda: ([make_step().pk, None], {}),
    "move_step": lambda: ([make_step().pk, None], {}),
    "prioritise_step": lambda: ([make_step().pk, Priority.HIGH], {}),
    "require_glimpse": lambda: ([make_step().pk, ""], {}),
    "skip_step": lambda: ([make_step().pk], {}),
    "reopen_step": lambda: ([running()], {}),
    "undo_step": lambda: ([running()], {}),
    "start_step": lambda: ([make_step().pk], {}),
    "report_step": lambda: ([running(), jobs.Report(good=1)], {}),
    "pause_step": lambda: ([running()], {}),
    "change_work": lambda: ([running(), LogKind.SETUP], {}),
    "complete_step": lambda: ([running()], {}),
    "save_machine": lambda: ([make_machine()], {"fields": ["name"], "processes": []}),
    "save_downtime": lambda: ([down()], {"fields": ["note"]}),
    "start_downtime": lambda: (
        [make_machine().pk],
        {"reason": make_reason(ReasonKind.DOWNTIME)},
    ),
    "end_downtime": lambda: ([down().pk], {}),
    "delete_downtime": lambda: ([down()], {}),
    "save_right": lambda: ([right()], {"fields": ["can_view"]}),
    "delete_right": lambda: ([right()], {}),
    "delete_process": lambda: ([make_process()], {}),
    "mark_read": lambda: ([told()], {}),
    "order_printout": lambda: ([[make_job().pk]], {}),
    "retry_printout": lambda: ([failed_printout()], {}),
    "save_shop": lambda: ([Shop.objects.get()], {"fields": ["name"]}),
} | {
    f"{action}_job": lambda: ([make_job().pk], {})
    for action in ("release", "hold", "resume", "complete", "cancel", "reopen")
}
# Taking back one's own deed needs no right; another's is not there to take back.
OTHERWISE: dict[str, type[DomainError]] = {"undo_step": NothingToUndo}
# What reaches only the actor's own rows, whoever that is.
OWN = {"choose_pin", "mark_all_read", "pause_all"}


def test_every_service_is_asked():
    assert set(GIVEN) == set(SERVICES) - OWN


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_service_refuses_who_may_only_look(viewer: User, name: str) -> None:
    arguments, others = GIVEN[name]()
    before = last_change()

    with pytest.raises(OTHERWISE.get(name, NotPermitted)):
        SERVICES[name](*arguments, actor=viewer, **others)

    assert last_change() == before


def last_change() -> int:
    return AuditLog.objects.aggregate(last=Max("pk"))["last"]
