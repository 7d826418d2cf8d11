"""What operators say: quantities, a reason, a machine, what is wrong."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.errors import DomainError
from apps.floor.errors import DoesNotAddUp, Unreadable
from apps.floor.quantities import QuantityField
from apps.jobs.models import MOST
from apps.jobs.services import Report
from apps.jobs.states import LogKind
from apps.machines.models import Machine, Reason
from apps.machines.states import ReasonKind

NOTE_AT_MOST = 1_000  # Characters.

Choices = Iterable[tuple[int, str]]


class RefusableForm(forms.Form):
    """A form that a rule's refusal can be written into, beside the field it is about."""

    def refuse(self, refusal: DomainError) -> None:
        """Show the refusal beside its field, if the form has it, else above.

        What the form itself could not read it says already.
        """
        if self.is_valid() and not isinstance(refusal, Unreadable):
            place = refusal.field if refusal.field in self.fields else None
            self.add_error(place, refusal.message)

    def require_readable(self) -> dict[str, Any]:
        """Return what was typed. Raises: Unreadable, with the first fault."""
        if self.is_valid():
            return self.cleaned_data
        name, faults = next(iter(self.errors.items()))
        raise Unreadable(str(faults[0]), field=name if name in self.fields else None)

    def offer(self, name: str, choices: Choices, *, empty: str) -> None:
        """Offer what was read for the page already: a choice then costs no query of its own."""
        field: Any = self.fields[name]
        field.choices = [("", empty), *choices]


class StartForm(RefusableForm):
    """How a step is started: the kind of work, the machine, and past which refusal."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (LogKind.RUN, LogKind.SETUP)],
        required=False,
        widget=forms.HiddenInput,
    )
    machine = forms.ModelChoiceField(
        queryset=Machine.objects.all(),  # Any: the service says better why it will not do.
        label=_("Machine"),
        required=False,
    )
    join = forms.BooleanField(required=False)
    take_over = forms.BooleanField(required=False)

    def said(self) -> dict[str, Any]:
        """Return what ``start_step`` takes. Raises: Unreadable."""
        data = self.require_readable()
        machine = data["machine"]
        return {
            "kind": LogKind(data["kind"] or LogKind.RUN),
            "machine_id": machine.pk if machine else None,
            "join": data["join"],
            "take_over": data["take_over"],
        }


class KindForm(RefusableForm):
    """What the work is from now on."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (LogKind.RUN, LogKind.SETUP)]
    )


class QuantitiesForm(RefusableForm):
    """What was made since the last report: counted, or as pallets, or by a counter.

    ``rest`` is what the page said remains; ``anyway`` says that what is typed is meant, though it
    is more or less than that.
    """

    quantity_good = QuantityField(label=_("Good"))
    quantity_scrap = QuantityField(label=_("Scrap"))
    scrap_reason = forms.ModelChoiceField(
        queryset=Reason.objects.of(ReasonKind.SCRAP),
        label=_("Why it was scrapped"),
        required=False,
    )
    quantity_rework = QuantityField(label=_("Rework"))
    pallets = QuantityField(label=_("Full pallets"), empty=None)
    per_pallet = QuantityField(label=_("Pieces on each"), empty=None)
    loose = QuantityField(label=_("Loose pieces"), empty=None)
    counter_start = QuantityField(label=_("Counter before"), empty=None)
    counter_end = QuantityField(label=_("Counter now"), empty=None)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)
    rest = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=MOST)
    anyway = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Work out the good pieces, where they were counted another way."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            counted = [
                each for each in (self._on_pallets(), self._by_counter()) if each is not None
            ]
            if len(counted) > 1:
                self.add_error("pallets", __("Count by pallets or by the counter, not by both."))
            elif counted:
                data["quantity_good"] = counted[0]
        return data

    def report(self) -> Report:
        """Return what the services take. Raises: Unreadable."""
        data = self.require_readable()
        return Report(
            good=data["quantity_good"],
            scrap=data["quantity_scrap"],
            rework=data["quantity_rework"],
            scrap_reason=data["scrap_reason"],
            allow_over=data["anyway"],
        )

    def _on_pallets(self) -> int | None:
        pallets, each, loose = map(self.cleaned_data.get, ("pallets", "per_pallet", "loose"))
        if pallets is None and loose is None:
            return None
        if pallets and each is None:
            self.add_error("per_pallet", __("How many are on each?"))
            return None
        return self._at_most("pallets", (pallets or 0) * (each or 0) + (loose or 0))

    def _by_counter(self) -> int | None:
        start, end = map(self.cleaned_data.get, ("counter_start", "counter_end"))
        if start is None and end is None:
            return None
        if start is None or end is None:
            missing = "counter_start" if start is None else "counter_end"
            self.add_error(missing, __("Read the counter twice: before, and now."))
            return None
        if end < start:
            self.add_error("counter_end", __("The counter shows less now than before."))
            return None
        return int(end - start)

    def _at_most(self, name: str, pieces: int) -> int:
        if pieces > MOST:
            self.add_error(name, ValidationError(__("That is more than can be counted.")))
        return pieces


class ReportForm(QuantitiesForm):
    """Quantities of which at least one says something."""

    def clean(self) -> dict[str, Any]:
        """Refuse an empty report: it would look like one that was taken."""
        data = super().clean()
        pieces = ("quantity_good", "quantity_scrap", "quantity_rework")
        if not self.errors and not any(data[name] for name in pieces):
            self.add_error("quantity_good", __("Write how many were made."))
        return data


class FinishForm(QuantitiesForm):
    """All that is left to say of a step."""

    def report(self) -> Report:
        """Return what the services take. Raises: Unreadable; DoesNotAddUp for less than remains."""
        report = super().report()
        rest = self.cleaned_data["rest"] or 0
        less = rest - report.total
        if less > 0 and not self.cleaned_data["anyway"]:
            words = ngettext(
                "%(less)s piece of the %(rest)s that remain is missing.",
                "%(less)s pieces of the %(rest)s that remain are missing.",
                less,
            )
            raise DoesNotAddUp(
                words % {"less": f"{less:,}", "rest": f"{rest:,}"}, field="quantity_good"
            )
        return report


class HelpForm(RefusableForm):
    """A call for help."""

    note = forms.CharField(
        label=_("What is wrong?"),
        required=False,
        max_length=NOTE_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("May stay empty: someone comes all the same."),
    )


class DownForm(RefusableForm):
    """Why a machine stands still."""

    reason = forms.ModelChoiceField(
        queryset=Reason.objects.of(ReasonKind.DOWNTIME),
        label=_("Why is it down?"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why it is down.")},
    )
    note = forms.CharField(
        label=_("Anything else?"),
        required=False,
        max_length=NOTE_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class StandForm(RefusableForm):
    """The machine one stands at; none is all of them."""

    machine = forms.ModelChoiceField(queryset=Machine.objects.active(), required=False)
