"""Importing a work log: jobs that others made, as the log of the shop tells it.

Source: docs/adr/0010-what-an-imported-work-log-means.md.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction

from apps.accounts.models import User
from apps.accounts.services import seed_roles
from apps.catalog.models import Part
from apps.core.acting import Source, coming_through
from apps.core.errors import Conflict, Invalid
from apps.jobs.imports import load, master_records, oddities, staging
from apps.jobs.imports.faults import Announce
from apps.jobs.imports.reading import WorkLogFile
from apps.machines.models import Machine, Reason
from apps.machines.services import seed_reasons
from apps.machines.states import NOT_RECORDED, ReasonKind
from apps.processes.models import Process

_LOCK_NOT_AVAILABLE = "55P03"
_LOCK = "hashtextextended('import_work_log', 0)"
# A big file may take longer than a request may.
_TAKE_TIME = "SET LOCAL statement_timeout = 0"
_TRY_LOCK = f"SELECT pg_try_advisory_xact_lock({_LOCK})"
_WAIT_FOR_LOCK = (
    "SELECT set_config('lock_timeout', '0', true)",
    f"SELECT pg_advisory_xact_lock({_LOCK})",
)


@dataclass(frozen=True, slots=True)
class WorkLogImport:
    """What to import, and how."""

    path: Path
    zone: ZoneInfo
    customer: str = master_records.CUSTOMER_CODE
    report: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the file holds and what of it was new, by the glossary's words."""

    in_file: Mapping[str, int]
    new: Mapping[str, int]
    odd: Mapping[oddities.Kind, int]


def import_work_log(wanted: WorkLogImport, announce: Announce) -> Outcome:
    """Import a file in one transaction: all of it, or nothing.

    What was imported before stays as it is; a file that has grown adds its new rows.

    Raises: BadFile, Invalid, Conflict.
    Locks:  out every other import; then the jobs and steps that get new logs, by key.
    """
    if wanted.report and wanted.report.resolve() == wanted.path.resolve():
        raise Invalid("The report would overwrite the file.", field="report")
    try:
        with coming_through(Source.IMPORT), transaction.atomic():
            outcome = _import(wanted, announce)
            if wanted.dry_run:
                transaction.set_rollback(True)
            return outcome
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        message = "Someone is at work on one of the file's jobs. Nothing was imported: try again."
        raise Conflict(message) from error


def _import(wanted: WorkLogImport, announce: Announce) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TIME)
    file = WorkLogFile(wanted.path, wanted.zone, announce)
    announce(f"Reading {wanted.path}")
    staging.create()
    staging.copy_rows(file.entries())
    announce(f"{file.rows:,} rows read and checked")
    _lock_out_others(announce)
    new = _load(wanted, announce)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    found = [*file.oddities, *oddities.between_rows()]
    _report(wanted.report, found)
    in_file = staging.count_file()
    staging.drop()
    return Outcome(in_file, new, dict(sorted(Counter(each.kind for each in found).items())))


def _lock_out_others(announce: Announce) -> None:
    """Wait until no other import runs, so that each row is looked for after its commit."""
    with connection.cursor() as cursor:
        cursor.execute(_TRY_LOCK)
        if cursor.fetchone()[0]:
            return
        announce("Waiting for another import to end")
        cursor.execute("SHOW lock_timeout")
        usual = cursor.fetchone()[0]
        for statement in _WAIT_FOR_LOCK:
            cursor.execute(statement)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])


def _load(wanted: WorkLogImport, announce: Announce) -> dict[str, int]:
    rows = staging.keep_new()
    if not rows:
        return {}
    announce(f"Loading {rows:,} new rows")
    seed_roles()
    seed_reasons()
    before = _count_records()
    customer = master_records.customer(wanted.customer)
    for column, records in (
        ("part", master_records.parts),
        ("process", master_records.processes),
        ("resource", master_records.machines),
        ("worker", master_records.operators),
    ):
        staging.copy_names(column, records(staging.distinct_names(column)))
    reason = Reason.objects.get(kind=ReasonKind.SCRAP, code=NOT_RECORDED)
    made = load.load(customer=customer.pk, scrap_reason=reason.pk, dry_run=wanted.dry_run)
    if made["work logs"] != rows:
        raise Conflict(
            "Others changed the same jobs at this moment. Nothing was imported: try again."
        )
    announce(f"{rows:,} work logs written")
    return made | {name: number - before[name] for name, number in _count_records().items()}


def _count_records() -> dict[str, int]:
    return {
        "machines": Machine.objects.count(),
        "operators": User.objects.count(),
        "parts": Part.objects.count(),
        "processes": Process.objects.count(),
    }


def _report(path: Path | None, found: list[oddities.Oddity]) -> None:
    if path is None:
        return
    try:
        oddities.write_report(path, found)
    except OSError as error:
        raise Invalid(
            f"The report {path} cannot be written: {error.strerror}. Nothing was imported.",
            field="report",
        ) from error
