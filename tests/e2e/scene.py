"""A small shop in the middle of a day, for the browser to look at."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from apps.accounts.models import User
from apps.jobs import services
from apps.jobs.models import Job, JobStep
from apps.jobs.states import LogKind, Priority
from apps.machines.models import Machine
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.processes.models import Process
from apps.shop.selectors import today
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_user,
    permit,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what is there. ``running`` and ``paused`` are the operator's."""

    operator: User
    colleague: User
    planner: User
    viewer: User
    running: JobStep
    paused: JobStep
    ready: JobStep
    taken: JobStep


def make_scene() -> Scene:
    """Make two operators at work, machines in every state, and jobs late and in time."""
    cutting = make_process(name="Laser cutting", needs_machine=True)
    welding, packing = make_process(name="Welding"), make_process(name="Packing")
    laser, second, press = _machines(cutting)
    operator = make_user("operator", full_name="Ayşe Kaya")
    colleague = make_user("operator", full_name="Mehmet Öztürk")
    planner = make_user("planner", full_name="Petra Planner")
    for process in (cutting, welding, packing):
        permit(operator, process)
    make_reason(ReasonKind.SCRAP, name="Dimension out of tolerance")
    jobs = [_job(n, planner, cutting, welding, packing) for n in range(9)]
    steps = [job.steps.order_by("sequence")[0] for job in jobs]
    running = services.start_step(steps[0].pk, actor=operator, machine_id=laser.pk)
    services.report_step(running.pk, services.Report(good=120), actor=operator)
    setting_up = services.start_step(
        steps[1].pk, actor=operator, machine_id=second.pk, kind=LogKind.SETUP
    )
    services.raise_help(actor=operator, step_id=setting_up.pk)
    services.start_step(steps[2].pk, actor=operator, machine_id=second.pk)
    paused = services.pause_step(steps[2].pk, actor=operator)
    taken = services.start_step(steps[3].pk, actor=colleague, machine_id=second.pk)
    down = make_reason(ReasonKind.DOWNTIME, name="Tool change")
    at = timezone.now() - timedelta(minutes=22)
    start_downtime(press.pk, reason=down, actor=make_user("supervisor"), at=at)
    return Scene(
        operator=operator,
        colleague=colleague,
        planner=planner,
        viewer=make_user("viewer", full_name="Vera Viewer"),
        running=running,
        paused=paused,
        ready=steps[4],
        taken=taken,
    )


def make_busy_shop(machines: int) -> None:
    """Make a shop with some machines down and half of them running, and jobs that are late."""
    process = make_process(name="Milling and deburring", needs_machine=True)
    worker = make_user("operator", full_name="Jean-Baptiste Lefèvre")
    permit(worker, process)
    tool = make_reason(ReasonKind.DOWNTIME, name="Waiting for material")
    for number in range(machines):
        machine = make_machine(process, code=f"MILL-{number + 1}", name=f"Milling centre {number}")
        if number % 8 == 1:
            at = timezone.now() - timedelta(minutes=9 * number)
            start_downtime(machine.pk, reason=tool, actor=worker, at=at, note="sheet 3 mm")
        elif number % 2 == 0:
            due = today() - timedelta(days=number)
            job = make_job(process, released=True, due_date=due, quantity=100)
            step = services.start_step(job.steps.get().pk, actor=worker, machine_id=machine.pk)
            services.report_step(step.pk, services.Report(good=number), actor=worker)


def _machines(cutting: Process) -> list[Machine]:
    names = ("Laser 1", "Laser 2", "Press 2", "Mill 3")
    return [make_machine(cutting, name=name) for name in names][:3]


def _job(place: int, planner: User, *processes: Process) -> Job:
    parts = ("Bracket B-17", "Control panel front plate, brushed", "Hinge")
    customers = ("Aksoy Metal", "Brandt & Söhne Maschinenbau GmbH", "Orion Signs")
    job = make_job(
        *processes,
        actor=planner,
        released=True,
        customer=make_customer(name=customers[place % 3]),
        part=make_part(name=parts[place % 3], revision="C"),
        quantity=(200, 40, 1200)[place % 3],
        priority=list(Priority)[place % 4],
        due_date=today() + timedelta(days=(1, -2, 12, 0, -1)[place % 5]),
    )
    if place % 3 == 0:
        job.steps.update(instructions="Deburr both edges.\nProtect the brushed side with film.")
    return job
