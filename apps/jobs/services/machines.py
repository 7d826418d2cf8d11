"""Whether a machine can take a step."""

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.jobs.models import JobStep
from apps.jobs.services.floor import named
from apps.jobs.states import StepStatus
from apps.machines.errors import MachineUnavailable
from apps.machines.models import Machine
from apps.machines.states import MachineStatus


def require_machine(machine: Machine | None, step: JobStep) -> None:
    """Refuse unless a machine locked for the step's process can run the step now.

    Raises: MachineUnavailable, which says which and what holds it; Invalid for none.
    """
    if machine is None:
        raise Invalid(_("There is no such machine."), field="machine")
    if not machine.is_active:
        raise _unavailable(machine, _("%(machine)s is no longer in use."))
    if not getattr(machine, "can_do", False):
        raise cannot_do(machine, step)
    if machine.status == MachineStatus.DOWN:
        raise _unavailable(machine, _("%(machine)s is down."))
    if machine.capacity is not None and machine.running_steps >= machine.capacity:
        holding = JobStep.objects.filter(machine=machine, status=StepStatus.IN_PROGRESS)
        held = ", ".join(named(each) for each in holding.select_related("job", "process")[:3])
        words = _("%(machine)s is full: it runs %(steps)s.") % {"machine": machine, "steps": held}
        raise MachineUnavailable(words, machine=machine.code, held_by=held)


def cannot_do(machine: Machine, step: JobStep, *, field: str | None = None) -> MachineUnavailable:
    """Return the refusal of a machine that is not for the step's process."""
    places = {"machine": machine, "process": step.process}
    words = _("%(machine)s cannot do %(process)s.") % places
    return MachineUnavailable(words, field=field, machine=machine.code)


def _unavailable(machine: Machine, words: str) -> MachineUnavailable:
    return MachineUnavailable(words % {"machine": machine}, machine=machine.code)
