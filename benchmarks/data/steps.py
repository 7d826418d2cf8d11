"""The rows of job steps and work logs.

Eight million of each: what happens to a completed step is written out straight, with no object
a row, and chance is cut from one draw of bits.
"""

from dataclasses import dataclass
from random import Random

from apps.demo.incidents import MISCOUNTS
from apps.jobs.states import LogKind, StepStatus
from benchmarks.data import shape
from benchmarks.data.clock import HOUR, SHIFT, Clock
from benchmarks.data.machines import SCRAP_KEYS
from benchmarks.data.office import Office
from benchmarks.data.routings import Operation
from benchmarks.data.rows import NULL, Table

STEP_TABLE = Table(
    "job_steps",
    (
        *("id", "created_at", "updated_at", "version", "priority", "due_date"),
        *("quantity_planned", "job_id", "sequence", "process_id", "instructions", "starts_after"),
        *("planned_minutes", "machine_id", "assigned_to_id", "status", "quantity_good"),
        *("quantity_scrap", "quantity_rework", "started_at", "completed_at"),
    ),
)
# Logs begin with their time, so that sorting their text brings them into order; their keys are
# given by the database in that order.
LOG_TABLE = Table(
    "work_logs",
    (
        *("created_at", "updated_at", "version", "kind", "started_at", "ended_at"),
        *("quantity_good", "quantity_scrap", "quantity_rework", "note", "machine_id"),
        *("scrap_reason_id", "step_id", "user_id"),
    ),
)

_PACES = 32  # Work takes between three quarters of the planned time and a quarter more.
_QUICKEST = 45  # Seconds a planned minute.
_SEVERAL = shape.TWO_LOGS + shape.THREE_LOGS
_UNUSUAL = shape.LOSSES + _SEVERAL + shape.CORRECTED  # One of them a step is enough.
_BITS = 30
_USUAL = int(_UNUSUAL * (1 << _BITS))


@dataclass(frozen=True, slots=True)
class Order:
    """What the steps of a job have in common.

    ``text`` begins their rows, after the key; ``made`` is what all of the quantity being good
    looks like in them.
    """

    text: str
    quantity: int
    made: str


@dataclass(frozen=True, slots=True)
class Made:
    """What was made in a stretch of work; ``reason`` is the key of the scrap's, as text."""

    good: int
    scrap: int = 0
    rework: int = 0
    reason: str = NULL


class StepWriter:
    """Collects the rows of steps in order, and those of logs by the day they began."""

    def __init__(self, rng: Random, clock: Clock, office: Office) -> None:
        self.steps: list[str] = []
        self.logs: list[list[str]] = [[] for _ in range(clock.days)]
        self.count = self.log_count = 0
        self._rng = rng
        self._bits = rng.getrandbits
        self._clock = clock
        self._day, self._time = clock.day_text, clock.time_text
        self._machines, self._supervisors = office.machines, office.people.supervisors

    def take(self) -> str:
        """Return the steps collected so far, and forget them."""
        steps, self.steps = self.steps, []
        return "".join(steps)

    def take_logs(self, day: int) -> str:
        """Return the logs that began on a working day, in order of time, and forget them."""
        logs, self.logs[day] = self.logs[day], []
        logs.sort()
        self.log_count += len(logs)
        return "".join(logs)

    def complete(
        self, order: Order, operation: Operation, start: int, limit: int
    ) -> tuple[int, int]:
        """Write a completed step begun at ``start``; return when it ended and what was good.

        It ends at ``limit`` at the latest.
        """
        bits = self._bits(62)
        self.count = key = self.count + 1
        quantity, workers, machines = order.quantity, operation.workers, operation.machines
        worker = workers[(bits & 0xFFFF) % len(workers)]
        machine = machines[(bits >> 16 & 0xFF) % len(machines)]
        minutes = operation.setup - -operation.run * quantity // 1000
        end = start + minutes * (_QUICKEST + (bits >> 24) % _PACES)
        if end > limit:  # noqa: PLR1730 - min() costs a second in eight million
            end = limit
        day, time = self._day, self._time
        span = f"{day[start // SHIFT]}{time[start % SHIFT]}\t{day[end // SHIFT]}{time[end % SHIFT]}"
        good, made = quantity, order.made
        if bits >> 32 > _USUAL:
            self.logs[start // SHIFT].append(
                f"{span}\t2\trun\t{span}\t{made}\t\t{machine}\t\\N\t{key}\t{worker}\n"
            )
        else:
            good, made = self._complete_unusually(
                operation, (key, machine, worker), (start, end), quantity
            )
        self.steps.append(
            f"{key}\t{order.text}\t{operation.text}\t{minutes}\t{machine}\t{worker}\tcompleted"
            f"\t{made}\t{span}\n"
        )
        return end, good

    def _complete_unusually(
        self,
        operation: Operation,
        place: tuple[int, str, str],
        span: tuple[int, int],
        quantity: int,
    ) -> tuple[int, str]:
        """Log a completed step in which something went wrong, or on which several worked.

        Returns what was good, and all quantities as text.
        """
        chance = self._rng.random() * _UNUSUAL
        made, stretches = Made(quantity), 1
        if chance < shape.LOSSES:
            made = self._lose(quantity)
        elif chance < shape.LOSSES + _SEVERAL:
            stretches = 3 if chance < shape.LOSSES + shape.THREE_LOGS else 2
        self._log_stretches(operation, place, span, made, stretches)
        if chance > shape.LOSSES + _SEVERAL:
            self._correct(place, span[1])
            return quantity - 1, f"{quantity - 1}\t1\t0"
        return made.good, f"{made.good}\t{made.scrap}\t{made.rework}"

    def wait(
        self, order: Order, operation: Operation, status: StepStatus, assigned_to: str = NULL
    ) -> None:
        """Write a step that was never begun."""
        self.count += 1
        self.steps.append(
            f"{self.count}\t{order.text}\t{operation.text}\t{operation.minutes(order.quantity)}\t"
            f"{operation.machine}\t{assigned_to}\t{status}\t0\t0\t0\t{NULL}\t{NULL}\n"
        )

    def stop(
        self, order: Order, operation: Operation, status: StepStatus, start: int, end: int
    ) -> int:
        """Write a step that was begun and put down; return what of it was good."""
        machine = self._rng.choice(operation.machines)
        worker = self._rng.choice(operation.workers)
        made = Made(int(order.quantity * self._rng.random()))
        key = self._begun(order, operation, (machine, worker), status, start, made)
        self._log((key, machine, worker), LogKind.RUN, (start, end), made)
        return made.good

    def run(self, order: Order, operation: Operation, earliest: int) -> int | None:
        """Write a step in progress; return what of it is good, or None if no machine is free."""
        machine = NULL
        if operation.machines[0] != NULL:
            able = [self._machines[int(key) - 1] for key in operation.machines]
            free = [each for each in able if each.takes_more and not each.is_down]
            if not free:
                return None
            chosen = self._rng.choice(free)
            chosen.running += 1
            machine = str(chosen.key)
        ago = int(self._rng.random() * shape.LONGEST_STRETCH_HOURS * HOUR)
        start = max(earliest, self._clock.end - ago)
        made = Made(int(order.quantity * self._rng.random() * 0.8))
        several = self._rng.random() < shape.SECOND_OPERATOR
        first, *others = self._rng.sample(operation.workers, 2 if several else 1)
        key = self._begun(order, operation, (machine, first), StepStatus.IN_PROGRESS, start, made)
        self._log((key, machine, first), LogKind.RUN, (start, None), made)
        for other in others:
            joined = (start + self._clock.end) // 2
            self._log((key, machine, other), LogKind.RUN, (joined, None), Made(0))
        return made.good

    def _begun(
        self,
        order: Order,
        operation: Operation,
        place: tuple[str, str],
        status: StepStatus,
        start: int,
        made: Made,
    ) -> int:
        """Write a step that was begun and is not completed; ``place`` is machine and worker."""
        self.count += 1
        self.steps.append(
            f"{self.count}\t{order.text}\t{operation.text}\t{operation.minutes(order.quantity)}\t"
            f"{place[0]}\t{place[1]}\t{status}\t{made.good}\t{made.scrap}\t{made.rework}\t"
            f"{self._clock.text(start)}\t{NULL}\n"
        )
        return self.count

    def _lose(self, quantity: int) -> Made:
        """Return what was made where something went wrong."""
        lost = 1 + int((quantity - 1) * shape.LARGEST_LOSS * self._rng.random())
        if self._rng.random() < shape.REWORK:
            return Made(quantity - lost, rework=lost)
        return Made(quantity - lost, lost, 0, self._rng.choice(SCRAP_KEYS))

    def _log_stretches(
        self,
        operation: Operation,
        place: tuple[int, str, str],
        span: tuple[int, int],
        made: Made,
        stretches: int,
    ) -> None:
        """Write the logs of one step, one after the other; the last one has the losses."""
        key, machine, _ = place
        start, end = span
        length = (end - start) // stretches
        share = made.good // stretches
        has_setup = stretches > 1 and self._rng.random() < shape.SETUP_LOG
        left = made.good
        for number in range(stretches - 1):
            kind = LogKind.SETUP if has_setup and not number else LogKind.RUN
            pieces = Made(0 if kind == LogKind.SETUP else share)
            left -= pieces.good
            who = self._rng.choice(operation.workers)
            self._log((key, machine, who), kind, (start, start + length), pieces)
            start += length
        rest = Made(left, made.scrap, made.rework, made.reason)
        self._log(place, LogKind.RUN, (start, end), rest)

    def _correct(self, place: tuple[int, str, str], after: int) -> None:
        """Write a correction: one good piece was scrap after all."""
        key, machine, _ = place
        when = min(self._clock.end, after + int(self._rng.random() * HOUR))
        made = Made(-1, 1, 0, self._rng.choice(SCRAP_KEYS))
        who = self._rng.choice(self._supervisors)
        note = self._rng.choice(MISCOUNTS)
        self._log((key, machine, who), LogKind.CORRECTION, (when, when), made, note)

    def _log(
        self,
        place: tuple[int, str, str],
        kind: LogKind,
        span: tuple[int, int | None],
        made: Made,
        note: str = "",
    ) -> None:
        """Write a log; ``place`` is step, machine and worker. Without an end it is open."""
        key, machine, worker = place
        start, end = span
        began = self._clock.text(start)
        ended = NULL if end is None else self._clock.text(end)
        changed, version = (began, 1) if end is None else (ended, 2)
        self.logs[start // SHIFT].append(
            f"{began}\t{changed}\t{version}\t{kind}\t{began}\t{ended}\t{made.good}\t{made.scrap}\t"
            f"{made.rework}\t{note}\t{machine}\t{made.reason}\t{key}\t{worker}\n"
        )
