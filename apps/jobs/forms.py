"""What the office types to act on a step."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.backoffice.forms import GuardedForm
from apps.jobs.models import JobStep
from apps.jobs.services import Report
from apps.jobs.states import LogKind, StepStatus
from apps.machines.models import Machine, Reason
from apps.machines.states import ReasonKind


class PlannedStepForm(GuardedForm):
    """A step on its job's page; one that has left "pending" is there to read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        planned = self.instance.pk is None or self.instance.status == StepStatus.PENDING
        for field in self.fields.values():
            field.disabled = not planned


class StepForm(forms.Form):
    """Acts on one step, perhaps for another user."""

    user = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="For",
        empty_label="Myself",
        help_text="Supervisors act for those who may work on the process.",
    )

    def __init__(self, *args: Any, step: JobStep, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        workers = User.objects.active().filter(
            role__process_permissions__process=step.process_id,
            role__process_permissions__can_execute=True,
        )
        if "user" in self.fields:
            _choose(self.fields["user"], workers.order_by("full_name"))

    def values(self) -> dict[str, Any]:
        """Return the service's arguments."""
        return {"user": self.cleaned_data["user"]}


def _choose(field: forms.Field, rows: QuerySet[Any]) -> None:
    """Let a field choose among the rows."""
    cast("forms.ModelChoiceField", field).queryset = rows


class StartForm(StepForm):
    """Starting, resuming, joining."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (LogKind.RUN, LogKind.SETUP)],
        initial=LogKind.RUN,
    )
    machine = forms.ModelChoiceField(Machine.objects.none(), required=False)
    join = forms.BooleanField(required=False, help_text="If someone works on it already.")
    take_over = forms.BooleanField(required=False, help_text="If it is assigned to someone else.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = Machine.objects.active().filter(processes=self.step.process_id)
        _choose(self.fields["machine"], able)
        self.initial.setdefault("machine", self.step.machine_id)

    def values(self) -> dict[str, Any]:
        """Return the service's arguments."""
        given = self.cleaned_data
        return super().values() | {
            "kind": LogKind(given["kind"]),
            "machine_id": given["machine"].pk if given["machine"] else None,
            "join": given["join"],
            "take_over": given["take_over"],
        }


class QuantitiesForm(StepForm):
    """Pieces to add."""

    quantity_good = forms.IntegerField(initial=0, label="Good")
    quantity_scrap = forms.IntegerField(initial=0, label="Scrap")
    scrap_reason = forms.ModelChoiceField(Reason.objects.of(ReasonKind.SCRAP), required=False)
    quantity_rework = forms.IntegerField(initial=0, label="Rework")


class ReportForm(QuantitiesForm):
    """Reporting, pausing, completing."""

    allow_over = forms.BooleanField(required=False, help_text="More than planned is meant so.")

    def values(self) -> dict[str, Any]:
        """Return the service's arguments."""
        given = self.cleaned_data
        report = Report(
            good=given["quantity_good"],
            scrap=given["quantity_scrap"],
            rework=given["quantity_rework"],
            scrap_reason=given["scrap_reason"],
            allow_over=given["allow_over"],
        )
        return super().values() | {"report": report}


class CorrectForm(QuantitiesForm):
    """Putting a report right; negative quantities take away."""

    note = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}))

    def values(self) -> dict[str, Any]:
        """Return the service's arguments."""
        given = self.cleaned_data
        return super().values() | {
            "good": given["quantity_good"],
            "scrap": given["quantity_scrap"],
            "rework": given["quantity_rework"],
            "scrap_reason": given["scrap_reason"],
            "note": given["note"],
        }


class ConfirmForm(StepForm):
    """Nothing to type."""

    user = None  # type: ignore[assignment]  # takes the field away

    def values(self) -> dict[str, Any]:
        """Return the service's arguments."""
        return {}
