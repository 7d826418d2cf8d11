"""What is asked of the trail, as it stands in the page's address."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apps.audit import selectors
from apps.audit.models import Action
from apps.audit.selectors import Question
from apps.backoffice import kinds
from apps.backoffice.widgets import Autocomplete
from apps.core.acting import Source

USUAL = "30"
SPANS = {"today": "Today", "7": "Last 7 days", USUAL: "Last 30 days", "any": "Any time"}
# How far from one change the others of its request are looked for.
AROUND = timedelta(minutes=1)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class WhoAutocomplete(Autocomplete):
    """Finds users, those who left too: what they did stays."""

    def get_url(self) -> str:
        """Return where the choices come from."""
        return reverse("admin:audit_auditlog_who")


class Moment(forms.DateTimeField):
    """An instant within the trail; one before or after it is taken for its beginning or end."""

    def clean(self, value: Any) -> datetime | None:
        """Return it in UTC. Raises: ValidationError for one that no clock shows."""
        instant: datetime | None = super().clean(value)
        if instant is None:
            return None
        try:
            shown: datetime = instant.astimezone(UTC)
        except OverflowError:
            raise ValidationError("There is no such instant.") from None
        return min(max(shown, selectors.begins()), selectors.soon())


class AskForm(forms.Form):
    """The page's filters. What is no choice of theirs filters nothing, and says so."""

    period = forms.ChoiceField(required=False)
    who = forms.ModelChoiceField(
        queryset=get_user_model()._default_manager.all(),
        required=False,
        # Any foreign key to users: the widget looks at where it leads.
        widget=WhoAutocomplete(LogEntry._meta.get_field("user"), admin.site),
    )
    table = forms.ChoiceField(label="Record type", required=False)
    source = forms.ChoiceField(label="Through", required=False)
    action = forms.ChoiceField(label="Action", required=False)
    q = forms.CharField(
        label="Record or request",
        required=False,
        max_length=80,
        help_text="JOB-000123, C-00001: the whole number, code or sign-in name of a record that is"
        " still there; or a request’s id",
    )
    around = Moment(required=False, widget=forms.HiddenInput)
    until = Moment(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest) -> None:
        data = {"period": USUAL} | {name: value for name, value in request.GET.items() if value}
        super().__init__(data, label_suffix="")
        self._months = {
            f"{month.starts:%Y-%m}": date_format(month.starts, "F Y")
            for month in reversed(selectors.months())
            if month.starts <= timezone.now()
        }
        listed = admin.site._registry[get_user_model()]
        if not listed.has_view_permission(request):
            del self.fields["who"]
        self._offer("period", [*SPANS.items(), *self._months.items()])
        self._offer("table", [("", "All"), *kinds.kinds()])
        self._offer("source", [("", "All"), *Source.choices])
        self._offer("action", [("", "All"), *Action.choices])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type alone
        field.choices = choices

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the usual is asked."""
        return any(value for name, value in self.cleaned_data.items() if value != USUAL)

    def question(self) -> Question | None:
        """Return what is asked; None where the search names nothing there is."""
        self.is_valid()
        asked = self.cleaned_data
        starts, ends = self._span(asked.get("period") or USUAL, asked.get("around"))
        table, row_id, request_id = asked.get("table") or None, None, None
        if term := asked.get("q", "").strip():
            found = kinds.find_record(term, table)
            if found:
                table, row_id = found
            elif _REQUEST_ID.fullmatch(term):
                request_id = term
            else:
                return None
        who = asked.get("who")
        return Question(
            starts=starts,
            ends=min(ends, asked.get("until") or ends),
            table=table,
            row_id=row_id,
            actor_id=who.pk if who else None,
            source=asked.get("source") or None,
            action=asked.get("action") or None,
            request_id=request_id,
        )

    def _span(self, period: str, around: datetime | None) -> tuple[datetime, datetime]:
        """Return the instants between which is looked, in the shop's zone."""
        if around:
            return around - AROUND, around + AROUND
        if period in self._months:
            return _month(period)
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        if period == "any":
            return selectors.begins(), selectors.soon()
        days = 0 if period == "today" else int(period)
        return today - timedelta(days=days), selectors.soon()


def _month(name: str) -> tuple[datetime, datetime]:
    first = datetime.strptime(name, "%Y-%m")  # noqa: DTZ007 - made aware below, in the shop's zone
    after = (first + timedelta(days=31)).replace(day=1)
    return timezone.make_aware(first), timezone.make_aware(after)
