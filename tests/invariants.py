"""What must hold in any shop at any moment, in SQL: each query returns the rows that break it."""

from functools import cache

import pgtrigger
from django.db import connections

from apps.audit.triggers import AuditTrigger
from apps.counters.counting import differences
from apps.counters.selectors import declared

# An open log is started and not ended (both null: imported, its time unknown); a correction is no
# stretch of work.
INVARIANTS = {
    # Pages and reports read the step; the logs are what happened.
    "a step's quantities are the sums of its logs": """
        SELECT s.id FROM job_steps s LEFT JOIN work_logs l ON l.step_id = s.id
        GROUP BY s.id
        HAVING s.quantity_good <> coalesce(sum(l.quantity_good), 0)
            OR s.quantity_scrap <> coalesce(sum(l.quantity_scrap), 0)
            OR s.quantity_rework <> coalesce(sum(l.quantity_rework), 0)""",
    # Lists show progress from two columns and never add up.
    "a job's counts are those of its steps, cancelled ones left out": """
        SELECT j.id FROM jobs j LEFT JOIN job_steps s ON s.job_id = j.id
        GROUP BY j.id
        HAVING j.steps_total <> count(s.id) FILTER (WHERE s.status <> 'cancelled')
            OR j.steps_done <> count(s.id) FILTER (WHERE s.status IN ('completed', 'skipped'))""",
    # Dispatch order reads the copies, not the job.
    "a step carries its job's priority, due date and quantity": """
        SELECT s.id FROM job_steps s JOIN jobs j ON j.id = s.job_id
        WHERE (s.priority, s.due_date, s.quantity_planned)
            IS DISTINCT FROM (j.priority, j.due_date, j.quantity)""",
    # An active job may have none but final steps: a completed one that was reopened.
    "a job's status allows those of its steps": """
        SELECT j.id FROM jobs j JOIN job_steps s ON s.job_id = j.id
        WHERE NOT CASE j.status
            WHEN 'draft' THEN s.status = 'pending'
            WHEN 'active' THEN s.status <> 'cancelled'
            WHEN 'on_hold' THEN s.status NOT IN ('in_progress', 'cancelled')
            WHEN 'completed' THEN s.status IN ('completed', 'skipped')
            WHEN 'cancelled' THEN s.status IN ('completed', 'skipped', 'cancelled')
            ELSE false END""",
    # A released job without steps could never be completed by working on it.
    "a job on the floor has steps": """
        SELECT j.id FROM jobs j
        WHERE j.status IN ('active', 'on_hold', 'completed')
          AND NOT EXISTS (SELECT FROM job_steps s WHERE s.job_id = j.id)""",
    # Or work would wait that could go on, or go on that should wait.
    "a waiting step is ready exactly when those before it let it begin": """
        SELECT s.id FROM job_steps s JOIN jobs j ON j.id = s.job_id
        WHERE s.status IN ('pending', 'ready') AND j.status IN ('active', 'on_hold')
          AND (s.status = 'ready') = EXISTS (
            SELECT FROM job_steps before
            WHERE before.job_id = s.job_id AND before.sequence < s.sequence
              AND before.status NOT IN ('completed', 'skipped', 'cancelled')
              AND NOT (s.starts_after = 'first_good' AND before.quantity_good > 0))""",
    # Work going on that nobody does, or that nobody sees.
    "a step has an open log exactly while it is in progress": """
        SELECT s.id FROM job_steps s WHERE (s.status = 'in_progress') IS DISTINCT FROM EXISTS (
            SELECT FROM work_logs l
            WHERE l.step_id = s.id AND l.started_at IS NOT NULL AND l.ended_at IS NULL)""",
    # The floor asks who has it; only waiting and paused steps may be nobody's.
    "a step in progress is somebody's": """
        SELECT id FROM job_steps WHERE status = 'in_progress' AND assigned_to_id IS NULL""",
    # Hours would count twice, and a report would not know where to go.
    "nobody has two open logs on one step": """
        SELECT min(id) FROM work_logs WHERE started_at IS NOT NULL AND ended_at IS NULL
        GROUP BY step_id, user_id HAVING count(*) > 1""",
    # Hours of a machine are added up from its logs.
    "work going on is on the machine of its step": """
        SELECT l.id FROM work_logs l JOIN job_steps s ON s.id = l.step_id
        WHERE l.started_at IS NOT NULL AND l.ended_at IS NULL
          AND l.machine_id IS DISTINCT FROM s.machine_id""",
    # Times of a step are columns so that lists have an index; the logs are what happened.
    "a step begins with its first log and, completed, ends with its last": """
        SELECT s.id FROM job_steps s
        LEFT JOIN work_logs l ON l.step_id = s.id AND l.kind <> 'correction'
        GROUP BY s.id
        HAVING (s.started_at IS NULL) <> (count(l.id) = 0)
            OR s.started_at <> min(l.started_at)
            OR s.status = 'completed' AND s.completed_at <> max(l.ended_at)""",
    # Lead times are differences of these.
    "a job is released before its steps begin and completed after they end": """
        SELECT j.id FROM jobs j JOIN job_steps s ON s.job_id = j.id
        WHERE j.released_at > s.started_at OR j.completed_at < s.completed_at""",
    # Else an old undo would take back what happened since.
    "what can be undone is the last that happened": """
        SELECT id FROM job_steps
        WHERE undo IS NOT NULL AND (undo ->> 'action', status)
            NOT IN (('start', 'in_progress'), ('report', 'in_progress'),
                ('pause', 'in_progress'), ('pause', 'paused'), ('complete', 'completed'))""",
    # Yield by reason would not add up.
    "scrap has a reason for scrap, and a downtime one for downtimes": """
        SELECT l.id FROM work_logs l LEFT JOIN reasons r ON r.id = l.scrap_reason_id
        WHERE l.kind <> 'correction' AND l.quantity_scrap > 0 AND r.kind IS DISTINCT FROM 'scrap'
        UNION ALL
        SELECT d.id FROM machine_downtimes d JOIN reasons r ON r.id = d.reason_id
        WHERE r.kind <> 'downtime'""",
    # A start asks this one number, under the machine's lock.
    "a machine runs as many steps as are in progress on it": """
        SELECT m.id FROM machines m
        LEFT JOIN job_steps s ON s.machine_id = m.id AND s.status = 'in_progress'
        GROUP BY m.id HAVING m.running_steps <> count(s.id)""",
    # The rule itself, counted from the steps and not from the machine's own number.
    "a machine runs no more steps than it can": """
        SELECT m.id FROM machines m
        JOIN job_steps s ON s.machine_id = m.id AND s.status = 'in_progress'
        GROUP BY m.id HAVING count(s.id) > m.capacity""",
    # The board shows the status, and a start is refused by it.
    "a machine's status follows from its downtimes and steps": """
        SELECT m.id FROM machines m WHERE m.status <> CASE
            WHEN EXISTS (SELECT FROM machine_downtimes d WHERE d.machine_id = m.id
                         AND d.ended_at IS NULL) THEN 'down'
            WHEN m.running_steps > 0 THEN 'running' ELSE 'idle' END""",
    # Downtime would count twice.
    "no two downtimes of a machine overlap": """
        SELECT a.id FROM machine_downtimes a JOIN machine_downtimes b
          ON b.machine_id = a.machine_id AND b.id > a.id
         AND tstzrange(a.started_at, a.ended_at) && tstzrange(b.started_at, b.ended_at)""",
    # Who supervises acts for those who execute, and who executes must see.
    "each right to a process implies the one before it": """
        SELECT id FROM role_process_permissions
        WHERE can_execute AND NOT can_view OR can_supervise AND NOT can_execute""",
}

# Every change has its row in the trail: change upon change, it tells what the row is now.
REPLAYED = """
    SELECT 'the trail tells each row of ' || now."table", now.id FROM ({rows}) AS now
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(change.key, change.value -> 1 ORDER BY told.at, told.id) AS row
        FROM audit_logs AS told CROSS JOIN LATERAL jsonb_each(told.changes) AS change
        WHERE told."table" = now."table" AND told.row_id = now.id AND told.action <> 'delete'
            -- Tests empty tables and count their keys anew: an earlier row's story is another.
            AND told.id >= coalesce((
                SELECT max(made.id) FROM audit_logs AS made
                WHERE made."table" = now."table" AND made.row_id = now.id
                    AND made.action = 'insert'
            ), 0)
    ) AS trail
    WHERE now.row IS DISTINCT FROM jsonb_strip_nulls(trail.row - 'id') LIMIT 20"""


@cache
def audited_tables() -> dict[str, str]:
    """Return for each audited table the query of its rows, as the trail would tell them."""
    tables = {}
    for model, trigger in pgtrigger.registered():
        if isinstance(trigger, AuditTrigger):
            kept = trigger.compile(model).sql.kept
            columns = [*kept["columns"], *kept["nullable"]]
            pairs = ", ".join(f"'{name}', \"{name}\"" for name in columns)
            tables[kept["table"]] = (
                f"SELECT '{kept['table']}' AS \"table\", {kept['key']} AS id,"  # noqa: S608 - ours
                f" jsonb_strip_nulls(jsonb_build_object({pairs})) AS row FROM {kept['table']}"
            )
    return tables


def assert_invariants(using: str = "default", *, trail: bool = True) -> None:
    """Assert that every invariant holds; name those that are broken, each with its rows.

    Replaying the ``trail`` costs time with every row: leave it out where that is done often.
    """
    queries = [
        f"SELECT $${name}$$, id FROM ({query} LIMIT 20) AS broken (id)"  # noqa: S608 - ours
        for name, query in INVARIANTS.items()
    ]
    queries.extend(
        f"SELECT 'the counter {counter.name} says what the rows say', count"  # noqa: S608 - ours
        f" FROM ({differences(counter, table)} LIMIT 20) AS wrong"
        for counter, table in declared().items()
    )
    if trail:
        queries.append(REPLAYED.format(rows=" UNION ALL ".join(audited_tables().values())))
    broken: dict[str, list[int]] = {}
    with connections[using].cursor() as cursor:
        # One statement: all of them see one moment, for the price of one.
        cursor.execute(" UNION ALL ".join(f"({query})" for query in queries))
        for name, row in cursor.fetchall():
            broken.setdefault(name, []).append(row)
    assert not broken, f"It no longer holds that {broken}"
