"""The statements that read cards, column for column as ``Card`` has them.

Written in SQL: the ORM's nine reads of the operators' page, and the records it made of them, took
six times the processor time of all the rest. The questions are those of ``apps.jobs.querysets``
(``ready_for``, ``ready_for_anyone``, ``visible_to``, ``in_dispatch_order``); a test holds the
answers equal.
"""

# What a card is made of, for the steps of ``chosen (id, list)``: a SELECT throughout, since a WITH
# might write, and is then sent with who acts. Each part of it is found by a
# key or by idx_job_steps_job_order, work_logs_open_uniq, idx_help_calls_step, or the index of
# attachments that is named like the column.
_CARD = """
SELECT chosen.list,
    step.id, step.version, step.status, step.priority, step.due_date, step.sequence,
    step.quantity_planned, step.quantity_good, step.quantity_scrap, step.quantity_rework,
    step.planned_minutes, step.instructions, step.starts_after, step.assigned_to_id,
    coalesce(nullif(holder.full_name, ''), holder.username),
    job.id, job.number, job.title, job.status, job.steps_total, job.steps_done, job.routing_id,
    customer.name, part.id,
    CASE WHEN part.revision <> '' THEN part.number || ' rev ' || part.revision
         ELSE coalesce(part.number, '') END,
    coalesce(part.unit, ''),
    process.id, process.name, process.needs_machine,
    machine.id,
    CASE WHEN machine.code <> machine.name THEN machine.code || ' ' || machine.name
         ELSE machine.name END,
    machine.status,
    mine.id, mine.started_at, mine.kind, at_it.names,
    EXISTS (SELECT FROM help_calls call WHERE call.step_id = step.id AND call.answered_at IS NULL),
    standing.place, before.told, after.told, able.machines, able.id, able.here,
    found.files, found.id
FROM ({chosen}) chosen
JOIN job_steps step USING (id)
JOIN jobs job ON job.id = step.job_id
JOIN customers customer ON customer.id = job.customer_id
JOIN processes process ON process.id = step.process_id
LEFT JOIN parts part ON part.id = job.part_id
LEFT JOIN machines machine ON machine.id = step.machine_id
LEFT JOIN users holder ON holder.id = step.assigned_to_id
LEFT JOIN work_logs mine ON mine.step_id = step.id AND mine.user_id = %(user)s
    AND mine.started_at IS NOT NULL AND mine.ended_at IS NULL
LEFT JOIN LATERAL (
    SELECT array_agg(coalesce(nullif(worker.full_name, ''), worker.username) ORDER BY log.id)
        AS names
    FROM work_logs log JOIN users worker ON worker.id = log.user_id
    WHERE log.step_id = step.id AND log.user_id <> %(user)s
        AND log.started_at IS NOT NULL AND log.ended_at IS NULL
) at_it ON step.status = 'in_progress'
CROSS JOIN LATERAL (
    SELECT count(*) AS place FROM job_steps other
    WHERE other.job_id = step.job_id AND (other.sequence, other.id) <= (step.sequence, step.id)
) standing
LEFT JOIN LATERAL (
    SELECT ARRAY[kind.name, other.status] AS told
    FROM job_steps other JOIN processes kind ON kind.id = other.process_id
    WHERE other.job_id = step.job_id AND other.sequence < step.sequence
        AND (%(sees_all)s OR other.process_id = ANY(%(view)s) OR other.assigned_to_id = %(user)s)
    ORDER BY other.sequence DESC, other.id DESC LIMIT 1
) before ON true
LEFT JOIN LATERAL (
    SELECT ARRAY[kind.name, other.status] AS told
    FROM job_steps other JOIN processes kind ON kind.id = other.process_id
    WHERE other.job_id = step.job_id AND other.sequence > step.sequence
        AND (%(sees_all)s OR other.process_id = ANY(%(view)s) OR other.assigned_to_id = %(user)s)
    ORDER BY other.sequence, other.id LIMIT 1
) after ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS machines, min(two.id) AS id, EXISTS (
            SELECT FROM machine_processes can JOIN machines one ON one.id = can.machine_id
            WHERE can.process_id = step.process_id AND one.id = %(stand)s AND one.is_active
                AND process.needs_machine AND step.machine_id IS NULL
        ) AS here
    FROM (
        SELECT one.id
        FROM machine_processes can JOIN machines one ON one.id = can.machine_id AND one.is_active
        WHERE can.process_id = step.process_id AND process.needs_machine
            AND step.machine_id IS NULL
        LIMIT 2
    ) two
) able
CROSS JOIN LATERAL (
    SELECT count(*) AS files, min(file.id) AS id FROM (
        SELECT id FROM attachments WHERE job_id = job.id
        UNION ALL SELECT id FROM attachments WHERE step_id = step.id
        UNION ALL SELECT id FROM attachments WHERE part_id = job.part_id
        UNION ALL SELECT planned_file.id
        FROM routing_steps planned
        JOIN attachments planned_file ON planned_file.routing_step_id = planned.id
        WHERE planned.routing_id = job.routing_id AND planned.sequence = step.sequence
            AND planned.process_id = step.process_id
            AND (%(sees_files)s OR planned.process_id = ANY(%(view)s))
    ) file
) found
"""
_DISPATCH = "step.priority DESC, step.due_date, step.sequence, step.id"

# The lists of the page, each the first of its own, off its own index: one read with OR has none.
_HERE = "SELECT process_id FROM machine_processes WHERE machine_id = %(stand)s"
_MY_WORK = f"""
    (   -- Uses index: idx_work_logs_open_user.
        SELECT step_id AS id, 'running' AS list FROM work_logs
        WHERE user_id = %(user)s AND started_at IS NOT NULL AND ended_at IS NULL
        ORDER BY id LIMIT %(running)s
    ) UNION ALL (
        -- Uses index: idx_job_steps_assigned_status.
        SELECT step.id, 'waiting' FROM job_steps step JOIN jobs job ON job.id = step.job_id
        WHERE step.assigned_to_id = %(user)s AND job.status IN ('active', 'on_hold')
            AND (step.status IN ('paused', 'in_progress', 'pending')
                OR step.status = 'ready' AND job.status = 'on_hold')
            AND NOT EXISTS (
                SELECT FROM work_logs log WHERE log.step_id = step.id AND log.user_id = %(user)s
                    AND log.started_at IS NOT NULL AND log.ended_at IS NULL)
        ORDER BY step.status = 'pending', {_DISPATCH} LIMIT %(waiting)s
    ) UNION ALL (
        -- Uses index: idx_job_steps_assigned_status.
        SELECT step.id, 'machine_down' FROM job_steps step
        JOIN jobs job ON job.id = step.job_id AND job.status <> ALL(%(resting)s)
        JOIN machines machine ON machine.id = step.machine_id AND machine.status = 'down'
        WHERE step.assigned_to_id = %(user)s AND step.status = 'ready'
            AND (%(stand)s::bigint IS NULL OR machine.id = %(stand)s)
        ORDER BY {_DISPATCH} LIMIT %(waiting)s
    ) UNION ALL (
        -- Uses index: idx_job_steps_assigned_status.
        SELECT step.id, 'ready' FROM job_steps step
        JOIN jobs job ON job.id = step.job_id AND job.status <> ALL(%(resting)s)
        LEFT JOIN machines machine ON machine.id = step.machine_id
        WHERE step.assigned_to_id = %(user)s AND step.status = 'ready'
            AND machine.status IS DISTINCT FROM 'down'
            AND (%(stand)s::bigint IS NULL OR step.machine_id = %(stand)s
                OR step.machine_id IS NULL AND step.process_id IN ({_HERE}))
        ORDER BY {_DISPATCH} LIMIT %(next)s
    ) UNION ALL (
        {{free}}
    )
"""  # noqa: S608 - made of constants
# Uses index: idx_job_steps_dispatch, read from its beginning until enough are found.
_FREE = f"""
SELECT step.id, 'ready' FROM job_steps step
JOIN jobs job ON job.id = step.job_id AND job.status <> ALL(%(resting)s)
LEFT JOIN machines machine ON machine.id = step.machine_id
WHERE step.status = 'ready' AND step.assigned_to_id IS NULL
    AND (%(every)s OR step.process_id = ANY(%(execute)s))
    AND machine.status IS DISTINCT FROM 'down'
ORDER BY {_DISPATCH} LIMIT %(next)s
"""  # noqa: S608 - made of constants
# Uses index: idx_job_steps_machine_status for what is planned on the machine, which may be down,
# and idx_job_steps_dispatch for what any machine may do.
_FREE_AT_MACHINE = f"""
(   SELECT step.id, CASE machine.status WHEN 'down' THEN 'machine_down' ELSE 'ready' END
    FROM job_steps step
    JOIN jobs job ON job.id = step.job_id AND job.status <> ALL(%(resting)s)
    JOIN machines machine ON machine.id = step.machine_id
    WHERE step.machine_id = %(stand)s AND step.status = 'ready' AND step.assigned_to_id IS NULL
        AND (%(every)s OR step.process_id = ANY(%(execute)s))
    ORDER BY {_DISPATCH} LIMIT %(next)s
) UNION ALL (
    SELECT step.id, 'ready' FROM job_steps step
    JOIN jobs job ON job.id = step.job_id AND job.status <> ALL(%(resting)s)
    WHERE step.status = 'ready' AND step.assigned_to_id IS NULL AND step.machine_id IS NULL
        AND step.process_id IN ({_HERE})
        AND (%(every)s OR step.process_id = ANY(%(execute)s))
    ORDER BY {_DISPATCH} LIMIT %(next)s
)
"""  # noqa: S608 - made of constants
_IN_ORDER = f" ORDER BY step.status = 'pending', {_DISPATCH}"
MY_WORK = _CARD.format(chosen=_MY_WORK.format(free=_FREE)) + _IN_ORDER
MY_WORK_AT_MACHINE = _CARD.format(chosen=_MY_WORK.format(free=_FREE_AT_MACHINE)) + _IN_ORDER
# Their keys alone, with the user's open log.
MY_KEYS = f"""
SELECT chosen.list, chosen.id FROM ({_MY_WORK.format(free=_FREE)}) chosen
LEFT JOIN work_logs mine ON mine.step_id = chosen.id AND mine.user_id = %(user)s
    AND mine.started_at IS NOT NULL AND mine.ended_at IS NULL AND chosen.list = 'running'
ORDER BY mine.id
"""  # noqa: S608 - made of constants
_VISIBLE = "(%(sees_all)s OR step.process_id = ANY(%(view)s) OR step.assigned_to_id = %(user)s)"
_ONE = "SELECT %(step)s::bigint AS id, 'one' AS list"
ONE = f"{_CARD.format(chosen=_ONE)} WHERE {_VISIBLE}"
# Uses index: jobs_number_uniq, idx_job_steps_job_order.
_OF_JOB = """
    SELECT step.id, 'job' AS list FROM jobs job JOIN job_steps step ON step.job_id = job.id
    WHERE job.number = %(number)s
"""
OF_JOB = f"{_CARD.format(chosen=_OF_JOB)} WHERE {_VISIBLE} ORDER BY step.sequence, step.id"
_RUNNING = """
    SELECT step_id AS id, 'running' AS list FROM work_logs
    WHERE user_id = %(user)s AND started_at IS NOT NULL AND ended_at IS NULL
    ORDER BY id LIMIT %(running)s
"""
RUNNING = f"{_CARD.format(chosen=_RUNNING)} ORDER BY mine.id"
