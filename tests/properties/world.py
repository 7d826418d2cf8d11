"""The rows that stand for the model's people, machines and routings."""

from dataclasses import dataclass

from apps.accounts.models import User
from apps.customers.models import Customer
from apps.jobs.models import Job, JobStep, Routing, RoutingStep, WorkLog
from apps.machines.models import Machine, Reason
from apps.machines.states import ReasonKind
from apps.processes.models import Process, RoleProcessPermission
from apps.processes.selectors import process_rights
from tests.factories import (
    make_customer,
    make_machine,
    make_process,
    make_reason,
    make_routing,
    make_user,
    permit,
)
from tests.properties import model

MACHINES = {
    "saw": model.Machine(frozenset({"cut"}), capacity=1),
    "laser": model.Machine(frozenset({"cut", "weld"})),
    "bench": model.Machine(frozenset()),
}
# Routings: sequence, process, starts after.
PLANS = {
    "one": [(10, "hand", "finished")],
    "chain": [(10, "hand", "finished"), (20, "cut", "finished"), (30, "weld", "finished")],
    "flow": [(10, "cut", "finished"), (20, "hand", "first_good")],
    "fork": [(10, "cut", "finished"), (10, "cut", "finished"), (20, "hand", "finished")],
}
ROLES = {"ann": "operator", "bob": "operator", "foreman": "supervisor", "visitor": "viewer"}


@dataclass(frozen=True)
class World:
    """Rows by the model's names."""

    people: dict[str, User]
    processes: dict[str, Process]
    machines: dict[str, Machine]
    routings: dict[str, Routing]
    customer: Customer
    reason: Reason
    trouble: Reason

    def key(self, machine: str | None) -> int | None:
        """Return a machine's key."""
        return self.machines[machine].pk if machine else None

    def change_rights(self, process: str, *, may: bool) -> None:
        """Give the operators' role a process or take it away."""
        role = self.people["ann"].role_id
        rights = RoleProcessPermission.objects.filter(role=role, process=self.processes[process])
        rights.update(can_execute=may)
        process_rights.renew(role)

    def forget(self) -> None:
        """Drop what was cached of rows that are rolled back."""
        process_rights.renew(self.people["ann"].role_id)

    def jobs(self) -> dict[int, tuple[object, ...]]:
        """Return status, priority and counts of every job, by key."""
        rows = Job.objects.values_list("pk", "status", "priority", "steps_total", "steps_done")
        return {key: tuple(row) for key, *row in rows}

    def steps(self) -> dict[int, tuple[int, model.State]]:
        """Return every step's sequence and state, by key; its workers by name."""
        names = {user.pk: name for name, user in self.people.items()}
        places = {machine.pk: name for name, machine in self.machines.items()}
        workers: dict[int, list[str]] = {}
        for key, user in WorkLog.objects.open().values_list("step", "user"):
            workers.setdefault(key, []).append(names[user])
        columns = ("good", "scrap", "rework")
        rows = JobStep.objects.values_list(
            "pk",
            "sequence",
            "status",
            "assigned_to",
            "machine",
            *(f"quantity_{x}" for x in columns),
        )
        return {
            key: (
                sequence,
                model.State(
                    status,
                    names.get(holder),
                    places.get(machine),
                    model.Pieces(*made),
                    tuple(sorted(workers.get(key, ()))),
                ),
            )
            for key, sequence, status, holder, machine, *made in rows
        }

    def running(self) -> dict[str, tuple[str, int]]:
        """Return status and number of running steps of every machine, by name."""
        rows = Machine.objects.values_list("pk", "status", "running_steps")
        found = {key: tuple(row) for key, *row in rows}
        return {name: found[machine.pk] for name, machine in self.machines.items()}


def make_world() -> World:
    """Make the rows that no deed changes but machines."""
    people = {name: make_user(ROLES.get(name, name)) for name in model.people()}
    processes = {name: make_process(needs_machine=needs) for name, needs in model.PROCESSES.items()}
    for name in ("cut", "hand"):
        permit(people["ann"], processes[name])
        permit(people["foreman"], processes[name], "can_supervise")
    return World(
        people=people,
        processes=processes,
        machines={
            name: make_machine(
                *(processes[each] for each in machine.does), capacity=machine.capacity
            )
            for name, machine in MACHINES.items()
        },
        routings={name: _make_routing(plan, processes) for name, plan in PLANS.items()},
        customer=make_customer(),
        reason=make_reason(),
        trouble=make_reason(ReasonKind.DOWNTIME),
    )


def _make_routing(plan: list[tuple[int, str, str]], processes: dict[str, Process]) -> Routing:
    routing = make_routing()
    for sequence, process, starts_after in plan:
        RoutingStep.objects.create(
            routing=routing,
            sequence=sequence,
            process=processes[process],
            starts_after=starts_after,
        )
    return routing
