"""From the staged rows to jobs, steps and work logs, in one statement each."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from apps.core.errors import Conflict, Invalid
from apps.jobs.imports import staging
from apps.jobs.models import MOST
from apps.jobs.states import JobStatus, LogKind, Priority, StartsAfter, StepStatus

STEP_GAP = 10  # Between sequences, as in routings.
LAST_SEQUENCE = 32_767  # What a smallint holds.
_SHOWN = 20  # Refusals about stored jobs named at once.

_LOCK_JOBS = """
    SELECT id FROM jobs
    WHERE external_id IN (SELECT case_id FROM import_new)
    ORDER BY id FOR NO KEY UPDATE
"""
_LOCK_STEPS = """
    SELECT id FROM job_steps
    WHERE job_id IN (SELECT id FROM jobs WHERE external_id IN (SELECT case_id FROM import_new))
    ORDER BY id FOR NO KEY UPDATE
"""
# A job that was there: it must have come from a work log, and still be the same order.
_STRANGERS = """
    SELECT
        min(new.row_number),
        new.case_id,
        jobs.number,
        NOT EXISTS (
            SELECT FROM job_steps WHERE job_id = jobs.id AND import_key IS NOT NULL
        ) AS is_own,
        customers.code,
        jobs.customer_id <> %(customer)s AS has_other_customer,
        jobs.quantity,
        coalesce(parts.number, 'nothing')
    FROM import_new AS new
    JOIN import_names AS part ON part.kind = 'part' AND part.name = new.part
    JOIN jobs ON jobs.external_id = new.case_id
    JOIN customers ON customers.id = jobs.customer_id
    LEFT JOIN parts ON parts.id = jobs.part_id
    GROUP BY new.case_id, jobs.id, customers.code, parts.number
    HAVING NOT EXISTS (SELECT FROM job_steps WHERE job_id = jobs.id AND import_key IS NOT NULL)
        OR jobs.customer_id <> %(customer)s
        OR min(new.quantity) <> jobs.quantity
        OR min(part.id) IS DISTINCT FROM jobs.part_id
    ORDER BY 1 LIMIT %(shown)s
"""
# A dry run takes no number: numbers are never reused, and a gap would show. Jobs and steps that
# are new come with what their logs add up to, so that only those that were there need an update.
_JOBS = """
    INSERT INTO jobs (
        number, external_id, title, customer_id, part_id, quantity, priority, status, notes,
        released_at, completed_at, steps_total, steps_done
    )
    SELECT
        CASE WHEN %(dry_run)s THEN 'DRY-' || file.first_row ELSE next_job_number() END,
        file.case_id, parts.name, %(customer)s, parts.id, file.quantity, %(normal)s,
        %(job_done)s, '',
        coalesce(file.started_at, file.last_known, now()),
        coalesce(file.ended_at, file.last_known, now()),
        least(file.steps, %(last_sequence)s), least(file.steps, %(last_sequence)s)
    FROM (
        SELECT
            case_id,
            min(row_number) AS first_row,
            min(part) AS part,
            min(quantity) AS quantity,
            min(started_at) AS started_at,
            max(ended_at) AS ended_at,
            count(DISTINCT step_key) AS steps,
            (SELECT max(ended_at) FROM import_rows) AS last_known
        FROM import_new GROUP BY case_id
        ORDER BY first_row
    ) AS file
    JOIN import_names AS part ON part.kind = 'part' AND part.name = file.part
    JOIN parts ON parts.id = part.id
    WHERE NOT EXISTS (SELECT FROM jobs WHERE jobs.external_id = file.case_id)
    ORDER BY file.first_row
    ON CONFLICT DO NOTHING
"""
_STEPS = """
    INSERT INTO job_steps (
        job_id, sequence, process_id, machine_id, status, priority, due_date, planned_minutes,
        quantity_planned, instructions, starts_after, started_at, completed_at,
        quantity_good, quantity_scrap, quantity_rework, import_key
    )
    SELECT
        jobs.id,
        least(
            %(gap)s * row_number() OVER (
                PARTITION BY jobs.id ORDER BY file.started_at NULLS LAST, file.first_row
            ),
            %(last_sequence)s
        ),
        process.id, machine.id, %(step_done)s, jobs.priority, jobs.due_date, 0,
        file.quantity, '', %(finished)s,
        coalesce(file.started_at, jobs.completed_at, jobs.released_at),
        coalesce(file.ended_at, jobs.completed_at, jobs.released_at),
        least(file.good, %(most)s), least(file.scrap, %(most)s), least(file.rework, %(most)s),
        file.step_key
    FROM (
        SELECT
            step_key,
            min(case_id) AS case_id,
            min(process) AS process,
            min(resource) AS resource,
            min(quantity) AS quantity,
            min(row_number) AS first_row,
            min(started_at) AS started_at,
            max(ended_at) AS ended_at,
            sum(good) AS good,
            sum(scrap) AS scrap,
            sum(rework) AS rework
        FROM import_new GROUP BY step_key
    ) AS file
    JOIN jobs ON jobs.external_id = file.case_id
    JOIN import_names AS process ON process.kind = 'process' AND process.name = file.process
    JOIN import_names AS machine ON machine.kind = 'resource' AND machine.name = file.resource
    WHERE NOT EXISTS (SELECT FROM job_steps WHERE import_key = file.step_key)
    ORDER BY file.first_row
    ON CONFLICT DO NOTHING
"""
_MACHINE_PROCESSES = """
    INSERT INTO machine_processes (machine_id, process_id)
    SELECT DISTINCT machine.id, process.id
    FROM import_new AS new
    JOIN import_names AS process ON process.kind = 'process' AND process.name = new.process
    JOIN import_names AS machine ON machine.kind = 'resource' AND machine.name = new.resource
    ON CONFLICT DO NOTHING
"""
_LOGS = """
    INSERT INTO work_logs (
        step_id, user_id, machine_id, kind, started_at, ended_at,
        quantity_good, quantity_scrap, quantity_rework, scrap_reason_id, note, import_key
    )
    SELECT
        job_steps.id, operator.id, machine.id, new.kind, new.started_at, new.ended_at,
        new.good, new.scrap, new.rework,
        CASE WHEN new.scrap > 0 THEN %(scrap_reason)s::bigint END,
        new.note, new.log_key
    FROM import_new AS new
    JOIN job_steps ON job_steps.import_key = new.step_key
    JOIN import_names AS operator ON operator.kind = 'worker' AND operator.name = new.worker
    JOIN import_names AS machine ON machine.kind = 'resource' AND machine.name = new.resource
    ORDER BY new.row_number
    ON CONFLICT DO NOTHING
"""
# What the logs of the jobs that got new ones come to. A correction is no work: it has no time.
_ADD_UP = """
    CREATE TEMPORARY TABLE import_steps AS
    SELECT
        summed.*,
        %(gap)s * row_number() OVER (
            PARTITION BY job_id ORDER BY started_at NULLS LAST, id
        ) AS sequence,
        max(ended_at) OVER (PARTITION BY job_id) AS job_ended_at
    FROM (
        SELECT
            job_steps.id,
            job_steps.job_id,
            sum(logs.quantity_good) AS good,
            sum(logs.quantity_scrap) AS scrap,
            sum(logs.quantity_rework) AS rework,
            min(logs.started_at) FILTER (WHERE kind <> %(correction)s) AS started_at,
            max(logs.ended_at) FILTER (WHERE kind <> %(correction)s) AS ended_at
        FROM (
            SELECT DISTINCT job_id
            FROM import_new JOIN job_steps ON job_steps.import_key = import_new.step_key
        ) AS touched
        JOIN job_steps ON job_steps.job_id = touched.job_id AND job_steps.import_key IS NOT NULL
        JOIN work_logs AS logs ON logs.step_id = job_steps.id
        GROUP BY job_steps.id, job_steps.job_id
    ) AS summed
"""
_TOO_MUCH = """
    SELECT jobs.external_id, greatest(import_steps.good, import_steps.scrap, import_steps.rework),
        import_steps.sequence
    FROM import_steps JOIN jobs ON jobs.id = import_steps.job_id
    WHERE greatest(import_steps.good, import_steps.scrap, import_steps.rework) > %(most)s
        OR import_steps.sequence > %(last_sequence)s
    ORDER BY import_steps.id LIMIT %(shown)s
"""
_SETTLE_STEPS = """
    UPDATE job_steps SET
        sequence = true_.sequence,
        quantity_good = true_.good,
        quantity_scrap = true_.scrap,
        quantity_rework = true_.rework,
        started_at = true_.started_at,
        completed_at = true_.completed_at
    FROM (
        SELECT
            added.id, added.sequence, added.good, added.scrap, added.rework,
            coalesce(added.started_at, added.job_ended_at, step.started_at) AS started_at,
            CASE WHEN step.status = %(step_done)s
                THEN coalesce(added.ended_at, added.job_ended_at, step.completed_at)
            END AS completed_at
        FROM import_steps AS added JOIN job_steps AS step ON step.id = added.id
    ) AS true_
    WHERE job_steps.id = true_.id
        AND (
            job_steps.sequence, job_steps.quantity_good, job_steps.quantity_scrap,
            job_steps.quantity_rework, job_steps.started_at, job_steps.completed_at
        ) IS DISTINCT FROM (
            true_.sequence, true_.good, true_.scrap,
            true_.rework, true_.started_at, true_.completed_at
        )
"""
_SETTLE_JOBS = """
    UPDATE jobs SET
        released_at = coalesce(true_.started_at, jobs.released_at),
        completed_at = CASE WHEN jobs.status = %(job_done)s THEN true_.completed_at END,
        steps_total = true_.total,
        steps_done = true_.done
    FROM (
        SELECT
            job_steps.job_id,
            min(added.started_at) AS started_at,
            max(job_steps.completed_at) AS completed_at,
            count(*) FILTER (WHERE status <> %(step_cancelled)s) AS total,
            count(*) FILTER (WHERE status IN (%(step_done)s, %(step_skipped)s)) AS done
        FROM job_steps LEFT JOIN import_steps AS added ON added.id = job_steps.id
        WHERE job_steps.job_id IN (SELECT job_id FROM import_steps)
        GROUP BY job_steps.job_id
    ) AS true_
    WHERE jobs.id = true_.job_id
        AND (jobs.released_at, jobs.completed_at, jobs.steps_total, jobs.steps_done)
        IS DISTINCT FROM (
            coalesce(true_.started_at, jobs.released_at),
            CASE WHEN jobs.status = %(job_done)s THEN true_.completed_at END,
            true_.total,
            true_.done
        )
"""


def load(*, customer: int, scrap_reason: int, dry_run: bool) -> dict[str, int]:
    """Make jobs, steps and logs of the new rows; return how many of each are new.

    Sums, times and sequences of the jobs that got new logs then follow from all their logs.

    Raises: Invalid, Conflict.
    Locks:  the jobs, then their steps, by key.
    """
    values = _values(customer=customer, scrap_reason=scrap_reason, dry_run=dry_run)
    stored = _run(_LOCK_JOBS)
    _run(_LOCK_STEPS)
    _refuse_strangers(values)
    made = {"jobs": _run(_JOBS, values)}
    if stored + made["jobs"] != len(staging.distinct_names("case_id")):
        raise Conflict("Someone made one of the file's jobs at this moment. Try again.")
    made |= {"steps": _run(_STEPS, values), "work logs": _run(_LOGS, values)}
    _run(_MACHINE_PROCESSES)
    _run(_ADD_UP, values)
    _refuse_too_much(values)
    _run(_SETTLE_STEPS, values)
    _run(_SETTLE_JOBS, values)
    return made


def _values(**given: Any) -> Mapping[str, Any]:
    return {
        "normal": Priority.NORMAL.value,
        "job_done": JobStatus.COMPLETED.value,
        "step_done": StepStatus.COMPLETED.value,
        "step_skipped": StepStatus.SKIPPED.value,
        "step_cancelled": StepStatus.CANCELLED.value,
        "correction": LogKind.CORRECTION.value,
        "finished": StartsAfter.FINISHED.value,
        "gap": STEP_GAP,
        "last_sequence": LAST_SEQUENCE,
        "most": MOST,
        "shown": _SHOWN,
        **given,
    }


def _run(statement: str, values: Mapping[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _refuse_strangers(values: Mapping[str, Any]) -> None:
    found = [_stranger(*row) for row in _rows(_STRANGERS, values)]
    if found:
        raise Conflict("\n  ".join(("Nothing was imported:", *found)))


def _stranger(  # noqa: PLR0913, PLR0917 - a row of _STRANGERS
    row: int,
    case: str,
    job: str,
    is_own: bool,  # noqa: FBT001 - a column
    customer: str,
    has_other_customer: bool,  # noqa: FBT001 - a column
    quantity: int,
    part: str,
) -> str:
    if is_own:
        return f"row {row}: {job} has the external id “{case}” and did not come from a work log"
    if has_other_customer:
        return f"row {row}: “{case}” is {job}, of the customer {customer}: name that one"
    return (
        f"row {row}: “{case}” is {job}, an order for {quantity} of {part}; the row says otherwise"
    )


def _refuse_too_much(values: Mapping[str, Any]) -> None:
    found = [
        f"“{case}” would have {pieces:,} pieces on one step; {MOST:,} is the most"
        if pieces > MOST
        else f"“{case}” has more than {LAST_SEQUENCE // STEP_GAP:,} steps"
        for case, pieces, _ in _rows(_TOO_MUCH, values)
    ]
    if found:
        raise Invalid("\n  ".join(("Nothing was imported:", *found)))
