"""What operators type: quantities, a reason, a machine, a call for help."""

import re
from types import MappingProxyType
from typing import Any, NoReturn, Self

from django import forms
from django.core.exceptions import ValidationError

from apps.core.errors import DomainError
from apps.jobs.models import MOST, JobStep
from apps.jobs.services import Report
from apps.jobs.states import LogKind
from apps.machines.models import Machine, Reason
from apps.machines.states import MachineStatus, ReasonKind

NOTE_AT_MOST = 1_000  # Characters.
TYPED_AT_MOST = 40

# How people part thousands: 1 200, 1,200, 1.200, 1'200, and spaces that do not break.
_SPACES = re.compile(r"\s+")
_GROUPED = re.compile(r"\d{1,3}(?:([,.'’_])\d{3})(?:\1\d{3})*")
_SEPARATORS = re.compile(r"[,.'’_]")
_SPACED = re.compile(r"\d+(?:\s+\d{3})*")
FAULTS = MappingProxyType(
    {
        "invalid": "Write a whole number of pieces, such as 12.",
        "negative": "A quantity is not negative. A supervisor can correct what was reported.",
        "huge": f"A quantity lies between 0 and {MOST:,}.",
    }
)


class QuantityField(forms.Field):
    """A whole number of pieces, as people type it; nothing typed is none."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> int:
        """Read the number. Raises: ValidationError."""
        text = str(value or "").strip()
        if not text:
            return 0
        if text[0] in "-−–":
            self._refuse("negative")
        pieces = self._read(text.removeprefix("+"))
        if pieces > MOST:
            self._refuse("huge")
        return pieces

    def _read(self, text: str) -> int:
        if len(text) > TYPED_AT_MOST:
            self._refuse("huge" if text.isdigit() else "invalid")
        if _SPACED.fullmatch(text):
            text = _SPACES.sub("", text)
        elif _GROUPED.fullmatch(text):
            text = _SEPARATORS.sub("", text)
        if not text.isdecimal():
            self._refuse("invalid")
        return int(text)

    def _refuse(self, code: str) -> NoReturn:
        raise ValidationError(FAULTS[code], code=code)


def machine_label(machine: Machine) -> str:
    """Name the machine and, if it cannot be had just now, say why."""
    if machine.status == MachineStatus.DOWN:
        return f"{machine} · down"
    is_full = machine.capacity is not None and machine.running_steps >= machine.capacity
    return f"{machine} · full" if is_full else str(machine)


class RefusableForm(forms.Form):
    """A form that a rule's refusal can be written into, beside the field it is about."""

    def refuse(self, refusal: DomainError) -> None:
        """Show the refusal beside its field, if the form has it, else above."""
        place = refusal.field if refusal.field in self.fields else None
        self.add_error(place, refusal.message)


class StartForm(RefusableForm):
    """How a step is started: the kind of work, the machine, and past which refusal."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (LogKind.RUN, LogKind.SETUP)],
        required=False,
        widget=forms.HiddenInput,
    )
    machine = forms.ModelChoiceField(queryset=Machine.objects.all(), required=False)
    join = forms.BooleanField(required=False)
    take_over = forms.BooleanField(required=False)

    def offer(self, step: JobStep) -> Self:
        """Offer the machines able to do the step.

        Any is taken, since the service says better why it will not do.
        """
        able = Machine.objects.active().filter(processes=step.process_id).order_by("code")
        machine = self.fields["machine"]
        machine.initial = step.machine_id
        machine.choices = lambda: [  # type: ignore[attr-defined]
            ("", "Choose …"),
            *((each.pk, machine_label(each)) for each in able),
        ]
        return self

    def choices(self) -> dict[str, Any]:
        """Return what ``start_step`` takes."""
        machine = self.cleaned_data["machine"]
        return {
            "kind": LogKind(self.cleaned_data["kind"] or LogKind.RUN),
            "machine_id": machine.pk if machine else None,
            "join": self.cleaned_data["join"],
            "take_over": self.cleaned_data["take_over"],
        }


class QuantitiesForm(RefusableForm):
    """What was made since the last report."""

    quantity_good = QuantityField(label="Good", required=False)
    quantity_scrap = QuantityField(label="Scrap", required=False)
    quantity_rework = QuantityField(label="Rework", required=False)
    scrap_reason = forms.ModelChoiceField(
        queryset=Reason.objects.of(ReasonKind.SCRAP),
        label="Why it was scrapped",
        required=False,
        empty_label="No scrap",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)
    allow_over = forms.BooleanField(required=False)

    def report(self) -> Report:
        """Return what the services take."""
        data = self.cleaned_data
        return Report(
            good=data["quantity_good"],
            scrap=data["quantity_scrap"],
            rework=data["quantity_rework"],
            scrap_reason=data["scrap_reason"],
            allow_over=data["allow_over"],
        )


class ReportForm(QuantitiesForm):
    """Quantities of which at least one says something."""

    def clean(self) -> dict[str, Any]:
        """Refuse an empty report: it would look like one that was taken."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.report().total:
            self.add_error("quantity_good", "Write how many were made.")
        return data


class HelpForm(RefusableForm):
    """A call for help."""

    note = forms.CharField(
        label="What is wrong?",
        required=False,
        max_length=NOTE_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="May stay empty: someone comes all the same.",
    )
