"""The board's numbers, and what a search finds, as programs are told."""

from typing import Any

from rest_framework import serializers

from apps.api.rows import Coded, Named, Row
from apps.core.paging import COUNT_AT_MOST
from apps.customers.models import Customer
from apps.dashboards.reckoning import SCRAP_DAYS
from apps.jobs.api.rows import JobRow
from apps.jobs.models import Job
from apps.jobs.states import JOB_CAN_BE_LATE, JobStatus
from apps.machines.models import Machine
from apps.machines.states import MachineStatus


class Number(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, **options)


class JobCounts(serializers.Serializer[Any]):
    total = Number()
    draft = Number()
    active = Number()
    on_hold = Number()
    completed = Number()
    cancelled = Number()
    overdue = Number(help_text="Active or held, past the due date.")


class StepCounts(serializers.Serializer[Any]):
    pending = Number()
    ready = Number()
    in_progress = Number()
    paused = Number()
    completed = Number()
    skipped = Number()
    cancelled = Number()


class MachineCounts(serializers.Serializer[Any]):
    total = Number()
    active = Number(help_text="In use; of these are the following.")
    idle = Number()
    running = Number()
    down = Number()


class UserCounts(serializers.Serializer[Any]):
    total = Number()
    active = Number(help_text="May sign in.")
    by_role = serializers.DictField(child=Number(), help_text="Those who may sign in.")


class MyTaskCounts(serializers.Serializer[Any]):
    ready = Number(help_text=f"Of one's own and of nobody's {COUNT_AT_MOST:,} are counted each.")
    in_progress = Number()
    paused = Number()
    completed_today = Number(help_text="By the shop's clock.")


class Stats(serializers.Serializer[Any]):
    """What goes on; who does not see all jobs is told their own part, and null for the rest."""

    jobs = JobCounts(allow_null=True)
    steps = StepCounts(help_text="All of them, or those assigned to who does not see all jobs.")
    machines = MachineCounts(allow_null=True)
    users = UserCounts(allow_null=True, help_text="For who may see users.")
    my_tasks = MyTaskCounts()
    as_of = serializers.DateTimeField()


class RecentJobs(serializers.Serializer[Any]):
    """The jobs made last, newest first."""

    results = JobRow(many=True)


class StatusCount(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=JobStatus.choices)
    count = Number()


class JobsByStatus(serializers.Serializer[Any]):
    """How many jobs there are of each status, in the order of a job's life."""

    results = StatusCount(many=True)


class MonthCount(serializers.Serializer[Any]):
    month = serializers.DateField(help_text="Its first day.")
    created = Number()
    completed = Number()


class JobsByMonth(serializers.Serializer[Any]):
    """How many jobs were made and completed in each of the last twelve months, this one last."""

    results = MonthCount(many=True)


class LateJob(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=JOB_CAN_BE_LATE)
    customer = Named()
    steps_total = Number()
    steps_done = Number()
    due_date = serializers.DateField()
    days_late = serializers.IntegerField(min_value=1, help_text="Whole days past the due date.")


class LateJobs(serializers.Serializer[Any]):
    """The jobs longest past their due date, the longest first."""

    results = LateJob(many=True)


class LeadTime(serializers.Serializer[Any]):
    month = serializers.DateField(help_text="Its first day.")
    completed = Number(help_text="Jobs.")
    p50_days = Number(allow_null=True, help_text="Half were done within so many days.")
    p90_days = Number(allow_null=True, help_text="Nine in ten were done within so many days.")


class LeadTimes(serializers.Serializer[Any]):
    """Days from release to completion, of the last twelve months, this one last."""

    results = LeadTime(many=True)


class MachineLoad(serializers.Serializer[Any]):
    machine = Coded()
    status = serializers.ChoiceField(choices=MachineStatus.choices)
    is_down = serializers.BooleanField(help_text="Not available now.")
    waiting_minutes = Number(help_text="Planned for steps that are not begun, or paused.")
    waiting_steps = Number()
    running_minutes = Number(help_text="Planned for steps in progress.")
    running_steps = Number()


class MachineLoads(serializers.Serializer[Any]):
    """What is planned for the machines in use."""

    results = MachineLoad(many=True)


class Made(serializers.Serializer[Any]):
    """Pieces: corrections can make them fewer than none."""

    good = serializers.IntegerField()
    scrap = serializers.IntegerField()
    rework = serializers.IntegerField()
    rate = serializers.FloatField(
        allow_null=True, help_text="Scrap over all that was made; null where nothing was."
    )


class ScrapOfProcess(Made):
    process = Coded()


class ScrapOfMonth(Made):
    month = serializers.DateField(help_text="Its first day.")


class ScrapRates(serializers.Serializer[Any]):
    """The rate of scrap."""

    by_process = ScrapOfProcess(
        many=True,
        help_text=(
            f"Of the last {SCRAP_DAYS} days, the highest rate first; "
            "processes that made nothing are left out."
        ),
    )
    by_month = ScrapOfMonth(many=True, help_text="Of the last twelve months, this one last.")


class FoundCustomerRow(Row):
    """A customer that was found."""

    class Meta:
        model = Customer
        fields = ("id", "code", "name")


class FoundJobRow(Row):
    """A job that was found."""

    customer = Named()

    class Meta:
        model = Job
        fields = ("id", "number", "title", "status", "customer")


class FoundMachineRow(Row):
    """A machine that was found."""

    class Meta:
        model = Machine
        fields = ("id", "code", "name", "status")


class Found(serializers.Serializer[Any]):
    """What a term finds, at most ten of each."""

    customers = FoundCustomerRow(many=True, help_text="None for who may not see customers.")
    jobs = FoundJobRow(many=True, help_text="Of those that one may see, the newest first.")
    machines = FoundMachineRow(many=True)
