"""Each named index serves the query it was made for."""

import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from apps.accounts.models import ApiSession, ApiToken, SignInAttempts, User
from apps.audit import selectors
from apps.audit.models import AuditLog
from apps.audit.selectors import Question
from apps.background.models import IdempotencyKey
from apps.catalog.models import Part
from apps.core.paging import Order
from apps.customers.models import Customer
from apps.jobs.models import Attachment, HelpCall, Job, JobStep, Routing, RoutingStep, WorkLog
from apps.machines.models import Machine, MachineDowntime
from apps.notifications.models import Notification
from apps.paper.models import Printout
from apps.processes.models import Process, RoleProcessPermission

TODAY = date(2030, 1, 1)
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def ordered(rows, *names):
    return rows.order_by(*Order.of(rows.model, names).order_by())


PLANS = {
    "idx_customers_name": lambda _: Customer.objects.search("aksoy"),
    "idx_customers_name_prefix": lambda _: Customer.objects.search("ak"),
    "idx_customers_name_order": lambda _: ordered(Customer.objects.all(), "name"),
    "idx_customers_email": lambda _: Customer.objects.filter(email="a@example.com"),
    "idx_customers_phone": lambda _: Customer.objects.filter(phone="1"),
    "idx_customers_created_at": lambda _: ordered(Customer.objects.all(), "-created_at"),
    "idx_customers_updated_at": lambda _: ordered(Customer.objects.all(), "-updated_at"),
    "idx_parts_search": lambda _: Part.objects.search("bracket"),
    "idx_parts_search_prefix": lambda _: Part.objects.search("br"),
    "idx_parts_name": lambda _: ordered(Part.objects.all(), "name"),
    "idx_jobs_status_created_at": lambda _: ordered(
        Job.objects.filter(status="active"), "-created_at"
    ),
    "idx_jobs_status_due_date": lambda _: ordered(
        Job.objects.filter(status="active", due_date__lt=TODAY), "due_date"
    ),
    "idx_jobs_due_date": lambda _: Job.objects.open().filter(due_date=TODAY),
    "idx_jobs_due_date_all": lambda _: ordered(Job.objects.all(), "-due_date"),
    "idx_jobs_job_number_pattern": lambda _: Job.objects.search("JOB-0008"),
    "idx_jobs_updated_at": lambda _: ordered(Job.objects.all(), "-updated_at"),
    "idx_jobs_customer": lambda _: ordered(Job.objects.filter(customer=1), "-pk"),
    "idx_jobs_part": lambda _: ordered(Job.objects.filter(part=1), "-pk"),
    "idx_jobs_search": lambda _: Job.objects.filter(search_text__contains="bracket"),
    "idx_jobs_search_prefix": lambda _: Job.objects.filter(search_text__startswith="br"),
    "idx_routings_search": lambda _: Routing.objects.search("bracket"),
    "idx_routings_search_prefix": lambda _: Routing.objects.search("br"),
    "idx_routing_steps_order": lambda _: Routing(pk=1).steps.order_by("sequence", "pk"),
    "idx_job_steps_job_status": lambda _: JobStep.objects.filter(job=1, status="ready"),
    "idx_job_steps_job_order": lambda _: JobStep.objects.filter(job=1).order_by("sequence", "pk"),
    "idx_job_steps_assigned_status": lambda user: JobStep.objects.filter(
        assigned_to=user, status="paused"
    ),
    "idx_job_steps_assigned": lambda user: ordered(JobStep.objects.filter(assigned_to=user), "-pk"),
    "idx_job_steps_machine_status": lambda _: JobStep.objects.filter(machine=1, status="ready"),
    "idx_job_steps_created_at": lambda _: ordered(JobStep.objects.all(), "-created_at"),
    "idx_job_steps_started_at": lambda _: ordered(
        JobStep.objects.filter(started_at__isnull=False), "-started_at"
    ),
    "idx_job_steps_completed_at": lambda _: ordered(
        JobStep.objects.filter(completed_at__isnull=False), "-completed_at"
    ),
    "idx_job_steps_process": lambda _: ordered(JobStep.objects.filter(process=1), "-pk"),
    "idx_job_steps_status": lambda _: ordered(JobStep.objects.filter(status="ready"), "-pk"),
    "idx_job_steps_dispatch": lambda _: JobStep.objects.filter(
        status="ready", assigned_to=None
    ).in_dispatch_order(),
    "idx_job_steps_at_hand": lambda _: JobStep.objects.filter(status="paused").in_dispatch_order(),
    "idx_work_logs_step": lambda _: WorkLog.objects.filter(step=1).order_by("pk"),
    "idx_work_logs_user": lambda user: WorkLog.objects.filter(user=user).order_by("-pk"),
    "idx_work_logs_kind": lambda _: ordered(WorkLog.objects.filter(kind="correction"), "-pk"),
    "idx_work_logs_open_user": lambda user: WorkLog.objects.open().filter(user=user),
    "idx_help_calls_open": lambda _: HelpCall.objects.open().order_by("raised_at"),
    "idx_machines_status": lambda _: Machine.objects.active().filter(status="down"),
    "idx_machines_name": lambda _: ordered(Machine.objects.all(), "name"),
    "idx_machines_is_active": lambda _: Machine.objects.filter(is_active=False).order_by("code"),
    "idx_machine_downtimes_machine": lambda _: MachineDowntime.objects.filter(machine=1).order_by(
        "-started_at"
    ),
    "idx_machine_downtimes_open": lambda _: MachineDowntime.objects.open().filter(machine=1),
    "idx_machine_downtimes_started": lambda _: ordered(
        MachineDowntime.objects.all(), "-started_at"
    ),
    "idx_users_role": lambda user: (
        User.objects.active().filter(role=user.role_id).order_by("full_name")
    ),
    "idx_users_is_active": lambda _: ordered(User.objects.filter(is_active=False), "full_name"),
    "idx_users_full_name": lambda _: ordered(User.objects.all(), "full_name"),
    "idx_users_full_name_prefix": lambda _: User.objects.filter(full_name_lower__startswith="ay"),
    "idx_api_sessions_user": lambda user: ordered(ApiSession.objects.filter(user=user), "-pk"),
    "idx_api_sessions_expires": lambda _: ApiSession.objects.filter(expires_at__lt=NOON),
    "idx_api_tokens_user": lambda user: ordered(ApiToken.objects.filter(user=user), "-pk"),
    "idx_sign_in_attempts_ends": lambda _: ordered(
        SignInAttempts.objects.full(), "-window_ends_at"
    ),
    "idx_notifications_created_at": lambda user: Notification.objects.visible_to(
        user
    ).latest_first(),
    "idx_notifications_unread": lambda user: Notification.objects.visible_to(user).unread(),
    "idx_processes_name": lambda _: ordered(Process.objects.all(), "name"),
    "idx_processes_is_active": lambda _: Process.objects.filter(is_active=False).order_by("name"),
    "idx_role_process_permissions": lambda _: RoleProcessPermission.objects.filter(process=1),
}


# What a record's page reads of it, and what the database asks before a record may go.
PLANS |= {
    index: lambda _, model=model, key=key: model.objects.filter(**{key: 7})
    for index, model, key in (
        ("idx_api_tokens_created_by", ApiToken, "created_by"),
        ("idx_attachments_customer", Attachment, "customer"),
        ("idx_attachments_job", Attachment, "job"),
        ("idx_attachments_machine", Attachment, "machine"),
        ("idx_attachments_part", Attachment, "part"),
        ("idx_attachments_routing_step", Attachment, "routing_step"),
        ("idx_attachments_step", Attachment, "step"),
        ("idx_attachments_uploaded_by", Attachment, "uploaded_by"),
        ("idx_help_calls_answered_by", HelpCall, "answered_by"),
        ("idx_help_calls_machine", HelpCall, "machine"),
        ("idx_help_calls_raised_by", HelpCall, "raised_by"),
        ("idx_help_calls_step", HelpCall, "step"),
        ("idx_jobs_created_by", Job, "created_by"),
        ("idx_jobs_routing", Job, "routing"),
        ("idx_machine_downtimes_reason", MachineDowntime, "reason"),
        ("idx_machine_downtimes_reporter", MachineDowntime, "reported_by"),
        ("idx_routing_steps_machine", RoutingStep, "machine"),
        ("idx_routing_steps_process", RoutingStep, "process"),
        ("idx_routings_part", Routing, "part"),
        ("idx_users_role_all", User, "role"),
        ("idx_work_logs_machine", WorkLog, "machine"),
        ("idx_work_logs_scrap_reason", WorkLog, "scrap_reason"),
    )
}


def asked(**conditions):
    """Return the changes of one condition, by time alone: what ties, a page puts in order."""
    question = Question(selectors.begins(), selectors.soon(), **conditions)
    return selectors.ask(question).rows.order_by("-at")


PLANS |= {
    "idx_audit_logs_row": lambda _: asked(table="jobs", row_id=7),
    "idx_audit_logs_actor_at": lambda _: asked(actor_id=7),
    "idx_audit_logs_table_at": lambda _: asked(table="shop"),
    "idx_audit_logs_source_at": lambda _: asked(source="tasks"),
    "idx_audit_logs_deleted_at": lambda _: asked(action="delete"),
    "idx_audit_logs_at": lambda _: AuditLog.objects.filter(pk=7).order_by(),
}
PLANS |= {
    "idx_printouts_ordered_by": lambda user: Printout.objects.visible_to(user).order_by("-pk"),
    "idx_printouts_unfinished": lambda _: Printout.objects.stuck(NOON),
    "idx_printouts_with_file": lambda _: Printout.objects.with_file_from(NOON),
    "idx_attachments_search": lambda _: Attachment.objects.search("drawing"),
    "idx_attachments_search_prefix": lambda _: Attachment.objects.search("dr"),
    "idx_idempotency_keys_created": lambda _: IdempotencyKey.objects.filter(created_at__lt=NOON),
}

# Analysed on the way: by what is left of an earlier test PostgreSQL joins row by row, for minutes.
FILL = """
INSERT INTO customers (name, email, phone, contact_name, address, city, country, tax_number,
                       notes, is_active, created_at, updated_at)
SELECT 'Customer ' || md5(n::text), 'c' || n || '@example.com', n::text, '', '', '', '', '', '',
       true, now() - n * interval '1 hour', now() - n * interval '1 hour'
FROM generate_series(1, 4000) n;
INSERT INTO parts (number, revision, name, unit, notes, is_active)
SELECT 'A-' || n, '', 'Part ' || md5(n::text), 'pcs', '', true FROM generate_series(1, 2000) n;
INSERT INTO routings (code, name, notes, is_active)
SELECT 'R-' || n, 'Routing ' || md5(n::text), '', true FROM generate_series(1, 2000) n;
INSERT INTO processes (code, name, description, needs_machine, is_active)
SELECT 'P-' || n, 'Process ' || n, '', false, n % 20 <> 0 FROM generate_series(1, 400) n;
INSERT INTO routing_steps (routing_id, sequence, process_id, setup_minutes, run_minutes_per_unit,
                           instructions, starts_after)
SELECT r.id, s * 10, p.id, 1, 1, '', 'finished' FROM routings r, generate_series(1, 3) s,
       (SELECT min(id) AS id FROM processes) p;
INSERT INTO machines (code, name, status, location, is_active)
SELECT 'M-' || n, 'Machine ' || md5(n::text), CASE n % 40 WHEN 0 THEN 'down' ELSE 'idle' END, '',
       n % 10 <> 0 FROM generate_series(1, 600) n;
INSERT INTO reasons (kind, code, name, is_active) VALUES ('downtime', 'fill', 'Fill', true);
INSERT INTO machine_downtimes (machine_id, reason_id, note, started_at, ended_at)
SELECT m.id, r.id, '', now() - (d * 2 + 1) * interval '1 day',
       CASE WHEN d = 0 AND m.id % 40 = 0 THEN NULL ELSE now() - d * 2 * interval '1 day' END
FROM machines m, generate_series(0, 9) d, (SELECT id FROM reasons WHERE code = 'fill') r;
INSERT INTO users (password, username, is_active, full_name, phone, pin, role_id)
SELECT '', 'fill' || n, n % 10 <> 0, 'User ' || md5(n::text), '', '', r.id
FROM generate_series(1, 1500) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS roles FROM roles) r
  ON r.place = 1 + n % r.roles;
INSERT INTO api_sessions (user_id, password_stamp, address, user_agent, revoked_because,
                          expires_at)
SELECT u.id, '', '', '', '', now() + n * interval '1 year' FROM users u, generate_series(1, 3) n;
INSERT INTO api_tokens (user_id, created_by_id, name, prefix, digest, scopes, expires_at)
SELECT u.id, u.id, '', '', u.id, '{read}', now() FROM users u;
INSERT INTO sign_in_attempts (username, address, taken, window_ends_at)
SELECT 'u' || n, '', 5, now() + n * interval '1 minute' FROM generate_series(1, 2000) n;
INSERT INTO role_process_permissions (role_id, process_id, can_view, can_execute, can_supervise)
SELECT r.id, p.id, true, true, false FROM roles r, processes p;
ANALYZE customers, machines, parts, processes, users;
INSERT INTO jobs (title, customer_id, part_id, quantity, priority, status, due_date, notes,
                  released_at, completed_at, created_at, updated_at)
SELECT 'Job ' || md5(n::text), c.id, p.id, 10, n % 4,
       CASE WHEN n % 20 = 0 THEN 'active' WHEN n % 41 = 0 THEN 'on_hold' ELSE 'completed' END,
       CASE WHEN n % 9 <> 0 THEN date '2029-06-01' + n / 20 END, '', now(),
       CASE WHEN n % 20 = 0 OR n % 41 = 0 THEN NULL ELSE now() END,
       now() - n * interval '1 minute', now() - n * interval '1 minute'
FROM generate_series(1, 8000) n
JOIN (SELECT id, row_number() OVER () AS place FROM customers) c ON c.place = 1 + n % 4000
JOIN (SELECT id, row_number() OVER () AS place FROM parts) p ON p.place = 1 + n % 2000;
ANALYZE jobs;
INSERT INTO job_steps (job_id, sequence, process_id, machine_id, assigned_to_id, status, priority,
                       due_date, planned_minutes, quantity_planned, instructions, starts_after,
                       started_at, completed_at, created_at)
SELECT j.id, s * 10, p.id, m.id, CASE WHEN s = 2 THEN u.id END,
       CASE WHEN j.status = 'completed' THEN 'completed' WHEN s = 1 THEN 'ready'
            WHEN s = 2 THEN 'paused' ELSE 'pending' END,
       j.priority, j.due_date, 10, 10, '', 'finished',
       CASE WHEN j.status = 'completed' OR s = 2 THEN j.created_at END,
       CASE WHEN j.status = 'completed' THEN j.created_at END, j.created_at
FROM jobs j CROSS JOIN generate_series(1, 3) s
JOIN (SELECT id, row_number() OVER () AS place FROM processes) p ON p.place = 1 + (j.id + s) % 400
JOIN (SELECT id, row_number() OVER () AS place FROM machines) m ON m.place = 1 + (j.id + s) % 600
JOIN (SELECT id, row_number() OVER () AS place FROM users) u ON u.place = 1 + j.id % 1500;
ANALYZE job_steps;
INSERT INTO work_logs (step_id, user_id, machine_id, kind, started_at, ended_at, note)
SELECT s.id, u.id, s.machine_id, 'run', now(), CASE WHEN s.id % 50 <> 0 THEN now() END, ''
FROM job_steps s JOIN (SELECT id, row_number() OVER () AS place FROM users) u
  ON u.place = 1 + s.id % 1500;
INSERT INTO help_calls (machine_id, raised_by_id, note, raised_at, answered_by_id, answered_at)
SELECT m.id, u.id, '', now(), CASE WHEN n % 20 <> 0 THEN u.id END,
       CASE WHEN n % 20 <> 0 THEN now() END
FROM generate_series(1, 2000) n, (SELECT min(id) AS id FROM machines) m,
     (SELECT min(id) AS id FROM users) u;
INSERT INTO notifications (recipient_id, kind, title, body, link, created_at, read_at)
SELECT u.id, 'step_assigned', '', '', '', now() - n * interval '1 hour',
       CASE WHEN n > 2 THEN now() END
FROM users u, generate_series(1, 5) n;
INSERT INTO printouts (ordered_by_id, status, language, jobs_total, trouble, file, finished_at,
                       created_at)
SELECT u.id, CASE n WHEN 1 THEN 'waiting' ELSE 'done' END, 'en', 1, '',
       CASE n WHEN 2 THEN 'f' ELSE '' END, CASE n WHEN 1 THEN NULL ELSE now() END,
       now() - n * interval '1 hour'
FROM users u, generate_series(1, 5) n;
INSERT INTO attachments (job_id, title, file, file_name, size, content_type, sha256,
                         uploaded_by_id)
SELECT j.id, md5(j.id::text), 'f' || j.id, 'a.pdf', 1, '', '', u.id
FROM jobs j, (SELECT min(id) AS id FROM users) u;
ANALYZE;
"""


@pytest.mark.slow
def test_each_named_index_is_read_by_its_query(db, subtests):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # Filling a shop is no request.
        cursor.execute(FILL)
        inverted = _inverted(cursor)
        parents = _parents(cursor)
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'idx%'")
        assert {name for (name,) in cursor.fetchall()} == set(PLANS)
    user = User.objects.with_labels().get(username="fill7")
    for index, query in PLANS.items():
        with subtests.test(index):
            rows = query(user)
            plan = _explain(rows if rows.query.order_by else rows.order_by(), index in inverted)
            plan = re.sub(r"\w+", lambda word: parents.get(word[0], word[0]), plan)
            assert re.search(rf"\b{index}\b", plan), plan
            assert "Sort" not in plan, plan
            assert "Seq Scan" not in plan, plan


def _explain(rows, is_inverted):
    """Plan without shortcuts that suit a small table, and a search by its bitmap alone."""
    method = "index" if is_inverted else "bitmap"
    with transaction.atomic(), connection.cursor() as cursor:
        for shortcut in ("seqscan", "sort", "incremental_sort", f"{method}scan"):
            cursor.execute(f"SET LOCAL enable_{shortcut} = off")
        plan = rows.explain()
        transaction.set_rollback(True)
    return plan


def _inverted(cursor):
    """Return the indexes that answer by a bitmap alone."""
    cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef ~ 'USING (gin|brin)'")
    return {name for (name,) in cursor.fetchall()}


def _parents(cursor):
    """Return the index that we named, by the name of its part in a partition."""
    cursor.execute(
        "SELECT part.relname, whole.relname FROM pg_inherits"
        " JOIN pg_class part ON part.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent"
        " WHERE whole.relkind = 'I'"
    )
    return dict(cursor.fetchall())
