"""The rules of the floor in plain Python, from the words of the domain and not from the code.

Each deed returns the codes of all the rules it breaks; when it breaks none it is done. Which of
several rules a refusal names is the product's affair.
"""

from dataclasses import dataclass, field, replace

UNDO_WITHIN = 10.0  # Seconds.
JOB_STATES = ("draft", "active", "on_hold", "completed", "cancelled")
FINISHED = ("completed", "skipped")
BEGUN = ("in_progress", "paused", "completed")
WAITING = ("pending", "ready")
OPERATORS = ("ann", "bob")
PROCESSES = {"cut": True, "hand": False, "weld": False}  # Whether it needs a machine.

Broken = set[str]


@dataclass(frozen=True)
class Person:
    """What a role lets its people do."""

    plans: bool = False
    reports_downtime: bool = False
    executes: frozenset[str] = frozenset()
    supervises: frozenset[str] = frozenset()


@dataclass
class Machine:
    """A machine and what it can do; ``capacity`` None is unlimited."""

    does: frozenset[str]
    capacity: int | None = None
    is_down: bool = False


@dataclass(frozen=True)
class Pieces:
    """Good, scrapped and sent to rework."""

    good: int = 0
    scrap: int = 0
    rework: int = 0

    def __add__(self, other: "Pieces") -> "Pieces":
        return Pieces(self.good + other.good, self.scrap + other.scrap, self.rework + other.rework)

    @property
    def total(self) -> int:
        return self.good + self.scrap + self.rework


@dataclass
class Job:
    """A job and its steps."""

    quantity: int
    status: str = "draft"
    priority: int = 1
    steps: list["Step"] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return all(step.status in FINISHED for step in self.steps)

    def settle(self) -> None:
        """Let waiting steps be ready exactly when those before them let them begin."""
        if self.status not in {"active", "on_hold"}:
            return
        for step in self.steps:
            if step.status in WAITING:
                step.status = "ready" if step.may_begin else "pending"


@dataclass
class State:
    """What of a step an undo brings back."""

    status: str = "pending"
    holder: str | None = None
    machine: str | None = None
    made: Pieces = Pieces()
    workers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Memory:
    """Who may undo a deed, when it was done, and how the step was before."""

    who: str
    at: float
    before: State


@dataclass(eq=False)
class Step:
    """One operation of a job."""

    job: Job
    sequence: int
    process: str
    starts_after: str = "finished"
    now: State = field(default_factory=State)
    memory: Memory | None = None
    key: int = 0  # The row's, once there is one.

    @property
    def status(self) -> str:
        return self.now.status

    @status.setter
    def status(self, status: str) -> None:
        self.now.status = status

    @property
    def may_begin(self) -> bool:
        earlier = (each for each in self.job.steps if each.sequence < self.sequence)
        return all(
            each.status in FINISHED
            or (self.starts_after == "first_good" and each.now.made.good > 0)
            for each in earlier
        )

    @property
    def begun_after(self) -> bool:
        return any(
            each.sequence > self.sequence and each.status in BEGUN for each in self.job.steps
        )

    @property
    def begun_by_first_good(self) -> bool:
        return any(
            each.sequence > self.sequence
            and each.status in BEGUN
            and each.starts_after == "first_good"
            for each in self.job.steps
        )


class Floor:
    """Jobs, machines and people, and what people may do."""

    def __init__(self, people: dict[str, Person], machines: dict[str, Machine]) -> None:
        self.people = people
        self.machines = machines
        self.jobs: list[Job] = []
        self.time = 0.0

    @property
    def steps(self) -> list[Step]:
        return [step for job in self.jobs for step in job.steps]

    def running_on(self, machine: str) -> int:
        return sum(
            step.now.machine == machine and step.status == "in_progress" for step in self.steps
        )

    def machine_status(self, machine: str) -> str:
        if self.machines[machine].is_down:
            return "down"
        return "running" if self.running_on(machine) else "idle"

    # The office.

    def create_job(self, who: str, job: Job) -> Broken:
        broken = self._plans(who)
        if not broken:
            self.jobs.append(job)
        return broken

    def change_priority(self, who: str, job: Job, priority: int) -> Broken:
        broken = self._plans(who)
        if not broken:
            job.priority = priority
        return broken

    def add_step(self, who: str, step: Step) -> Broken:
        broken = self._plans(who)
        if step.job.status in {"completed", "cancelled"}:
            broken.add("illegal_transition")
        if not broken:
            step.job.steps.append(step)
            step.job.settle()
        return broken

    def move_step(self, who: str, step: Step, sequence: int) -> Broken:
        broken = self._plans(who)
        if step.status != "pending":
            broken.add("illegal_transition")
        if not broken:
            step.sequence = sequence
            step.job.settle()
        return broken

    def run_job(self, who: str, job: Job, action: str) -> Broken:
        """Release, hold, resume, cancel, complete or reopen."""
        before, after = {
            "release": (("draft",), "active"),
            "hold": (("active",), "on_hold"),
            "resume": (("on_hold",), "active"),
            "cancel": (("draft", "active", "on_hold"), "cancelled"),
            "complete": (("active",), "completed"),
            "reopen": (("completed",), "active"),
        }[action]
        broken = self._plans(who)
        if job.status not in before or (action == "complete" and not job.is_done):
            broken.add("illegal_transition")
        if action == "release" and not job.steps:
            broken.add("no_steps")
        if broken:
            return broken
        job.status = after
        for step in job.steps:
            if action == "cancel" and step.status not in FINISHED:
                self._change(step, status="cancelled", workers=())
            elif action == "hold" and step.status == "in_progress":
                self._change(step, status="paused", workers=())
        job.settle()
        return broken

    def change_rights(self, process: str, *, may: bool) -> None:
        """Give the operators' role a process or take it away; work going on goes on."""
        for name in OPERATORS:
            executes = self.people[name].executes
            changed = executes | {process} if may else executes - {process}
            self.people[name] = replace(self.people[name], executes=changed)

    # The floor.

    def start(
        self,
        who: str,
        step: Step,
        *,
        worker: str,
        machine: str | None = None,
        join: bool = False,
        take_over: bool = False,
    ) -> Broken:
        """Start, resume or join."""
        broken = self._works(who, worker, step) | self._job_active(step)
        joining = step.status == "in_progress"
        wanted = step.now.machine if joining else machine or step.now.machine
        if joining:
            if worker in step.now.workers or not join:
                broken.add("already_started")
        elif step.status not in {"ready", "paused"}:
            broken.add("illegal_transition")
        else:
            broken |= self._has_place(wanted, step)
        if step.status == "ready" and step.now.holder not in {None, worker} and not take_over:
            broken.add("assigned_elsewhere")
        if not broken:
            memory = Memory(who, self.time, replace(step.now))
            self._change(
                step,
                status="in_progress",
                holder=step.now.holder if joining else worker,
                machine=wanted,
                workers=(*step.now.workers, worker),
            )
            step.memory = memory
        return broken

    def report(  # noqa: PLR0913 - what an operator may say
        self,
        who: str,
        step: Step,
        pieces: Pieces,
        *,
        worker: str,
        reason: bool = False,
        allow_over: bool = False,
        then: str = "report",
    ) -> Broken:
        """Add pieces; ``then`` go on ("report"), "pause" or "complete"."""
        broken = self._works(who, worker, step) | self._job_active(step)
        if step.status != "in_progress":
            broken.add("illegal_transition")
        if worker not in step.now.workers:
            broken.add("not_working")
        if pieces.scrap and not reason:
            broken.add("scrap_reason_required")
        over = (step.now.made + pieces).total > step.job.quantity
        if pieces.total and over and not allow_over:
            broken.add("over_quantity")
        if broken:
            return broken
        memory = Memory(who, self.time, replace(step.now))
        self._change(step, made=step.now.made + pieces)
        if then == "pause":
            left = tuple(each for each in step.now.workers if each != worker)
            self._change(step, workers=left, status="in_progress" if left else "paused")
        elif then == "complete":
            self._change(step, workers=(), status="completed")
            self._finish(step.job)
        step.memory = memory
        step.job.settle()
        return broken

    def undo(self, who: str, step: Step) -> Broken:
        """Bring a step back to what it was before the last deed with it."""
        memory = step.memory
        if memory is None or memory.who != who or self.time - memory.at > UNDO_WITHIN:
            return {"nothing_to_undo"}
        broken = self._stands(step, memory)
        if not broken:
            if step.job.status == "completed":
                step.job.status = "active"
            step.now, step.memory = memory.before, None
            step.job.settle()
        return broken

    def _stands(self, step: Step, memory: Memory) -> Broken:
        """What keeps a deed from being undone, though it was one's own and the last."""
        broken: Broken = set()
        is_first_good = step.now.made.good > memory.before.made.good == 0
        has_begun = step.status == "completed" and step.begun_after
        if has_begun or (is_first_good and step.begun_by_first_good):
            broken.add("nothing_to_undo")
        if step.job.status not in {"active", "completed"}:
            broken.add("illegal_transition")
        if step.status in {"completed", "paused"}:
            broken |= self._has_place(step.now.machine, step)
        return broken

    # Supervision.

    def assign(self, who: str, step: Step, worker: str | None) -> Broken:
        broken = self._supervises(who, step)
        if worker is not None:
            broken |= self._works(worker, worker, step)
        if step.status not in {"pending", "ready", "paused"}:
            broken.add("illegal_transition")
        if not broken:
            self._change(step, holder=worker)
        return broken

    def skip_step(self, who: str, step: Step) -> Broken:
        broken = self._supervises(who, step) | self._job_active(step)
        if step.status not in {"pending", "ready", "paused"}:
            broken.add("illegal_transition")
        if not broken:
            self._change(step, status="skipped")
            self._finish(step.job)
            step.job.settle()
        return broken

    def reopen_step(self, who: str, step: Step) -> Broken:
        broken = self._supervises(who, step)
        right_job = step.job.status in {"active", "completed"}
        if step.status != "completed" or step.begun_after or not right_job:
            broken.add("illegal_transition")
        if not broken:
            step.job.status = "active"
            self._change(step, status="paused")
            step.job.settle()
        return broken

    def correct(self, who: str, step: Step, pieces: Pieces, *, reason: bool) -> Broken:
        broken = self._supervises(who, step)
        if step.status not in BEGUN:
            broken.add("illegal_transition")
        made = step.now.made + pieces
        if min(made.good, made.scrap, made.rework) < 0 or pieces == Pieces():
            broken.add("invalid")
        if pieces.scrap > 0 and not reason:
            broken.add("scrap_reason_required")
        if not broken:
            self._change(step, made=made)
            step.job.settle()
        return broken

    # Machines.

    def begin_downtime(self, who: str, machine: str) -> Broken:
        broken = self._reports_downtime(who)
        if self.machines[machine].is_down:
            broken.add("already_down")
        if not broken:
            self.machines[machine].is_down = True
        return broken

    def end_downtime(self, who: str, machine: str) -> Broken:
        """End the last downtime of a machine that was down before."""
        broken = self._reports_downtime(who)
        if not self.machines[machine].is_down:
            broken.add("downtime_ended")
        if not broken:
            self.machines[machine].is_down = False
        return broken

    # The rules that several deeds share.

    def _plans(self, who: str) -> Broken:
        return set() if self.people[who].plans else {"not_permitted"}

    def _reports_downtime(self, who: str) -> Broken:
        return set() if self.people[who].reports_downtime else {"not_permitted"}

    def _supervises(self, who: str, step: Step) -> Broken:
        return set() if step.process in self.people[who].supervises else {"process_not_permitted"}

    def _works(self, who: str, worker: str, step: Step) -> Broken:
        may = step.process in self.people[worker].executes
        acts_for_another = who != worker and self._supervises(who, step)
        return set() if may and not acts_for_another else {"process_not_permitted"}

    def _job_active(self, step: Step) -> Broken:
        return set() if step.job.status == "active" else {"illegal_transition"}

    def _has_place(self, machine: str | None, step: Step) -> Broken:
        if machine is None:
            return {"machine_required"} if PROCESSES[step.process] else set()
        wanted = self.machines[machine]
        is_full = wanted.capacity is not None and self.running_on(machine) >= wanted.capacity
        free = step.process in wanted.does and not wanted.is_down and not is_full
        return set() if free else {"machine_unavailable"}

    def _finish(self, job: Job) -> None:
        if job.is_done:
            job.status = "completed"

    def _change(self, step: Step, **changes: object) -> None:
        """Change a step for good: what was done before can no longer be undone."""
        step.now = replace(step.now, **changes)  # type: ignore[arg-type]  # its own fields
        step.memory = None


def people() -> dict[str, Person]:
    """Who may do what, as the starting roles have it, with rights to ``cut`` and ``hand``."""
    every, given = frozenset(PROCESSES), frozenset({"cut", "hand"})
    operator = Person(reports_downtime=True, executes=given)
    return {
        **dict.fromkeys(OPERATORS, operator),
        "foreman": Person(reports_downtime=True, executes=given, supervises=given),
        "manager": Person(plans=True, reports_downtime=True, executes=every, supervises=every),
        "planner": Person(plans=True),
        "visitor": Person(),
    }
