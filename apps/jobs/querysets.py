"""The read vocabulary of the core: each method names a question about the shop floor."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from apps.catalog.models import Part
from apps.core.search import matching
from apps.customers.models import Customer
from apps.jobs.states import JOB_CAN_BE_LATE, JOB_OPEN, JobStatus, StepStatus
from apps.machines.models import Machine
from apps.processes.selectors import process_rights

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.jobs.models import (  # noqa: F401 - named in strings
        Attachment,
        HelpCall,
        Job,
        JobStep,
        Routing,
        RoutingStep,
        WorkLog,
    )


# Searches through another table look at no more than so many of its rows.
CANDIDATES = 200
# What the job of a ready step can be besides active, and what it never should be.
JOB_RESTING = (JobStatus.ON_HOLD, JobStatus.DRAFT, JobStatus.CANCELLED)
DISPATCH_ORDER = ("-priority", "due_date", "sequence", "pk")


def number_pattern(term: str) -> str | None:
    """Return how a typed job number begins: ``812`` and ``job-812`` both mean JOB-000812."""
    digits = term.upper().removeprefix("JOB-").strip()
    return f"JOB-{digits.zfill(6)}" if digits.isascii() and digits.isdigit() else None


def _model(name: str) -> Any:
    """Return a model of this app: models are built from this file, not the other way round."""
    return apps.get_model("jobs", name)


def _newest(rows: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
    """Return the keys of the newest CANDIDATES rows.

    By an expression: ordered by the key itself, the planner would walk the whole table backward
    in the hope of meeting some soon.
    """
    return rows.order_by((F("pk") + 0).desc()).values("pk")[:CANDIDATES]


class RoutingQuerySet(models.QuerySet["Routing"]):
    """Questions about routings."""

    def active(self) -> Self:
        """Routings still in use."""
        return self.filter(is_active=True)

    def search(self, term: str) -> Self:
        """Routings whose code or name holds the term."""
        return matching(self, term)


class RoutingStepQuerySet(models.QuerySet["RoutingStep"]):
    """Questions about routing steps."""

    def search(self, term: str) -> Self:
        """Steps of the first CANDIDATES routings whose code or name holds the term."""
        routings = _model("Routing").objects.search(term).values("pk")[:CANDIDATES]
        return self.filter(routing__in=routings)

    def locked(self) -> Self:
        """Lock the steps until commit, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def visible_to(self, user: "User") -> Self:
        """All with ``jobs.view_routingstep``; else those of the role's processes."""
        if user.has_perm("jobs.view_routingstep"):
            return self.all()
        return self.filter(process__in=process_rights(user.role_id).view)


class JobQuerySet(models.QuerySet["Job"]):
    """Questions about jobs."""

    def open(self) -> Self:
        """Jobs not completed and not cancelled. Uses index: idx_jobs_due_date."""
        return self.filter(status__in=JOB_OPEN)

    def overdue(self, today: date) -> Self:
        """Active and held jobs past their due date.

        Uses index: idx_jobs_due_date, or idx_jobs_status_due_date for one status.
        """
        return self.filter(status__in=JOB_CAN_BE_LATE, due_date__lt=today)

    def search(self, term: str) -> Self:
        """Jobs by number, by words of the title, or by customer or part: CANDIDATES of each.

        Of a customer's or part's jobs those are the newest. Three sets of keys are joined: asked
        as one condition with OR, a rare term would have every job looked at.

        Uses index: the unique number, idx_jobs_job_number_pattern, idx_jobs_search, and the
        search indexes of customers and parts for CANDIDATES of them.
        """
        number = number_pattern(term)
        if number or term.upper().startswith("JOB-"):
            return self.filter(number__startswith=number or term.upper())
        jobs = self.model.objects
        customers = Customer.objects.search(term).order_by().values("pk")[:CANDIDATES]
        parts = Part.objects.search(term).order_by().values("pk")[:CANDIDATES]
        titled = matching(jobs.all(), term).values("pk")[:CANDIDATES]
        found = titled.union(
            _newest(jobs.filter(customer__in=customers)), _newest(jobs.filter(part__in=parts))
        )
        return self.filter(pk__in=found)

    def visible_to(self, user: "User") -> Self:
        """All with ``jobs.view_job``; else those with a step the user may see."""
        if user.has_perm("jobs.view_job"):
            return self.all()

        steps = _model("JobStep").objects.visible_to(user).filter(job=OuterRef("pk"))
        return self.filter(Exists(steps))

    def with_labels(self) -> Self:
        """Join what every list of jobs prints."""
        return self.select_related("customer", "part")

    def locked(self) -> Self:
        """Lock the jobs until commit, in primary-key order; inserts of steps need not wait."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class JobStepQuerySet(models.QuerySet["JobStep"]):
    """Questions about job steps."""

    def in_dispatch_order(self) -> Self:
        """Most urgent first: priority, due date (none last), sequence, id."""
        return self.order_by(*DISPATCH_ORDER)

    def ready(self) -> Self:
        """Steps one may start: ready, and their job active.

        Said by what it is not: few of all jobs are active, but nearly all of those with a ready
        step. Told "active", the planner expects next to nothing, and sorts all ready steps
        instead of reading the first ones off an index.
        """
        return self.filter(status=StepStatus.READY).exclude(job__status__in=JOB_RESTING)

    def ready_for(self, user: "User") -> Self:
        """Ready steps assigned to the user. Uses index: idx_job_steps_assigned_status."""
        return self.ready().filter(assigned_to=user)

    def ready_for_anyone(self, process_ids: Iterable[int] | None) -> Self:
        """Ready steps nobody has, of the given processes (None: all).

        Uses index: idx_job_steps_dispatch.
        """
        free = self.ready().filter(assigned_to=None)
        return free if process_ids is None else free.filter(process__in=process_ids)

    def at_work(self, user: "User") -> Self:
        """Steps the user has an open log on. Uses index: idx_work_logs_open_user."""
        return self.filter(logs__user=user, logs__started_at__isnull=False, logs__ended_at=None)

    def paused_for(self, user: "User") -> Self:
        """Paused steps assigned to the user. Uses index: idx_job_steps_assigned_status."""
        return self.filter(assigned_to=user, status=StepStatus.PAUSED, job__status=JobStatus.ACTIVE)

    def search(self, term: str) -> Self:
        """Steps of the jobs that ``JobQuerySet.search`` finds, the newest CANDIDATES of them."""
        number = number_pattern(term)
        if number:
            return self.filter(job__number=number)
        jobs = _model("Job").objects.search(term).order_by("-pk").values("pk")[:CANDIDATES]
        return self.filter(job__in=jobs)

    def visible_to(self, user: "User") -> Self:
        """All with ``jobs.view_jobstep``; else the role's processes and what is assigned."""
        if user.has_perm("jobs.view_jobstep"):
            return self.all()
        viewable = process_rights(user.role_id).view
        return self.filter(Q(process__in=viewable) | Q(assigned_to=user))

    def with_labels(self) -> Self:
        """Join what every list of steps prints."""
        return self.select_related(
            "job__customer", "job__part", "process", "machine", "assigned_to"
        )

    def locked(self) -> Self:
        """Lock the steps themselves until commit, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class WorkLogQuerySet(models.QuerySet["WorkLog"]):
    """Questions about work logs."""

    def open(self) -> Self:
        """Logs of work going on. Uses index: work_logs_open_uniq, idx_work_logs_open_user."""
        return self.filter(started_at__isnull=False, ended_at=None)

    def search(self, term: str) -> Self:
        """Logs of the steps of a job number."""
        number = number_pattern(term)
        return self.filter(step__job__number=number or term.upper())

    def visible_to(self, user: "User") -> Self:
        """All with ``jobs.view_worklog``, else one's own."""
        return self.all() if user.has_perm("jobs.view_worklog") else self.filter(user=user)

    def with_labels(self) -> Self:
        """Join what every list of logs prints."""
        return self.select_related("step__job", "step__process", "user", "machine", "scrap_reason")


class HelpCallQuerySet(models.QuerySet["HelpCall"]):
    """Questions about help calls."""

    def open(self) -> Self:
        """Calls nobody has answered. Uses index: idx_help_calls_open."""
        return self.filter(answered_at=None)

    def search(self, term: str) -> Self:
        """Calls for a machine's code."""
        return self.filter(machine__code__startswith=term)

    def visible_to(self, user: "User") -> Self:
        """All with ``jobs.view_helpcall``, else one's own. Uses index: idx_help_calls_raised_by."""
        return self.all() if user.has_perm("jobs.view_helpcall") else self.filter(raised_by=user)

    def with_labels(self) -> Self:
        """Join what every list of calls prints."""
        return self.select_related(
            "step__job", "step__process", "machine", "raised_by", "answered_by"
        )


def visible_targets(user: "User") -> dict[str, models.QuerySet[Any]]:
    """Return what a user may see of each kind that files hang on, by the foreign key's name."""
    jobs = _model("Job").objects.visible_to(user)
    made = Exists(jobs.filter(part=OuterRef("pk")))
    every_part = user.has_perm("catalog.view_part")
    return {
        "job": jobs,
        "step": _model("JobStep").objects.visible_to(user),
        "routing_step": _model("RoutingStep").objects.visible_to(user),
        "part": Part.objects.all() if every_part else Part.objects.filter(made),
        "customer": Customer.objects.visible_to(user),
        "machine": Machine.objects.all(),
    }


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Questions about attachments."""

    def search(self, term: str) -> Self:
        """Attachments whose title or file name holds every word.

        Uses index: idx_attachments_search, or idx_attachments_search_prefix under three letters.
        """
        return matching(self, term)

    def visible_to(self, user: "User") -> Self:
        """All with ``jobs.view_attachment``; else those on what the user may see."""
        if user.has_perm("jobs.view_attachment"):
            return self.all()
        # EXISTS, not IN: one attachment must not cost a list of every job one may see.
        seen = [
            Q(Exists(rows.filter(pk=OuterRef(name))))
            for name, rows in visible_targets(user).items()
        ]
        return self.filter(reduce(or_, seen))

    def with_labels(self) -> Self:
        """Join what every list of attachments prints."""
        return self.select_related(
            "job",
            "step__job",
            "step__process",
            "routing_step__routing",
            "routing_step__process",
            "part",
            "customer",
            "machine",
            "uploaded_by",
        )

    def locked(self) -> Self:
        """Lock the attachments until commit, in primary-key order."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)
