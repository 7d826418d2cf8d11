"""Whether a machine can take a step."""

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
        raise Invalid("There is no such machine.", field="machine")
    if not machine.is_active:
        raise MachineUnavailable(f"{machine} is no longer in use.", machine=machine.code)
    if not getattr(machine, "can_do", False):
        raise MachineUnavailable(f"{machine} cannot do {step.process}.", machine=machine.code)
    if machine.status == MachineStatus.DOWN:
        raise MachineUnavailable(f"{machine} is down.", machine=machine.code)
    if machine.capacity is not None and machine.running_steps >= machine.capacity:
        holding = JobStep.objects.filter(machine=machine, status=StepStatus.IN_PROGRESS)
        held = ", ".join(named(each) for each in holding.select_related("job", "process")[:3])
        raise MachineUnavailable(
            f"{machine} is full: it runs {held}.", machine=machine.code, held_by=held
        )
