"""The demo's processes, reasons and machines, with their downtimes."""

from collections import Counter

from apps.demo.calendar import DAY
from apps.demo.floor import DOWNTIME_REASONS, MACHINES, PROCESSES, SCRAP_REASONS
from apps.demo.people import SUPERVISOR
from apps.demo.services.records import Records, insert
from apps.jobs.states import StepStatus
from apps.machines.models import Machine, MachineDowntime, Reason
from apps.machines.states import MachineStatus, ReasonKind
from apps.processes.models import Process

_INSTALLED = -800  # The working day on which all was there.


def write_processes(records: Records) -> None:
    """Write what the shop can do, and the reasons of loss."""
    since = records.calendar.at(_INSTALLED * DAY)
    processes = insert(
        Process,
        (
            Process(
                code=plan.code,
                name=plan.name,
                description=plan.description,
                standard_minutes=plan.standard_minutes,
                needs_machine=plan.needs_machine,
                created_at=since,
                updated_at=since,
            )
            for plan in PROCESSES
        ),
    )
    records.processes = {process.code: process for process in processes}
    named = ((ReasonKind.SCRAP, SCRAP_REASONS), (ReasonKind.DOWNTIME, DOWNTIME_REASONS))
    reasons = insert(
        Reason,
        (
            Reason(kind=kind, code=code, name=name, created_at=since, updated_at=since)
            for kind, names in named
            for code, name in names.items()
        ),
    )
    records.reasons = {f"{reason.kind}:{reason.code}": reason for reason in reasons}


def write_machines(records: Records) -> None:
    """Write the machines as they are at this moment."""
    since = records.calendar.at(_INSTALLED * DAY)
    running = _running(records)
    machines = []
    for plan in MACHINES:
        downtimes = records.story.downtimes[plan.code]
        is_down = bool(downtimes) and downtimes[-1].end is None
        busy = MachineStatus.RUNNING if running[plan.code] else MachineStatus.IDLE
        machines.append(
            Machine(
                code=plan.code,
                name=plan.name,
                capacity=plan.capacity,
                hourly_rate=plan.hourly_rate,
                location=plan.location,
                running_steps=running[plan.code],
                status=MachineStatus.DOWN if is_down else busy,
                created_at=since,
                updated_at=since,
            )
        )
    records.machines = {machine.code: machine for machine in insert(Machine, machines)}
    link = Machine.processes.through
    link._base_manager.bulk_create(
        link(machine=records.machines[plan.code], process=records.processes[process])
        for plan in MACHINES
        for process in plan.processes
    )


def _running(records: Records) -> Counter[str | None]:
    """Return how many steps are in progress on each machine."""
    return Counter(
        step.machine
        for course in records.story.courses
        for step in course.steps
        if step.status == StepStatus.IN_PROGRESS
    )


def write_downtimes(records: Records) -> None:
    """Write the year's downtimes; those without an end are of this moment."""
    at = records.calendar.at
    told = [(code, each) for code, some in records.story.downtimes.items() for each in some]
    insert(
        MachineDowntime,
        (
            MachineDowntime(
                machine=records.machines[code],
                reason=records.reasons[f"{ReasonKind.DOWNTIME}:{downtime.reason}"],
                note=downtime.note,
                started_at=at(downtime.start),
                ended_at=None if downtime.end is None else at(downtime.end),
                reported_by=records.users[SUPERVISOR],
                created_at=at(downtime.start),
                updated_at=at(downtime.start if downtime.end is None else downtime.end),
            )
            for code, downtime in sorted(told, key=lambda pair: pair[1].start)
        ),
    )
