"""What a scanned code stands for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from rest_framework.request import Request

from apps.accounts.api.users import UserRow, UserView
from apps.accounts.models import User
from apps.api.answers import answer
from apps.api.filters import read_key
from apps.api.operations import operation
from apps.api.records import RecordView
from apps.api.rows import Row
from apps.api.views import ApiView
from apps.api.words import summary_of, words_of
from apps.floor.api.serializers import Scanned, ScannedMachineRow
from apps.floor.errors import UnknownCode
from apps.floor.scan import action_named
from apps.jobs.api.jobs import JobView
from apps.jobs.api.rows import JobRow, JobStepRow
from apps.jobs.api.steps import JobStepView
from apps.jobs.models import Job, JobStep
from apps.jobs.querysets import number_pattern
from apps.machines.api.machines import MachineView
from apps.machines.models import Machine

LONGEST = 100  # Characters. No code of ours is half as long.
WORDS = (
    "Codes are JOB-000123, S- and a step's id, M- and a machine's code, U- and a badge, A- and an"
    " action."
)

Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Records that codes stand for.

    ``find`` narrows to those that the rest of a code may mean, and the user may see; ``label`` is
    what must be the rest to the letter where that leaves more than one.
    """

    name: str
    view: type[RecordView[Any]]
    row: type[Row]
    basename: str
    find: Callable[[User, str], Rows]
    label: str = "id"

    def tell(self, user: User, rest: str) -> dict[str, Any] | None:
        """Return the one record that is meant; None without one. Queries: 1."""
        shape = self.row.shape()
        rows = self.find(user, rest)
        found = [*map(shape.build, self.view.listing.fetch(rows, shape.paths))]
        if len(found) > 1:
            found = [row for row in found if row[self.label] == rest]
        if not found:
            return None
        address = reverse(f"{self.basename}-detail", args=[found[0]["id"]])
        return {"kind": self.name, "address": address, self.name: found[0]}


def _jobs(user: User, rest: str) -> Rows:
    """Uses index: jobs_number_uniq."""
    if (number := number_pattern(rest)) is None:
        raise ValueError("Not a job's number.")
    return Job.objects.visible_to(user).filter(number=number)


def _steps(user: User, rest: str) -> Rows:
    return JobStep.objects.visible_to(user).filter(pk=read_key(rest))


def _machines(_user: User, rest: str) -> Rows:
    """By the code, however it is cased; a shop has hundreds at most."""
    return Machine.objects.filter(code__iexact=rest)


def _users(user: User, rest: str) -> Rows:
    """By the badge, to the letter: who may not see users learns of no badge but their own.

    Uses index: users_badge_code_key.
    """
    found: Rows = User.objects.visible_to(user).filter(badge_code=rest)
    return found


KINDS = {
    "JOB": Kind("job", JobView, JobRow, "jobs", _jobs),
    "S": Kind("step", JobStepView, JobStepRow, "job-steps", _steps),
    "M": Kind("machine", MachineView, ScannedMachineRow, "machines", _machines, "code"),
    "U": Kind("user", UserView, UserRow, "users", _users),
}
ACTION = "A"
# What else stands on a sheet of actions: where it is done, and in words.
BESIDES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "help": ("help-calls-list", "Call for help, to a step or to a machine"),
        "down": ("machine-downtimes-list", "Say that a machine is down, and why"),
        "end": ("api-tasks-end", "Pause all that I work on"),
    }
)


class ScanView(ApiView):
    """What codes on travellers, machines, badges and action sheets stand for."""

    @operation(tells=Scanned)
    def get(self, request: Request, code: str) -> HttpResponse:
        """Tell what a code stands for.

        `JOB-000123` is a job, `S-` and its id a step, `M-` and its code a machine, `U-` and their
        badge a user, `A-` and its name an action on a step, or another of the printed sheet. Case
        and blanks around it make no difference, but for badges. Queries: 1.
        """
        self.asked()
        told = _told(self.actor, code.strip())
        if told is None:
            raise UnknownCode(f"The code stands for nothing that you may see. {WORDS}")
        return answer(request._request, told)


def _told(user: User, code: str) -> dict[str, Any] | None:
    prefix, _, rest = code.partition("-")
    prefix, rest = prefix.strip().upper(), rest.strip()
    if not rest or len(code) > LONGEST:
        return None
    if prefix == ACTION:
        return _action(action_named(rest))
    try:
        return KINDS[prefix].tell(user, rest)
    except (KeyError, ValueError):
        return None


def _action(name: str) -> dict[str, Any] | None:
    if name in step_actions():
        address, words = f"{reverse('job-steps-list')}{{id}}/{name}/", step_actions()[name]
    elif name in BESIDES:
        route, words = BESIDES[name]
        address = reverse(route)
    else:
        return None
    return {"kind": "action", "address": address, "action": {"name": name, "words": words}}


@cache
def step_actions() -> dict[str, str]:
    """Return what is done with steps, by its name, and in words."""
    return dict(_actions(JobStepView.get_extra_actions()))


def _actions(handlers: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for handler in handlers:
        if handler.detail and "post" in handler.mapping:
            yield handler.url_path, summary_of(words_of(handler))[0]
