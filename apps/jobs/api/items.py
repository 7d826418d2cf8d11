"""What programs send to the core."""

from rest_framework import serializers

from apps.accounts.models import User
from apps.api.items import ExternalId, Item, Key, ModelItem
from apps.api.rows import Word
from apps.catalog.models import Part
from apps.customers.models import Customer
from apps.jobs.models import MOST, Job, JobStep, Routing
from apps.jobs.services import Report
from apps.jobs.states import LogKind, Priority
from apps.machines.models import Machine, Reason
from apps.processes.models import Process

WORK = [(kind.value, kind.label) for kind in (LogKind.RUN, LogKind.SETUP)]


class JobItem(ModelItem):
    customer = Key(Customer)
    part = Key(Part, required=False, allow_null=True)
    routing = Key(Routing, required=False, allow_null=True, help_text="Its steps become the job's.")
    priority = Word(Priority, required=False)
    external_id = ExternalId()

    class Meta:
        model = Job
        fields = (
            "title",
            "customer",
            "part",
            "routing",
            "quantity",
            "priority",
            "due_date",
            "notes",
            "external_id",
        )


class JobStepChange(ModelItem):
    process = Key(Process)
    machine = Key(Machine, required=False, allow_null=True)
    assigned_to = Key(User, required=False, allow_null=True)

    class Meta:
        model = JobStep
        fields: tuple[str, ...] = (
            "sequence",
            "process",
            "machine",
            "assigned_to",
            "planned_minutes",
            "instructions",
            "starts_after",
        )


class JobStepItem(JobStepChange):
    job = Key(Job)

    class Meta(JobStepChange.Meta):
        fields = ("job", *JobStepChange.Meta.fields)


class Worked(Item):
    """Whose work it is, and of which version of the step the caller knows."""

    user = Key(User, required=False, help_text="For a supervisor: whose work it is.")
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="Refused with 412 if the step is another by now."
    )


class StartItem(Worked):
    kind = serializers.ChoiceField(choices=WORK, default=LogKind.RUN)
    machine = Key(Machine, required=False, help_text="Left out: the planned one.")
    join = serializers.BooleanField(default=False, help_text="Join who works on it already.")
    take_over = serializers.BooleanField(
        default=False, help_text="Take a step that is assigned to someone else."
    )


class ResumeItem(Worked):
    machine = Key(Machine, required=False, help_text="Left out: the one it was on.")


class ReportItem(Worked):
    quantity_good = serializers.IntegerField(default=0, min_value=0, max_value=MOST)
    quantity_scrap = serializers.IntegerField(default=0, min_value=0, max_value=MOST)
    quantity_rework = serializers.IntegerField(default=0, min_value=0, max_value=MOST)
    scrap_reason = Key(Reason, required=False, help_text="Needed with scrap.")
    allow_over = serializers.BooleanField(default=False, help_text="Go past the planned quantity.")

    @staticmethod
    def report(data: dict[str, object]) -> Report:
        """Return checked data as what was made; the rest stays in ``data``."""
        made = {name: data.pop(f"quantity_{name}") for name in ("good", "scrap", "rework")}
        return Report(
            **made,  # type: ignore[arg-type]  # whole numbers, by the fields above
            scrap_reason=data.pop("scrap_reason", None),  # type: ignore[arg-type]
            allow_over=bool(data.pop("allow_over")),
        )


class CorrectItem(Item):
    """Pieces to add, or (negative) to take away, and why."""

    note = serializers.CharField(help_text="Why it is corrected.")
    quantity_good = serializers.IntegerField(default=0, min_value=-MOST, max_value=MOST)
    quantity_scrap = serializers.IntegerField(default=0, min_value=-MOST, max_value=MOST)
    quantity_rework = serializers.IntegerField(default=0, min_value=-MOST, max_value=MOST)
    scrap_reason = Key(Reason, required=False, help_text="Needed with scrap.")
    user = Key(User, required=False, help_text="Whose pieces they were; left out: one's own.")


class AssignItem(Item):
    user = Key(User, allow_null=True, help_text="Who is to do it; null: nobody in particular.")
