"""The generator of benchmark data: its shape, and that a filled database is a whole one."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random as Dice

import psycopg
import pytest
from django.db import Error, connection, transaction
from psycopg import sql

from apps.accounts.models import User
from apps.audit import selectors as audit_selectors
from apps.audit.models import AuditLog
from apps.core.ownership import as_owner
from apps.customers.models import Customer
from apps.floor import selectors
from apps.floor.cards import Reader
from apps.jobs import services
from apps.jobs.models import Job, JobStep, WorkLog
from apps.jobs.states import JobStatus
from apps.machines.models import Machine
from benchmarks.data import audit, load, shape, taken_off
from benchmarks.data.clock import CLOSES, OPENS, SHIFT, Clock
from benchmarks.data.connecting import connector
from benchmarks.data.customers import customer_rows
from benchmarks.data.jobs import Odds, _lengths
from benchmarks.data.machines import able_machines, make_machines
from benchmarks.data.office import make_office
from benchmarks.data.people import CREWS, PROCESS_KEYS, may_execute
from benchmarks.data.routings import MANUAL
from benchmarks.data.sizes import FULL, SMALL, Size
from tests.factories import make_customer, make_job
from tests.invariants import assert_invariants

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
TINY = Size("tiny", jobs=1_000, customers=200, machines=60, users=60)
ROLES = ("administrator", "manager", "planner", "supervisor", "operator", "viewer", *CREWS)

CATALOGUE = """
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid),
           convalidated::text, conindid::regclass::text
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL
    SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text,
           pg_get_indexdef(indexrelid), indisvalid::text, indisprimary::text
    FROM pg_index WHERE indrelid IN
        (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text, ''
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'table', oid::regclass::text, relpersistence::text, relowner::regrole::text,
           relacl::text, relkind::text
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'column', attrelid::regclass::text, attname, attnotnull::text, attidentity::text,
           attgenerated::text
    FROM pg_attribute WHERE attnum > 0 AND attrelid IN
        (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
"""


def catalogue() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE)
        return sorted(map(str, cursor.fetchall()))


def dice() -> Dice:
    return Dice(1)  # noqa: S311 - data


def office(size: Size = SMALL):
    clock = Clock(NOW, shape.HISTORY_YEARS)
    roles = {code: key for key, code in enumerate(ROLES, start=1)}
    return make_office(dice(), size, clock, roles)[0]


def silent(_: str) -> None:
    pass


def test_a_job_has_eight_steps_on_average_and_twenty_at_most():
    lengths = _lengths(dice())
    drawn = [next(lengths) for _ in range(sum(shape.LENGTHS))]

    assert sum(drawn) == shape.STEPS_PER_JOB * len(drawn)
    assert (min(drawn), max(drawn)) == (1, 20)
    assert FULL.steps == 8_000_000


def test_moments_rise_within_working_hours_and_end_before_now():
    clock = Clock(NOW, years=1)
    moments = [
        datetime.fromisoformat(clock.text(second)) for second in range(0, clock.end, SHIFT // 7)
    ]

    assert moments == sorted(moments)
    assert all(OPENS <= moment.hour < CLOSES and moment.weekday() < 6 for moment in moments)
    assert moments[-1] < NOW
    assert datetime.fromisoformat(clock.text(clock.end)).date() == NOW.date() - timedelta(days=1)


def test_due_dates_follow_by_calendar_days():
    clock = Clock(NOW, years=1)

    assert clock.date_after(clock.end, 30) == (NOW.date() + timedelta(days=29)).isoformat()


def test_names_have_common_words_and_rare_ones():
    clock = Clock(NOW, shape.HISTORY_YEARS)
    rows = "".join(customer_rows(dice(), 20_000, clock)).splitlines()
    words = Counter(word for row in rows for word in row.split("\t")[3].split())

    assert words["Engineering"] > len(rows) / 50
    assert sum(count == 1 for count in words.values()) > len(words) / 5
    assert len({row.split("\t")[1] for row in rows}) == len(rows)


def test_routings_use_machines_and_people_that_can_do_the_process():
    made = office()
    able = able_machines(made.machines)
    for length, routings in made.routings.items():
        for routing in routings:
            assert len(routing.operations) == length
            assert routing.parts
            for operation in routing.operations:
                assert operation.workers == made.people.workers[operation.process]
                if operation.process not in MANUAL:
                    keys = {str(machine.key) for machine in able[operation.process]}
                    assert set(operation.machines) <= keys


def test_crews_execute_their_processes_and_operators_all_but_inspection():
    assert may_execute("welder", "WLD")
    assert not may_execute("welder", "LAS")
    assert not may_execute("operator", "INS")
    assert all(may_execute("supervisor", code) for code in PROCESS_KEYS)


def test_people_bound_the_work_in_progress():
    many = Odds.of(FULL, office(FULL).people)
    few = Odds.of(SMALL, office().people)

    assert many.at_work < few.at_work <= shape.AT_WORK[1]


def test_some_machines_are_down_whatever_their_number():
    assert any(machine.is_down for machine in make_machines(SMALL.machines))


@pytest.fixture
def filled(committed):
    """A database filled with a tiny shop; and its catalogue before."""
    before = catalogue()
    load.fill(TINY, now=NOW, report=silent)
    return before


@pytest.mark.slow
def test_a_filled_database_is_as_whole_as_an_empty_one(filled):
    assert catalogue() == filled
    assert_invariants(trail=False)


@pytest.mark.slow
def test_a_filled_database_holds_what_was_asked_for(filled):
    statuses = Counter(Job.objects.values_list("status", flat=True))
    begun = JobStep.objects.filter(started_at__isnull=False)

    assert Job.objects.count() == TINY.jobs
    assert Customer.objects.count() == TINY.customers
    assert Machine.objects.count() == TINY.machines
    assert User.objects.count() == TINY.users
    assert set(statuses) == set(JobStatus)
    assert statuses["completed"] > 0.9 * TINY.jobs
    assert not begun.filter(logs=None).exists()
    keys = list(WorkLog.objects.order_by("pk").values_list("started_at", flat=True))
    assert keys == sorted(keys)


@pytest.mark.slow
def test_work_goes_on_in_a_filled_database(filled):
    planner = User.objects.get(username="planner")
    job = make_job(actor=planner, customer=make_customer(), released=True)
    operators = User.objects.filter(role__home="tasks", is_active=True)
    work = [selectors.my_work(Reader(user)) for user in operators]

    assert job.number == f"JOB-{TINY.jobs + 1:06}"
    assert job.customer.code == f"C-{TINY.customers + 1:05}"
    assert planner.check_password("andon")
    assert any(each.running for each in work)
    assert any(each.upcoming for each in work)
    running = WorkLog.objects.open().select_related("user").first()
    services.complete_step(running.step_id, actor=running.user)
    assert_invariants(trail=False)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows(filled):
    def digest() -> list[str]:
        with connection.cursor() as cursor:
            for table in ("customers", "jobs", "job_steps", "work_logs"):
                cursor.execute(
                    f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t"  # noqa: S608
                )
                yield cursor.fetchone()[0]

    first = list(digest())
    with as_owner(), connector()() as raw:
        taken_off.take_off(raw, [])  # As if the load had been killed.
    load.fill(TINY, now=NOW, report=silent)

    assert list(digest()) == first


@pytest.mark.slow
def test_a_load_that_was_killed_is_begun_anew(committed, monkeypatch):
    before = catalogue()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(taken_off, "put_back", die)
        with pytest.raises(KeyboardInterrupt):
            load.fill(TINY, now=NOW, report=silent)
    assert catalogue() != before
    load.fill(TINY, now=NOW, report=silent)

    assert catalogue() == before
    assert_invariants(trail=False)


def test_a_database_with_jobs_is_refused_and_left_alone(committed):
    make_job()
    before = catalogue()

    with pytest.raises(load.NotFillable, match="rows in"):
        load.fill(TINY, now=NOW, report=silent)

    assert catalogue() == before
    assert Job.objects.count() == 1


def test_what_cannot_be_put_back_is_said_and_not_forgotten(committed):
    before = catalogue()
    with as_owner():
        connect = connector()
    with connect() as raw:
        taken_off.take_off(raw, ["customers"])
        raw.execute(
            "INSERT INTO customers (code, name, contact_name, email, phone, address, city,"
            " country, tax_number, notes, is_active) SELECT 'C-1', n::text, '', '', '', '', '',"
            " '', '', '', true FROM generate_series(1, 2) AS n"
        )

        with pytest.raises(psycopg.errors.UniqueViolation):
            taken_off.put_back(connect, silent)

        assert taken_off.is_interrupted(raw)
        raw.execute("DELETE FROM customers")
        taken_off.put_back(connect, silent)
        taken_off.forget(raw)
    assert catalogue() == before


def test_the_trail_has_even_months_that_end_with_the_present_one():
    months = audit.months(10_000, NOW)

    assert sum(month.rows for month in months) == 10_000
    assert [month.is_present for month in months] == [False] * (audit.MONTHS - 1) + [True]
    assert months[-1].ends == NOW
    assert all(earlier.ends == later.starts for earlier, later in pairwise(months))


@pytest.fixture
def past_months(committed):
    """Take the past months away afterwards: the trail outlives a test."""
    yield
    with as_owner(), connector()() as raw:
        for month in audit.months(0, datetime.now(UTC))[:-1]:
            name = sql.Identifier(month.partition)
            raw.execute(sql.SQL("ALTER TABLE audit_logs DETACH PARTITION {}").format(name))
            raw.execute(sql.SQL("DROP TABLE {}").format(name))


@pytest.mark.slow
def test_past_months_of_the_trail_are_partitions_like_those_to_come(committed, past_months):
    audit.fill_audit(2_400, report=silent)
    audit.fill_audit(2_400, report=silent)  # The past is there; the present month grows.

    *past, present = audit.months(2_400, datetime.now(UTC))
    coming = {month.partition: month for month in audit_selectors.months()}
    assert {month.partition for month in past} < set(coming)
    assert AuditLog.objects.filter(at__lt=present.starts).count() == 2_300
    rows = AuditLog.objects.order_by("at", "id").values_list("id", flat=True)
    assert list(rows[:2_300]) == sorted(rows[:2_300])
    parts = {name: partition_parts(name) for name in (past[0].partition, [*coming][-1])}
    assert len(set(parts.values())) == 1
    with pytest.raises(Error), transaction.atomic():
        AuditLog.objects.filter(at__lt=present.starts).update(row_id=1)


def partition_parts(name: str) -> tuple[str, ...]:
    """Everything on a partition, but for its own name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
            " UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass"
            " UNION ALL SELECT relacl::text FROM pg_class WHERE oid = %s::regclass",
            [name, name, name],
        )
        return tuple(sorted(str(text).replace(name, "") for (text,) in cursor.fetchall()))
