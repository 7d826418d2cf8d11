"""The demo's jobs, with their steps, work logs and help calls."""

from datetime import datetime
from typing import Any

from apps.demo.courses import Course, Step
from apps.demo.output import Stretch
from apps.demo.services.records import Records, copy, insert, take_ids
from apps.jobs.models import HelpCall, Job, JobStep, WorkLog
from apps.jobs.states import STEP_FINISHED, JobStatus, StepStatus
from apps.machines.states import ReasonKind


def write_jobs(records: Records) -> None:
    """Write the jobs in the order in which they came, and their steps."""
    courses = records.story.courses
    jobs = insert(Job, (_job(records, course) for course in courses))
    told = [
        (course, step, job)
        for course, job in zip(courses, jobs, strict=True)
        for step in course.steps
    ]
    ids = take_ids(JobStep, len(told))
    records.step_ids = {id(step): key for (_, step, _), key in zip(told, ids, strict=True)}
    copy(JobStep, [_step(records, course, step, job) for course, step, job in told])


def write_logs(records: Records) -> None:
    """Write the work logs, oldest first."""
    steps = (step for course in records.story.courses for step in course.steps)
    told = sorted(
        ((log, step) for step in steps for log in step.logs), key=lambda each: each[0].start
    )
    copy(WorkLog, [_log(records, log, step) for log, step in told])


def write_calls(records: Records) -> None:
    """Write the help calls."""
    at = records.calendar.at
    insert(
        HelpCall,
        (
            HelpCall(
                step_id=records.step_ids[id(call.step)] if call.step else None,
                machine=records.machines[call.machine] if call.machine else None,
                raised_by=records.users[call.raised_by],
                note=call.note,
                raised_at=at(call.raised),
                answered_by=records.users[call.answered_by] if call.answered_by else None,
                answered_at=_at(records, call.answered),
                created_at=at(call.raised),
                updated_at=at(call.answered or call.raised),
            )
            for call in records.story.calls
        ),
    )


def _at(records: Records, minute: int | None) -> datetime | None:
    return None if minute is None else records.calendar.at(minute)


def _job(records: Records, course: Course) -> Job:
    order, part = course.order, records.parts[course.order.part]
    counted = [step for step in course.steps if step.status != StepStatus.CANCELLED]
    completed = course.completed if course.status == JobStatus.COMPLETED else None
    stopped = order.stopped if course.status in {JobStatus.ON_HOLD, JobStatus.CANCELLED} else None
    last_touched = max(order.created, order.released or 0, completed or 0, stopped or 0)
    return Job(
        title=part.name,
        customer=records.customers[order.customer],
        part=part,
        routing=records.routings[order.family.letter],
        quantity=order.quantity,
        priority=order.priority,
        status=course.status,
        due_date=None if order.due is None else records.calendar.day(order.due),
        notes=order.notes,
        created_by=records.users[order.created_by],
        released_at=_at(records, order.released),
        completed_at=_at(records, completed),
        steps_total=len(counted),
        steps_done=sum(step.status in STEP_FINISHED for step in counted),
        created_at=records.calendar.at(order.created),
        updated_at=records.calendar.at(last_touched),
    )


def _step(records: Records, course: Course, step: Step, job: Job) -> dict[str, Any]:
    operation = step.operation
    is_completed = step.status == StepStatus.COMPLETED
    moments = [course.order.created, step.ended or 0, *(log.end or log.start for log in step.logs)]
    return {
        "id": records.step_ids[id(step)],
        "job_id": job.pk,
        "sequence": operation.sequence,
        "process_id": records.processes[operation.process].pk,
        "machine_id": records.machines[step.machine].pk if step.machine else None,
        "assigned_to_id": records.users[step.assigned_to].pk if step.assigned_to else None,
        "status": step.status.value,
        "priority": int(job.priority),
        "due_date": job.due_date,
        "planned_minutes": operation.minutes(job.quantity),
        "quantity_planned": job.quantity,
        "quantity_good": sum(log.good for log in step.logs),
        "quantity_scrap": sum(log.scrap for log in step.logs),
        "quantity_rework": sum(log.rework for log in step.logs),
        "instructions": operation.instructions,
        "starts_after": operation.starts_after.value,
        "started_at": _at(records, step.began),
        "completed_at": _at(records, step.ended if is_completed else None),
        "created_at": job.created_at,
        "updated_at": records.calendar.at(max(moments)),
    }


def _log(records: Records, log: Stretch, step: Step) -> dict[str, Any]:
    started_at, ended_at = records.calendar.at(log.start), _at(records, log.end)
    reason = records.reasons[f"{ReasonKind.SCRAP}:{log.reason}"] if log.reason else None
    return {
        "step_id": records.step_ids[id(step)],
        "user_id": records.users[log.worker].pk,
        "machine_id": records.machines[step.machine].pk if step.machine else None,
        "kind": log.kind.value,
        "started_at": started_at,
        "ended_at": ended_at,
        "quantity_good": log.good,
        "quantity_scrap": log.scrap,
        "quantity_rework": log.rework,
        "scrap_reason_id": reason.pk if reason else None,
        "note": log.note,
        "created_at": started_at,
        "updated_at": ended_at or started_at,
    }
