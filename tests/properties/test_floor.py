"""People do at random what they like; the product allows and does what the rules say."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from random import SystemRandom
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, JobStep
from apps.jobs.services import Report
from apps.machines.services import end_downtime, start_downtime
from tests.invariants import assert_invariants
from tests.properties import model
from tests.properties.deeds import (
    ACTIONS,
    ANY,
    MOST_JOBS,
    NO_CHOICES,
    NOBODY,
    OPEN_JOBS,
    QUANTITY,
    deeds,
    plans,
)
from tests.properties.world import MACHINES, PLANS, World, make_world

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

EVERYTHING = bool(os.environ.get("ANDON_ALL"))
# After ten examples Hypothesis mostly varies those it has tried: more runs say more than long ones.
EXAMPLES = 10
DEEDS_A_RUN = 50 if EVERYTHING else 30
SEEDS = [SystemRandom().getrandbits(32) for _ in range(30)] if EVERYTHING else range(6)

UNDONE = {"completed": "completion", "paused": "pause"}
OFTEN = {"release job", "start", "report step", "pause step", "complete step"}


class FloorMachine(RuleBasedStateMachine):
    """One shop in a transaction that is rolled back, beside the model of it."""

    world: World
    ended: Counter[tuple[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self.floor = model.Floor(
            model.people(), {name: replace(each) for name, each in MACHINES.items()}
        )
        self.downtimes: dict[str, int] = {}
        self.jobs: dict[int, model.Job] = {}
        self.agrees = True
        self.began = timezone.now()
        self.stack = ExitStack()
        self.stack.callback(self.world.forget)
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.stack.enter_context(patch("django.utils.timezone.now", self.now))

    def teardown(self) -> None:
        """What must hold holds, after all that was done; then nothing was."""
        with self.stack:
            if self.agrees:  # Else there is a failure to be told already.
                assert_invariants()

    def now(self):
        return self.began + timedelta(seconds=self.floor.time)

    def do(self, name: str, broken: set[str], deed: Callable[[], Any]) -> Any:
        """Do it for real: return what it returns, or None when a rule it breaks refuses it."""
        self.agrees = False
        made, code = None, "done"
        try:
            made = deed()
        except DomainError as refusal:
            code = refusal.code
        assert code in (broken or {"done"}), f"{name}: {code}, and not {broken or 'done'}"
        self.ended[name, code] += 1
        self.floor.time += 0.5
        return made

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        assert self.world.jobs() == {
            key: (
                job.status,
                job.priority,
                sum(step.status != "cancelled" for step in job.steps),
                sum(step.status in model.FINISHED for step in job.steps),
            )
            for key, job in self.jobs.items()
        }
        assert self.world.steps() == {
            step.key: (step.sequence, replace(step.now, workers=tuple(sorted(step.now.workers))))
            for step in self.floor.steps
        }
        assert self.world.running() == {
            name: (self.floor.machine_status(name), self.floor.running_on(name))
            for name in MACHINES
        }
        self.agrees = True

    @rule(deed=deeds())
    def someone_acts(self, deed):
        """One rule for all deeds: of several, each run would leave about half of them out."""
        name, choices = deed
        getattr(self, name)(**choices)

    # The office.

    @initialize(
        plan=plans,
        far=st.sampled_from(("released", "begun", "reported", "completed")),
    )
    def a_job_is_on_the_floor(self, plan, far):
        """Half-way, for most of what may happen needs something that has happened before."""
        self.create_job("planner", plan, released=True)
        if far != "released":
            self.begin(0)
        if far in {"reported", "completed"}:
            then = "complete" if far == "completed" else "report"
            self.report(0, NOBODY, model.Pieces(good=2), NO_CHOICES, then)

    def create_job(self, who, plan, released):
        if sum(job.status in OPEN_JOBS for job in self.floor.jobs) == MOST_JOBS:
            return
        job = model.Job(QUANTITY)
        job.steps = [model.Step(job, *each) for each in PLANS[plan]]
        row = Job(
            customer=self.world.customer, routing=self.world.routings[plan], quantity=QUANTITY
        )
        broken = self.floor.create_job(who, job)
        if self.do("create job", broken, lambda: services.create_job(row, **self._by(who))):
            self.jobs[row.pk] = job
            keys = row.steps.values_list("pk", flat=True)
            for step, key in zip(job.steps, keys, strict=True):
                step.key = key
            if released:
                self._run_job("release", "planner", job)

    def run_job(self, pick, who, action):
        self._run_job(action, who, self._job(ACTIONS.get(action, OPEN_JOBS), pick))

    def _run_job(self, action, who, job):
        broken = self.floor.run_job(who, job, action)
        act = getattr(services, f"{action}_job")
        self.do(f"{action} job", broken, lambda: act(self._key(job), **self._by(who)))

    def change_priority(self, pick, who, priority):
        job = self._job(model.JOB_STATES, pick)
        broken = self.floor.change_priority(who, job, priority)
        row = Job.objects.get(pk=self._key(job))
        row.priority = priority
        deed = partial(services.save_job, row, fields=["priority"])
        self.do("change priority", broken, lambda: deed(**self._by(who)))

    def add_step(self, pick, who, sequence, process, starts_after):
        job = self._job(OPEN_JOBS, pick)
        step = model.Step(job, sequence, process, starts_after)
        row = JobStep(
            job_id=self._key(job),
            sequence=sequence,
            process=self.world.processes[process],
            starts_after=starts_after,
        )
        broken = self.floor.add_step(who, step)
        self.do("add step", broken, lambda: services.add_step(row, **self._by(who)))
        step.key = row.pk

    def move_step(self, pick, who, sequence):
        step = self._step(lambda step: step.status == "pending", pick)
        broken = self.floor.move_step(who, step, sequence)
        row = JobStep.objects.get(pk=step.key)
        row.sequence = sequence
        deed = partial(services.save_step, row, fields=["sequence"])
        self.do("move step", broken, lambda: deed(**self._by(who)))

    def change_rights(self, may):
        self.floor.change_rights("cut", may=may)
        self.world.change_rights("cut", may=may)

    # The floor.

    def start(self, pick, hands, choices):
        step = self._step(lambda step: step.status in {"ready", "paused", "in_progress"}, pick)
        who, worker = hands[0] or self._able(step), hands[1]
        machine = choices["machine"] if step.process != "hand" else None
        flags = {name: choices[name] for name in ("join", "take_over")}
        broken = self.floor.start(who, step, worker=worker or who, machine=machine, **flags)
        deed = partial(services.start_step, step.key, machine_id=self.world.key(machine), **flags)
        self.do("start", broken, lambda: deed(**self._by(who, worker)))

    def begin(self, pick):
        """Start a step in the way that is refused least."""
        self.start(pick, NOBODY, {"machine": "laser", "join": True, "take_over": True})

    def report(self, pick, hands, made, choices, then):
        if all(step.status != "in_progress" for step in self.floor.steps):
            self.begin(pick)  # Else most reports would only be refused.
        step = self._step(lambda step: step.status == "in_progress", pick)
        who, worker = hands[0] or next(iter(step.now.workers), "ann"), hands[1]
        broken = self.floor.report(who, step, made, worker=worker or who, then=then, **choices)
        said = Report(
            **asdict(made),
            scrap_reason=self.world.reason if choices["reason"] else None,
            allow_over=choices["allow_over"],
        )
        deed = partial(getattr(services, f"{then}_step"), step.key, said)
        self.do(f"{then} step", broken, lambda: deed(**self._by(who, worker)))

    def undo(self, pick, who):
        step = self._step(lambda step: step.memory, pick)
        who = who or (step.memory.who if step.memory else "ann")
        name = UNDONE.get(step.status, "start or report")
        broken = self.floor.undo(who, step)
        self.do(f"undo {name}", broken, lambda: services.undo_step(step.key, **self._by(who)))

    def time_passes(self):
        self.floor.time += model.UNDO_WITHIN

    # Supervision.

    def assign(self, pick, who, worker):
        step = self._step(lambda step: step.status not in model.BEGUN, pick)
        broken = self.floor.assign(who, step, worker)
        user = self.world.people[worker] if worker else None
        self.do("assign", broken, lambda: services.assign_step(step.key, user, **self._by(who)))

    def skip_or_reopen(self, pick, who, action):
        completed = action == "reopen"
        step = self._step(lambda step: (step.status == "completed") == completed, pick)
        broken = getattr(self.floor, f"{action}_step")(who, step)
        act = getattr(services, f"{action}_step")
        self.do(f"{action} step", broken, lambda: act(step.key, **self._by(who)))

    def correct(self, pick, who, change, reason):
        step = self._step(lambda step: step.status in model.BEGUN, pick)
        broken = self.floor.correct(who, step, change, reason=reason)
        given = {"scrap_reason": self.world.reason if reason else None, **asdict(change)}
        deed = partial(services.correct_step, step.key, note="Counted again", **given)
        self.do("correct", broken, lambda: deed(**self._by(who)))

    # Machines.

    def downtime(self, who, machine, ends):
        who = who or "ann"
        key = self.downtimes.get(machine)
        if ends and key:
            broken = self.floor.end_downtime(who, machine)
            self.do("end downtime", broken, lambda: end_downtime(key, **self._by(who)))
            return
        broken = self.floor.begin_downtime(who, machine)
        deed = partial(start_downtime, self.world.key(machine), reason=self.world.trouble)
        if row := self.do("begin downtime", broken, lambda: deed(**self._by(who))):
            self.downtimes[machine] = row.pk

    # From chances and the model's names to steps, jobs and rows.

    def _step(self, fits, pick):
        """Return a step on the floor that fits the deed, or one time in four any step."""
        fitting = [step for step in self.floor.steps if step.job.status == "active" and fits(step)]
        return _one(fitting, self.floor.steps, pick)

    def _job(self, likely, pick):
        return _one([job for job in self.floor.jobs if job.status in likely], self.floor.jobs, pick)

    def _able(self, step):
        return next(who for who, each in self.floor.people.items() if step.process in each.executes)

    def _by(self, who, worker=None):
        people = self.world.people
        return {"actor": people[who]} | ({"user": people[worker]} if worker else {})

    def _key(self, job):
        return next(key for key, each in self.jobs.items() if each is job)


def _one(fitting, every, pick):
    among = every if pick % 4 == ANY or not fitting else fitting
    return among[pick // 4 % len(among)]


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_the_floor_does_what_the_rules_say(number):
    """The same each time; with ANDON_ALL longer, and by chance."""
    print(f"seed {SEEDS[number]}")  # noqa: T201 - shown on failure
    ended: Counter[tuple[str, str]] = Counter()
    machine = type("Shop", (FloorMachine,), {"world": make_world(), "ended": ended})
    run_state_machine_as_test(
        seed(SEEDS[number])(machine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=DEEDS_A_RUN,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for (name, code), count in sorted(ended.items()):
        print(f"{count:5} {name}: {code}")  # noqa: T201 - shown with -rP
    assert {name for name, code in ended if code == "done"} >= OFTEN, "too little was done"
