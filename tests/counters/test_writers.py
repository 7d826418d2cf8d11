"""Eight writers at once, with rollbacks, and folders that are killed: no count is lost."""

import json
import os
import subprocess
import sys
import time
from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.counters.models import CounterDelta
from apps.counters.selectors import find_differences, read
from apps.jobs.counters import JOBS_BY_STATUS, OUTPUT, STEPS_BY_MACHINE, STEPS_BY_STATUS
from apps.jobs.models import Job, JobStep, WorkLog
from apps.machines.counters import MACHINES_BY_STATUS
from apps.machines.models import Machine
from tests.counters.killed import FOLDER, server
from tests.factories import make_customer, make_machine, make_process, make_user
from tests.races.racing import hang_up

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHOLE = bool(os.environ.get("ANDON_ALL"))
WRITERS = 8
SECONDS, SNAPSHOTS = (60, 1_000) if WHOLE else (5, 50)
KILLED_EVERY = 1.0  # Seconds, at most.


class Writer:
    """Changes of every kind, committed or not, to rows that all writers share."""

    def __init__(self, seed, shop):
        self.random = Random(seed)  # noqa: S311 - the same each time is what is wanted
        self.customer, self.processes, self.machines, self.users = shop
        self.done = Tally()

    def write(self, stop):
        kinds = [self.create, self.advance, self.put_off, self.assign, self.log, self.delete]
        kinds += [self.machine, self.user, self.raw]
        try:
            while not stop.is_set():
                chosen = self.random.choices(kinds, k=self.random.randint(1, 3))
                # Rows are locked in one order: jobs, steps, logs, machines, users.
                chosen.sort(key=kinds.index)
                with transaction.atomic():
                    for kind in chosen:
                        self.part(kind)
                    if self.random.random() < 0.2:
                        self.done["rolled back"] += 1
                        transaction.set_rollback(True)
                stop.wait(0.02 * self.random.random())  # Threads take turns in Python.
        finally:
            hang_up()
        return self.done

    def part(self, kind):
        """Do one thing, now and then in a savepoint that is taken back."""
        self.done[kind.__name__] += 1
        with transaction.atomic():
            kind()
            if self.random.random() < 0.1:
                transaction.set_rollback(True)

    def locked(self, rows, most=5):
        """Return keys of some rows (None: all), locked; those that others have are left to them."""
        found = rows.order_by("pk").values_list("pk", flat=True)
        first = self.random.randint(0, 20) if most else 0
        found = found.select_for_update(skip_locked=True, of=("self",), no_key=True)
        return list(found[first : first + most] if most else found)

    def create(self):
        count = self.random.choice([1, 1, 20])
        due = f"2026-0{self.random.randint(1, 9)}-01"
        made = Job.objects.bulk_create(
            Job(customer=self.customer, quantity=1, due_date=due) for _ in range(count)
        )
        JobStep.objects.bulk_create(
            JobStep(
                job=job,
                sequence=10,
                process=self.random.choice(self.processes),
                machine=self.random.choice([None, *self.machines]),
                planned_minutes=self.random.randint(1, 99),
                quantity_planned=1,
            )
            for job in made
        )

    def advance(self):
        status = self.random.choice(["draft", "active", "on_hold"])
        keys = self.locked(Job.objects.filter(status=status))
        then = {
            "draft": "status = 'active', released_at = now() - interval '3 days' * random()",
            "active": "status = 'completed', completed_at = greatest(now(), released_at)",
            "on_hold": "status = 'active'",
        }[status]
        if status == "active" and self.random.random() < 0.5:
            then = "status = 'on_hold'"
        self.run(f"UPDATE jobs SET {then} WHERE id = ANY(%s)", keys)  # noqa: S608 - ours

    def put_off(self):
        """A bulk update of many rows."""
        keys = self.locked(Job.objects.all(), most=50)
        Job.objects.filter(pk__in=keys).update(due_date=f"2026-1{self.random.randint(0, 2)}-15")

    def assign(self):
        """Steps of jobs begin, change hands and end."""
        keys = self.locked(JobStep.objects.filter(status__in=("pending", "ready", "in_progress")))
        user, machine = self.random.choice(self.users), self.random.choice(self.machines)
        JobStep.objects.filter(pk__in=keys).update(assigned_to=user, machine=machine)
        for before, then in (
            ("in_progress", "status = 'completed', completed_at = greatest(now(), started_at)"),
            ("ready", "status = 'in_progress', started_at = now()"),
            ("pending", "status = 'ready'"),
        ):
            statement = f"UPDATE job_steps SET {then} WHERE status = '{before}' AND id = ANY(%s)"  # noqa: S608 - ours
            self.run(statement, keys)

    def log(self):
        steps = self.locked(JobStep.objects.exclude(status="pending"))
        user = self.random.choice(self.users)
        for step in steps:
            self.run(
                "INSERT INTO work_logs (step_id, user_id, kind, started_at, note, quantity_good)"
                " VALUES (%s, %s, 'run', now(), '', 1) ON CONFLICT DO NOTHING",
                step,
                user.pk,
            )
            WorkLog.objects.filter(step=step, ended_at=None).update(quantity_good=7)
            if self.random.random() < 0.3:
                WorkLog.objects.filter(step=step, ended_at=None).delete()

    def delete(self):
        """Jobs and all that is theirs, but for those of which another has a step."""
        jobs = self.locked(Job.objects.filter(status="draft"), most=20)
        steps = JobStep.objects.filter(job__in=jobs)
        owned = self.locked(steps, most=None)
        jobs = set(jobs) - set(steps.exclude(pk__in=owned).values_list("job", flat=True))
        WorkLog.objects.filter(step__job__in=jobs)._raw_delete("default")
        JobStep.objects.filter(job__in=jobs)._raw_delete("default")
        Job.objects.filter(pk__in=jobs)._raw_delete("default")

    def machine(self):
        (key, *_) = self.locked(Machine.objects.all()) or [None]
        status = self.random.choice(["idle", "running", "down"])
        Machine.objects.filter(pk=key).update(status=status, is_active=self.random.random() < 0.8)

    def user(self):
        (key, *_) = self.locked(User.objects.all()) or [None]
        User.objects.filter(pk=key).update(is_active=self.random.random() < 0.8)

    def raw(self):
        """Several tables in one statement."""
        jobs = self.locked(Job.objects.filter(status="draft"))
        steps = self.locked(JobStep.objects.filter(status="pending"))
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH late AS (UPDATE jobs SET due_date = NULL WHERE id = ANY(%s))"
                " UPDATE job_steps SET planned_minutes = planned_minutes + 1 WHERE id = ANY(%s)",
                [jobs, steps],
            )

    @staticmethod
    def run(statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


def fold_and_be_killed(stop, told, killed):
    """Start folders, one after the other, and kill each with -9 wherever it is."""
    random = Random("folders")  # noqa: S311 - the same each time is what is wanted
    while not stop.is_set():
        folder = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-c", FOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with suppress(BrokenPipeError):
            folder.stdin.write(told)
            folder.stdin.flush()
        folder.stdout.readline()  # It has folded, and not committed.
        stop.wait(KILLED_EVERY * random.random())
        folder.kill()
        folder.communicate()
        killed.append(folder.returncode)


def snapshot():
    """Compare, within one transaction: every counter by its SQL, some by plain questions."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert find_differences() == []
        found = read(
            JOBS_BY_STATUS,
            STEPS_BY_STATUS,
            STEPS_BY_MACHINE.part(summed=True),
            OUTPUT.part(summed=True),
            MACHINES_BY_STATUS,
        )
        for counter, model in ((JOBS_BY_STATUS, Job), (STEPS_BY_STATUS, JobStep)):
            statuses = Tally(model.objects.order_by().values_list("status", flat=True))
            assert {key: each.count for (key,), each in found[counter].items()} == statuses
        minutes = JobStep.objects.filter(machine__isnull=False).exclude(status="completed")
        planned = sum(minutes.values_list("planned_minutes", flat=True))
        assert found[STEPS_BY_MACHINE.part(summed=True)][()].sums == (planned,)
        good = sum(WorkLog.objects.values_list("quantity_good", flat=True))
        assert found[OUTPUT.part(summed=True)][()].sums == (good, 0, 0)
        machines = Tally(Machine.objects.values_list("is_active", "status"))
        assert {key: each.count for key, each in found[MACHINES_BY_STATUS].items()} == machines


def test_eight_writers_and_folders_that_are_killed_lose_no_count(committed):
    processes = [make_process() for _ in range(3)]
    machines = [make_machine(*processes) for _ in range(3)]
    users = [make_user() for _ in range(20)]
    shop = (make_customer(), processes, machines, users)
    stop, killed, taken = Event(), [], 0
    told = json.dumps(server(pause=0.05)).encode() + b"\n"
    folders = Thread(target=fold_and_be_killed, args=(stop, told, killed))
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(Writer(seed, shop).write, stop) for seed in range(WRITERS)]
        folders.start()
        try:
            ends = time.monotonic() + SECONDS
            while taken < SNAPSHOTS or time.monotonic() < ends:
                snapshot()
                taken += 1
                for writer in writers:
                    if writer.done():
                        writer.result()  # A deadlock, or a fault of the test, is raised here.
                time.sleep(0.01)
        finally:
            stop.set()
            folders.join()
    done = sum((writer.result() for writer in writers), Tally())
    snapshot()
    assert {-9} == set(killed)
    print(  # noqa: T201 - shown on failure, or -rP
        f"{taken} snapshots, {dict(done)}, {len(killed)} folders killed,"
        f" {CounterDelta.objects.count()} deltas left, {Job.objects.count()} jobs"
    )
    assert min(done.values()) > 0
    assert len(done) == 10  # Every kind of change, and rollbacks.
