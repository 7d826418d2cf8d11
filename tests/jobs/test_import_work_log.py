"""Importing a work log: made-up files for each rule, and the real one where it is at hand."""

import codecs
import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Thread

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.catalog.models import Part
from apps.customers.models import Customer
from apps.jobs import services
from apps.jobs.imports.columns import COLUMNS
from apps.jobs.imports.entries import process_name
from apps.jobs.imports.master_records import process_codes
from apps.jobs.models import MOST, Job, JobStep, WorkLog
from apps.jobs.states import JobStatus, LogKind, StepStatus
from apps.machines.models import Machine, Reason
from apps.processes.models import Process
from config.env import ROOT
from tests.factories import make_job, make_machine, make_part, make_process, make_user
from tests.invariants import assert_invariants

pytestmark = pytest.mark.django_db

REAL = ROOT.parent / "shared/data/production_log/Production_Data_rebuilt.csv"
TABLES = (
    "customers",
    "parts",
    "processes",
    "machines",
    "machine_processes",
    "users",
    "jobs",
    "job_steps",
    "work_logs",
)
ROW = {
    "Case ID": "Case 1",
    "Activity": "Turning - Machine 4",
    "Resource": "Machine 4 - Turning",
    "Start Timestamp": "2012/01/30 06:00:00.000",
    "Complete Timestamp": "2012/01/30 07:00:00.000",
    "Span": "001:00",
    "Work Order Qty": "10",
    "Part Desc.": "Cable Head",
    "Worker ID": "ID1",
    "Report Type": "D",
    "Qty Completed": "4",
    "Qty Rejected": "0",
    "Qty for MRB": "0",
    "Rework": "",
}
UNTIMED = {"Start Timestamp": "", "Complete Timestamp": "", "Span": ""}


def row(start=None, end=None, **cells):
    """A row; keys are columns, or the start of one that is meant (``Qty_Completed``)."""
    named = {key.replace("_", " "): value for key, value in cells.items()}
    times = {"Start Timestamp": start, "Complete Timestamp": end} if start else {}
    return ROW | times | named


def untimed(**cells):
    return row(**cells) | UNTIMED


def hour(n, *, day=30):
    return f"2012/01/{day:02} {n:02}:00:00.000"


def text(*rows, columns=COLUMNS):
    out = StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def write(tmp_path):
    """Return a function that writes rows (or text, or bytes) to a file and returns its path."""

    def run(*rows, name="log.csv", content=None):
        content = text(*rows) if content is None else content
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return run


def load(path, **options):
    """Run the command; return what it printed."""
    out = StringIO()
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    given = ["--dry-run" if each == "--dry-run=True" else each for each in given]
    call_command("import_work_log", str(path), *given, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path, **options):
    """Run the command, which must refuse and change nothing; return why."""
    before = everything()
    with pytest.raises(CommandError) as refusal:
        load(path, **options)
    assert refusal.value.returncode == 1
    assert everything() == before
    return str(refusal.value)


def query(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def everything():
    """All rows of all tables an import writes, whole."""
    return {table: query(f"SELECT t.*::text FROM {table} AS t ORDER BY id") for table in TABLES}  # noqa: S608 - our tables


def story():
    """What an import comes to, without keys, versions and numbers."""
    return query(
        """
        SELECT j.external_id, j.title, j.quantity, j.status, j.released_at, j.completed_at,
            j.steps_total, j.steps_done, s.import_key, s.sequence, s.status, s.quantity_planned,
            s.quantity_good, s.quantity_scrap, s.quantity_rework, s.started_at, s.completed_at,
            p.name, m.name, count(l.id),
            string_agg(l.import_key || l.kind, ',' ORDER BY l.import_key)
        FROM jobs j JOIN job_steps s ON s.job_id = j.id JOIN processes p ON p.id = s.process_id
        JOIN machines m ON m.id = s.machine_id LEFT JOIN work_logs l ON l.step_id = s.id
        GROUP BY j.id, s.id, p.id, m.id ORDER BY j.external_id, s.sequence
        """
    )


STEPS_UNLIKE_THEIR_LOGS = """
    SELECT s.id FROM job_steps s LEFT JOIN work_logs l ON l.step_id = s.id
    GROUP BY s.id
    HAVING (s.quantity_good, s.quantity_scrap, s.quantity_rework) IS DISTINCT FROM (
        coalesce(sum(l.quantity_good), 0),
        coalesce(sum(l.quantity_scrap), 0),
        coalesce(sum(l.quantity_rework), 0)
    )
"""
COUNTS = """
    SELECT
        count(DISTINCT s.job_id), count(DISTINCT l.machine_id), count(DISTINCT l.user_id),
        count(DISTINCT s.id), count(*),
        sum(l.quantity_good), sum(l.quantity_scrap), sum(l.quantity_rework)
    FROM work_logs l JOIN job_steps s ON s.id = l.step_id
    WHERE l.import_key IS NOT NULL
"""


# The real file.


@pytest.fixture
def real():
    if not REAL.exists():
        pytest.skip(f"the real work log is not on this machine ({REAL}); it may not be copied")
    return REAL


@pytest.mark.slow
def test_the_real_log_becomes_the_jobs_and_work_it_tells_of(real):
    load(real)
    assert query(COUNTS) == [(225, 31, 49, 1367, 4543, 92519, 593, 105)]
    assert query(STEPS_UNLIKE_THEIR_LOGS) == []
    assert WorkLog.objects.filter(note="Rework").count() == 32
    assert WorkLog.objects.filter(started_at=None).count() == 193
    assert dict(query("SELECT kind, count(*) FROM work_logs GROUP BY 1")) == {
        "setup": 705,
        "run": 3838,
    }
    assert query("SELECT DISTINCT status FROM jobs UNION SELECT status FROM job_steps") == [
        ("completed",)
    ]
    undone = "SELECT id FROM jobs WHERE steps_done <> steps_total OR completed_at IS NULL"
    assert query(undone) == []
    assert query("SELECT id FROM job_steps WHERE started_at IS NULL OR completed_at IS NULL") == []
    versions = "SELECT DISTINCT version FROM jobs UNION SELECT version FROM job_steps"
    assert query(versions) == [(1,)]
    assert_invariants()


@pytest.mark.slow
def test_each_step_of_the_real_log_holds_what_its_rows_say(real):
    load(real)
    rows = Counter()
    with real.open(newline="") as file:
        for each in csv.DictReader(file):
            key = each["Case ID"], " ".join(each["Activity"].split()), each["Resource"]
            for quantity in ("Qty Completed", "Qty Rejected", "Qty for MRB"):
                rows[*key, quantity] += int(each[quantity])
    steps = JobStep.objects.select_related("job", "process", "machine")
    kept = Counter()
    for step in steps:
        key = step.job.external_id, step.process.name, step.machine.external_id
        kept[*key, "Qty Completed"] += step.quantity_good
        kept[*key, "Qty Rejected"] += step.quantity_scrap
        kept[*key, "Qty for MRB"] += step.quantity_rework
    expected = Counter()
    for (case, activity, resource, quantity), pieces in rows.items():
        expected[case, activity.split(" - Machine")[0], resource, quantity] += pieces
    assert kept == expected


@pytest.mark.slow
def test_a_second_run_of_the_real_log_changes_nothing(real):
    load(real)
    before = everything()
    assert "Nothing is new: all 4,543 rows are here already." in load(real)
    assert everything() == before


@pytest.mark.slow
def test_the_real_log_is_as_odd_as_its_note_says(real, tmp_path):
    report = tmp_path / "odd.csv"
    load(real, report=report, dry_run=True)
    with report.open(newline="") as file:
        kinds = [each["kind"] for each in csv.DictReader(file)]
    assert kinds.count("duplicate_row") == 22
    assert kinds.count("no_timestamps") == 193
    assert kinds.count("span_disagrees_with_the_clock") == 691
    assert kinds.count("span_unreadable") == 1
    assert kinds.count("report_type_b") == 53


@pytest.mark.slow
def test_the_real_log_when_it_has_grown_tells_the_same_story_as_at_once(real, write):
    with real.open(newline="") as file:
        rows = [{name: each[name] for name in COLUMNS} for each in csv.DictReader(file)]
    rows.sort(key=lambda each: each["Start Timestamp"] or "unknown")
    whole = write(*rows, name="whole.csv")
    with transaction.atomic():
        load(whole)
        at_once = story()
        transaction.set_rollback(True)
    load(write(*rows[: len(rows) // 2], name="half.csv"))
    load(whole)
    assert query(COUNTS)[0][4] == 4543
    assert query(STEPS_UNLIKE_THEIR_LOGS) == []
    assert story() == at_once


# What a row means.


def test_a_row_becomes_a_work_log_of_a_completed_step_of_a_completed_job(write):
    load(write(row(Qty_Completed="4", Qty_Rejected="2", Qty_for_MRB="1")))
    log = WorkLog.objects.select_related(
        "step__job__part", "step__process", "machine", "user"
    ).get()
    step, job = log.step, log.step.job
    begun, ended = datetime(2012, 1, 30, 6, tzinfo=UTC), datetime(2012, 1, 30, 7, tzinfo=UTC)
    assert (log.started_at, log.ended_at, log.kind) == (begun, ended, LogKind.RUN)
    assert (log.quantity_good, log.quantity_scrap, log.quantity_rework) == (4, 2, 1)
    assert (step.quantity_good, step.quantity_scrap, step.quantity_rework) == (4, 2, 1)
    assert log.scrap_reason == Reason.objects.get(kind="scrap", code="not_recorded")
    assert (step.status, step.started_at, step.completed_at) == (StepStatus.COMPLETED, begun, ended)
    assert (step.sequence, step.quantity_planned, step.process.name) == (10, 10, "Turning")
    assert (job.status, job.released_at, job.completed_at) == (JobStatus.COMPLETED, begun, ended)
    assert (job.external_id, job.title, job.part.number) == ("Case 1", "Cable Head", "Cable Head")
    assert (job.quantity, job.due_date, job.steps_total, job.steps_done) == (10, None, 1, 1)
    assert job.number.startswith("JOB-")
    assert step.machine == log.machine == Machine.objects.get(code="Machine 4 - Turning")
    assert list(log.machine.processes.all()) == [step.process]


def test_an_operator_comes_without_any_way_in(write):
    load(write(row(Worker_ID="ID7")))
    user = User.objects.get(username="ID7")
    assert (user.full_name, user.role.code, user.email) == ("ID7", "operator", None)
    assert not user.is_active
    assert not user.has_usable_password()


def test_a_worker_known_by_the_sign_in_name_keeps_the_account(write):
    known = make_user("supervisor", username="id7")
    load(write(row(Worker_ID="ID7")))
    known.refresh_from_db()
    assert WorkLog.objects.get().user == known
    assert (known.is_active, known.role.code) == (True, "supervisor")


def test_a_name_that_is_no_sign_in_name_becomes_one(write):
    load(write(row(Worker_ID="Anna Müller")))
    assert User.objects.get(full_name="Anna Müller").username == "Anna.Müller"


def test_two_workers_who_would_share_a_sign_in_name_are_refused(write):
    why = refused(write(row(Worker_ID="A B"), row(Worker_ID="A.B")))
    assert "“A B” and “A.B” would share" in why


def test_setup_is_setup_and_the_other_report_types_are_run(write):
    load(write(*(row(hour(n), hour(n + 1), Report_Type=kind) for n, kind in enumerate("SDB"))))
    kinds = WorkLog.objects.order_by("started_at").values_list("kind", flat=True)
    assert list(kinds) == ["setup", "run", "run"]


def test_a_row_flagged_as_rework_says_so_and_its_pieces_stay_good(write):
    load(write(row(Rework="Y", Qty_Completed="3")))
    log = WorkLog.objects.get()
    assert (log.note, log.quantity_good, log.quantity_rework) == ("Rework", 3, 0)


@pytest.mark.parametrize(
    ("activity", "resource", "process"),
    [
        ("Turning & Milling - Machine 4", "Machine 4 - Turning & Milling", "Turning & Milling"),
        ("Fix - Machine 15M", "Machine 8 - Turning & Milling", "Fix"),
        ("Marking- Machine 7", "Machine 7- Laser", "Marking"),
        ("Round Grinding - Manual", "Machine 27 - Grinding", "Round Grinding - Manual"),
        ("Cutting - Long Saw", "Long Saw", "Cutting"),
        ("Packing", "Packing", "Packing"),
        ("Fix EDM", "Machine 17 - Sinking", "Fix EDM"),
        ("Wire Cut - Machine 13", "Wire Cut - Machine 13", "Wire Cut"),
    ],
)
def test_a_process_is_its_activity_without_the_machine(activity, resource, process):
    assert process_name(activity, resource) == process


def test_runs_of_spaces_make_no_second_process_or_step(write):
    load(write(row(Activity="Round  Q.C."), row(Activity="Round Q.C.")))
    assert JobStep.objects.get().process.name == "Round Q.C."
    assert WorkLog.objects.count() == 2


def test_a_process_code_is_short_and_no_other_processs():
    names = ["Turn & Mill. & Screw Assembly", "Turn & Mill. & Screw Assemblies", "Round Q.C.", "…"]
    codes = process_codes(names, {"ROUND-Q-C"})
    assert list(codes.values()) == [
        "TURN-MILL-SCREW-ASSE",
        "TURN-MILL-SCREW-AS-2",
        "ROUND-Q-C-2",
        "P",
    ]


def test_records_the_shop_has_are_used_as_they_are(write):
    process = make_process(name="TURNING")
    machine = make_machine(external_id="Machine 4 - Turning", code="T4", name="The old lathe")
    part = make_part(number="Cable Head", name="Head of a cable")
    load(write(row()))
    step = JobStep.objects.get()
    assert (step.process, step.machine, step.job.part) == (process, machine, part)
    assert step.job.title == "Head of a cable"
    assert (Process.objects.count(), Machine.objects.count(), Part.objects.count()) == (1, 1, 1)


def test_steps_are_numbered_by_their_first_start_and_those_without_times_come_last(write):
    load(
        write(
            untimed(Activity="Packing"),
            row(hour(9), hour(10), Activity="Grinding"),
            row(hour(8), hour(9), Activity="Turning"),
            untimed(Activity="Weighing"),
            row(hour(5), hour(6), Activity="Grinding"),
        )
    )
    steps = JobStep.objects.order_by("sequence").values_list("sequence", "process__name")
    assert list(steps) == [(10, "Grinding"), (20, "Turning"), (30, "Packing"), (40, "Weighing")]


def test_a_step_without_times_takes_its_jobs_last_and_its_log_stays_without(write):
    load(write(row(hour(6), hour(9)), untimed(Activity="Packing")))
    step = JobStep.objects.get(process__name="Packing")
    last = datetime(2012, 1, 30, 9, tzinfo=UTC)
    assert (step.started_at, step.completed_at) == (last, last)
    assert step.logs.get().started_at is None


def test_a_job_without_any_time_takes_the_files_last(write):
    load(write(row(), untimed(Case_ID="Case 2")))
    job = Job.objects.get(external_id="Case 2")
    last = datetime(2012, 1, 30, 7, tzinfo=UTC)
    assert (job.released_at, job.completed_at) == (last, last)
    assert job.steps.get().completed_at == last


def test_a_file_without_any_time_is_done_when_it_is_imported(write):
    before = timezone.now()
    load(write(untimed()))
    job = Job.objects.get()
    assert before - timedelta(seconds=5) < job.released_at <= job.completed_at <= timezone.now()


def test_job_numbers_follow_the_file(write):
    load(write(*(row(Case_ID=f"Case {n}") for n in (3, 1, 2))))
    cases = Job.objects.order_by("number").values_list("external_id", flat=True)
    assert list(cases) == ["Case 3", "Case 1", "Case 2"]


def test_more_than_was_planned_and_overlapping_work_are_taken_as_they_are(write):
    load(write(row(Qty_Completed="30"), row(Qty_Completed="5", Case_ID="Case 2")))
    assert JobStep.objects.get(job__external_id="Case 1").quantity_good == 30


def test_columns_may_come_in_any_order_and_others_are_left_alone(write):
    columns = (*reversed(COLUMNS), "Timestamp source")
    load(write(content=text(row() | {"Timestamp source": "joined"}, columns=columns)))
    assert "Nothing is new" in load(write(row()))


# Whom it is for.


def test_jobs_are_for_one_customer_called_import(write):
    load(write(row(), row(Case_ID="Case 2")))
    assert Customer.objects.get().code == "IMPORT"
    assert Customer.objects.get().jobs.count() == 2


def test_a_named_customer_is_found_or_made(write):
    Customer.objects.create(code="ACME", name="Acme Ltd")
    load(write(row()), customer="ACME")
    load(write(row(Case_ID="Case 2")), customer="NEW")
    owners = Job.objects.order_by("external_id").values_list("customer__name", flat=True)
    assert list(owners) == ["Acme Ltd", "NEW"]


@pytest.mark.parametrize("code", ["", "  ", "C" * 21, "A\x00B"])
def test_a_customer_code_that_cannot_be_is_refused(write, code):
    assert "code has 1 to 20 characters" in refused(write(row()), customer=code)


# Again, and more.


def test_a_second_run_changes_nothing_and_says_so(write):
    path = write(row(), row(), untimed(Activity="Packing"))
    load(path)
    before = everything()
    assert "Nothing is new: all 3 rows are here already." in load(path)
    assert everything() == before


def test_equal_rows_are_logs_of_their_own_however_often_they_come(write):
    load(write(row(), row()))
    load(write(row(), row(), row()))
    assert WorkLog.objects.count() == 3
    assert JobStep.objects.get().quantity_good == 12


def test_a_file_that_has_grown_tells_the_same_story_as_at_once(write):
    first = [row(hour(9), hour(10)), untimed(Activity="Packing"), untimed(Case_ID="Case 2")]
    more = [
        row(hour(3), hour(4), Activity="Cutting", Qty_Rejected="1"),
        row(hour(11), hour(12), Qty_for_MRB="2"),
        row(hour(13), hour(14), Case_ID="Case 2"),
        row(hour(20), hour(21), Case_ID="Case 3"),
    ]
    whole = write(*more, *first, name="whole.csv")
    with transaction.atomic():
        load(whole)
        at_once = story()
        transaction.set_rollback(True)
    load(write(*first))
    logs = query("SELECT * FROM work_logs ORDER BY id")
    load(whole)
    assert story() == at_once
    assert_invariants()
    assert query("SELECT * FROM work_logs ORDER BY id")[: len(logs)] == logs
    assert query(STEPS_UNLIKE_THEIR_LOGS) == []


def test_only_the_jobs_with_new_rows_are_touched(write):
    first, other = row(), row(Case_ID="Case 2")
    load(write(first, other))
    question = "SELECT xmin FROM jobs WHERE external_id = 'Case 2'"
    version = "SELECT version, updated_at, ctid FROM jobs WHERE external_id = 'Case 2'"
    before = query(question), query(version)
    load(write(first, other, row(hour(8), hour(9))))
    assert (query(question), query(version)) == before
    assert Job.objects.get(external_id="Case 1").completed_at.hour == 9


def test_another_file_of_other_cases_works_beside_it(write):
    load(write(row()))
    load(write(row(Case_ID="Case 2", Resource="Saw", Worker_ID="ID2")))
    assert (Job.objects.count(), Machine.objects.count(), WorkLog.objects.count()) == (2, 2, 2)
    assert Process.objects.get().machines.count() == 2


def test_new_rows_of_a_reopened_job_leave_it_open(write, manager):
    load(write(row()))
    step = services.reopen_step(JobStep.objects.get().pk, actor=manager)
    load(write(row(), row(hour(8), hour(9)), row(hour(9), hour(10), Activity="Packing")))
    step.refresh_from_db()
    job = Job.objects.get()
    assert (step.status, step.quantity_good, step.completed_at) == ("paused", 8, None)
    assert (job.status, job.completed_at, job.steps_total, job.steps_done) == ("active", None, 2, 1)
    assert_invariants()


def test_a_correction_counts_and_is_no_work_time(write, manager):
    load(write(row()))
    step = JobStep.objects.get()
    services.correct_step(step.pk, actor=manager, good=-1, note="Counted twice")
    load(write(row(), row(hour(8), hour(9))))
    step.refresh_from_db()
    assert (step.quantity_good, step.completed_at.isoformat()) == (7, "2012-01-30T09:00:00+00:00")


def test_a_job_that_came_from_elsewhere_is_not_touched(write, planner):
    job = make_job(actor=planner, external_id="Case 1")
    assert f"row 2: {job} has the external id “Case 1”" in refused(write(row()))


def test_a_case_that_belongs_to_another_customer_is_refused(write):
    load(write(row()), customer="ACME")
    assert "of the customer ACME: name that one" in refused(write(row(hour(8), hour(9))))


@pytest.mark.parametrize("cells", [{"Work_Order_Qty": "11"}, {"Part_Desc.": "Ballnut"}])
def test_a_case_whose_order_is_another_one_now_is_refused(write, cells):
    load(write(row()))
    assert "an order for 10 of Cable Head; the row says otherwise" in refused(write(row(**cells)))


def test_pieces_beyond_what_a_step_holds_are_refused_though_each_row_is_right(write):
    first = row(hour(1), hour(2), Qty_Completed=str(MOST))
    load(write(first))
    why = refused(write(first, row(hour(3), hour(4), Qty_Completed="1")))
    assert "“Case 1” would have 10,000,001 pieces on one step" in why


def test_more_steps_than_a_job_can_number_are_refused(write, monkeypatch):
    monkeypatch.setattr("apps.jobs.imports.load.LAST_SEQUENCE", 30)
    rows = [row(Activity=f"Turning - Machine {n}") for n in range(4)]
    load(write(*rows[:3]))
    assert "“Case 1” has more than 3 steps" in refused(write(*rows))


def test_it_works_in_a_database_that_holds_nothing(write):
    Role.objects.all().delete()
    Group.objects.all().delete()
    Reason.objects.all().delete()
    load(write(row(Qty_Rejected="1")))
    assert WorkLog.objects.get().scrap_reason.code == "not_recorded"


# A dry run.


def test_a_dry_run_says_what_would_be_and_takes_it_back(write):
    path = write(row())
    before = everything(), query("SELECT last_value FROM job_number_seq")
    said = load(path, dry_run=True)
    assert "A dry run: 1 work logs would be new. Nothing was changed." in said
    assert (everything(), query("SELECT last_value FROM job_number_seq")) == before
    assert "1 work logs imported." in load(path)


def test_a_dry_run_meets_the_same_refusals(write, planner):
    make_job(actor=planner, external_id="Case 1")
    assert "did not come from a work log" in refused(write(row()), dry_run=True)


# Time zones.


def started():
    return [
        each.isoformat()
        for each in WorkLog.objects.order_by("pk").values_list("started_at", flat=True)
    ]


def test_times_are_those_of_the_named_zone(write):
    load(write(row("2012/01/30 06:00:00.000", "2012/01/30 07:00:00.000")), time_zone="Asia/Tokyo")
    assert started() == ["2012-01-29T21:00:00+00:00"]


def test_a_time_with_an_offset_of_its_own_keeps_it(write):
    load(write(row("2012-01-30T06:00:00+02:00", "2012-01-30 07:00Z")), time_zone="Asia/Tokyo")
    assert started() == ["2012-01-30T04:00:00+00:00"]


def test_times_around_a_change_of_the_clock_are_read_so_that_work_ends_after_it_starts(
    write, tmp_path
):
    report = tmp_path / "odd.csv"
    path = write(
        row("2012/03/25 02:50:00", "2012/03/25 03:10:00", Span="000:20"),  # The start was skipped.
        row("2012/10/28 02:50:00", "2012/10/28 02:10:00", Span="000:20"),  # Both came twice.
        # An hour more than it looks.
        row(
            "2012/10/28 01:30:00",
            "2012/10/28 03:30:00",
            Span="003:00",
            Worker_ID="ID2",
            Qty_Completed="1",
        ),
    )
    load(path, time_zone="Europe/Paris", report=report)
    times = list(WorkLog.objects.order_by("pk").values_list("started_at", "ended_at"))
    assert [(end - start).seconds // 60 for start, end in times] == [20, 20, 180]
    with report.open(newline="") as file:
        kinds = [each[:2] for each in csv.reader(file)][1:]
    assert kinds == [
        ["2", "time_skipped_by_the_clock"],
        ["3", "time_shown_twice_by_the_clock"],
        ["3", "time_shown_twice_by_the_clock"],
    ]


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_a_wrong_time_zone_is_refused(write, name):
    assert "is not a time zone such as UTC or Europe/Paris" in refused(write(row()), time_zone=name)


def test_work_in_the_future_is_refused_with_a_hint_at_the_zone(write):
    now = timezone.now()
    start, end = (f"{now + timedelta(hours=n):%Y/%m/%d %H:%M}:00" for n in (1, 2))
    why = refused(write(row(start, end)))
    assert "row 2, Complete Timestamp:" in why
    assert "lies in the future: is the time zone right?" in why


# What was odd.


@pytest.mark.parametrize(
    ("rows", "number", "kind", "what"),
    [
        ([row(), row()], 3, "duplicate_row", "the same as row 2"),
        ([untimed()], 2, "no_timestamps", "neither start nor end is known"),
        (
            [row(Span="002:00")],
            2,
            "span_disagrees_with_the_clock",
            "“002:00”, by the clock 1:00:00",
        ),
        ([row(Span="1899/12/31 01:49:00")], 2, "span_unreadable", "“1899/12/31 01:49:00”"),
        (
            [row(Activity="Fix - Machine 19", Resource="Machine 1 - Mill")],
            2,
            "machine_differs_from_resource",
            "“Fix - Machine 19” on “Machine 1 - Mill”",
        ),
        (
            [row(Activity="Round  Q.C.")],
            2,
            "spaces_collapsed",
            "“Round  Q.C.” became “Round Q.C.”",
        ),
        ([row(Report_Type="B")], 2, "report_type_b", "B means both or break"),
        ([row(Qty_Completed="0")], 2, "run_without_pieces", "neither good nor scrap nor rework"),
        (
            [row(hour(n), hour(n + 1), Qty_Completed="6") for n in (1, 2, 3)],
            3,
            "more_than_planned",
            "passes the 10 planned pieces; the step comes to 18",
        ),
        (
            [row(hour(1), hour(4), Span=""), row(hour(2), hour(3), Case_ID="Case 2")],
            3,
            "operator_overlap",
            "ID1 was still at work on row 2",
        ),
    ],
)
def test_what_was_odd_is_reported_row_by_row_and_summed_up_by_kind(
    write, tmp_path, rows, number, kind, what
):
    report = tmp_path / "odd.csv"
    said = load(write(*rows), report=report)
    with report.open(newline="") as file:
        assert [str(number), kind, what] in [each[:3] for each in csv.reader(file)]
    assert f"1  {kind.replace('_', ' ')}\n" in said
    assert WorkLog.objects.count() == len(rows)


def test_an_ordinary_file_has_nothing_odd(write, tmp_path):
    report = tmp_path / "odd.csv"
    said = load(write(row(), row(hour(7), hour(8))), report=report)
    assert "Odd" not in said
    assert report.read_text().splitlines() == ["row,kind,what,done"]


def test_a_report_that_cannot_be_written_stops_the_import(write, tmp_path):
    why = refused(write(row()), report=str(tmp_path))
    assert "cannot be written" in why


def test_the_report_does_not_overwrite_the_file(write, tmp_path):
    path = write(row())
    assert "would overwrite" in refused(path, report=str(tmp_path / "." / "log.csv"))
    assert path.read_text() == text(row()).replace("\r\n", "\n")


def test_progress_is_told_unless_it_is_not_wanted(write):
    told, silent = StringIO(), StringIO()
    call_command("import_work_log", str(write(row())), stdout=StringIO(), stderr=told)
    call_command(
        "import_work_log", str(write(row())), stdout=StringIO(), stderr=silent, verbosity=0
    )
    assert "1 rows read and checked" in told.getvalue()
    assert silent.getvalue() == ""


# Bad files.

GOOD = text(row())
HEADER = GOOD.splitlines()[0] + "\r\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\r\n\r\n", "it is empty"),
        (HEADER.encode(), "it has a header and no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "line 1 is not UTF-8: byte 0x89 at 1"),
        (b"hello\n", "row 1: the column “Case ID” is missing"),
        (GOOD.replace(",", ";").encode(), "its cells are separated by semicolons"),
        (GOOD.replace(",", "\t").encode(), "its cells are separated by tabs"),
        (GOOD.replace("Rework", "Reworked").encode(), "row 1: the column “Rework” is missing"),
        (GOOD.replace("Rework", "Span").encode(), "row 1: there are 2 columns “Span”"),
        (GOOD.encode("utf-16"), "it is UTF-16: save it as CSV in UTF-8"),
        (GOOD.replace("Cable", "Câble").encode("latin-1"), "line 2 is not UTF-8: byte 0xE2 at"),
        (
            GOOD.replace("Cable", "Ca\x00ble").encode(),
            "row 2, Part Desc.: “Ca\ufffdble Head” holds",
        ),
        (GOOD.replace("Cable", '"Cable').encode(), "row 2: it is not CSV:"),
        (
            GOOD.replace("Cable Head", '"Cable\nHead"').encode(),
            "row 2, Part Desc.: “Cable\ufffdHead”",
        ),
        (GOOD.replace("Cable", "x" * 200_000).encode(), "row 2: it is not CSV: field larger"),
        ((HEADER + "a,b\r\n").encode(), "row 2: it has 2 cells, the header 14"),
    ],
)
def test_a_file_that_is_no_work_log_is_refused(write, content, why):
    assert why in refused(write(content=content))


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"Case_ID": ""}, "row 3, Case ID: is empty"),
        ({"Case_ID": "C" * 81}, "has more than 80 characters"),
        ({"Resource": "M" * 41}, "row 3, Resource: “MMM"),
        ({"Worker_ID": "  "}, "row 3, Worker ID: is empty"),
        ({"Report_Type": "X"}, "row 3, Report Type: “X” is none of S, D, B"),
        ({"Rework": "N"}, "row 3, Rework: “N” is none of empty, Y"),
        ({"Qty_Completed": ""}, "row 3, Qty Completed: is empty"),
        ({"Qty_Completed": "many"}, "row 3, Qty Completed: “many” is not a whole number"),
        ({"Qty_Completed": "1.5"}, "“1.5” is not a whole number"),
        ({"Qty_Completed": "１"}, "“１” is not a whole number"),
        ({"Qty_Rejected": "-3"}, "row 3, Qty Rejected: “-3” is negative"),
        ({"Qty_for_MRB": "10000001"}, "“10000001” is not between 0 and 10,000,000"),
        ({"Qty_Completed": "9" * 5000}, "is not between 0 and 10,000,000"),
        ({"Work_Order_Qty": "0"}, "row 3, Work Order Qty: “0” is not between 1 and 10,000,000"),
        ({"Start_Timestamp": "yesterday"}, "“yesterday” is not a time such as"),
        ({"Start_Timestamp": "2012/02/30 06:00:00.000"}, "is no time of the calendar"),
        ({"Start_Timestamp": "0001/01/01 06:00:00.000"}, "lies outside the years 1970 to 9998"),
        ({"Start_Timestamp": "2012/01/30 07:01:00.000"}, "comes before the start"),
        ({"Start_Timestamp": ""}, "row 3, Start Timestamp: is empty, though Complete"),
        ({"Complete_Timestamp": ""}, "row 3, Complete Timestamp: is empty, though Start"),
        ({"Work_Order_Qty": "11"}, "“11”, but row 2 of the same case has “10”"),
        ({"Part_Desc.": "Nut"}, "row 3, Part Desc.: “Nut”, but row 2 of the same case has"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_row_and_column(write, cells, why):
    assert why in refused(write(row(), row(**cells)))


def test_all_faults_are_named_at_once(write):
    why = refused(write(row(Qty_Completed="x", Rework="?"), row(), row(Qty_Rejected="-1")))
    assert "row 2, Qty Completed" in why
    assert "row 2, Rework" in why
    assert "row 4, Qty Rejected" in why


def test_a_file_full_of_faults_names_the_first_fifty(write):
    why = refused(write(*(row(Qty_Completed="x") for _ in range(80))))
    assert why.count("is not a whole number") == 50
    assert "row 51, Qty Completed" in why
    assert why.endswith("reading stopped after 50 faults")


def test_a_file_that_is_not_there_or_no_file_is_refused(write, tmp_path):
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    assert "No such file" in refused(tmp_path / "none.csv")
    assert "it is not a file" in refused(tmp_path)
    assert "cannot be read" in refused(loop)
    assert "cannot be read" in refused(write(row()) / "log.csv")


def test_a_file_as_spreadsheets_save_it_is_read(write):
    blank = "," * (len(COLUMNS) - 1) + "\r\n"
    load(write(content=codecs.BOM_UTF8 + (GOOD + blank + "\r\n").encode()))
    assert WorkLog.objects.count() == 1


# At once.


def test_two_imports_at_once_double_nothing(committed, write, tmp_path):
    path, told, said = write(row(), row()), [], []

    class Listening(StringIO):
        def write(self, line):
            told.append(line)
            return len(line)

    def other():
        out = StringIO()
        try:
            call_command("import_work_log", str(path), stdout=out, stderr=Listening())
            said.append(out.getvalue())
        finally:
            connection.close()

    thread = Thread(target=other)
    with transaction.atomic():
        load(path)
        thread.start()
        deadline = timezone.now() + timedelta(seconds=20)
        while not any("Waiting for another import" in line for line in told):
            assert timezone.now() < deadline
            thread.join(0.02)
    thread.join(20)
    assert "Nothing is new" in said[0]
    assert WorkLog.objects.count() == 2
    assert query(STEPS_UNLIKE_THEIR_LOGS) == []


def test_a_job_someone_works_on_makes_the_import_give_up_whole(committed, write):
    load(write(row()))
    grown, said = write(row(), row(hour(8), hour(9))), []

    def other():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            load(grown)
        except CommandError as error:
            said.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        list(Job.objects.locked())
        thread = Thread(target=other)
        thread.start()
        thread.join(20)
    assert said == [
        "Someone is at work on one of the file's jobs. Nothing was imported: try again."
    ]
    assert WorkLog.objects.count() == 1
