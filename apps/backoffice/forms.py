"""The stale-form guard: what someone else saved meanwhile is shown, not overwritten."""

from typing import Any, cast

from django import forms
from django.http import QueryDict

from apps.backoffice.widgets import Autocomplete
from apps.core.errors import DomainError
from apps.core.models import Record


class GuardedForm(forms.ModelForm):
    """A form that carries the version it was opened with.

    ``refusal`` is a rule's no from a first attempt to save: it is shown beside its field, with
    everything typed still there.
    """

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    refusal: DomainError | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.instance, Record) and self.instance.pk:
            self.initial["seen_version"] = self.instance.version
            self._make_known()

    def _make_known(self) -> None:
        """Hand the rows that were loaded with the record to the fields that choose them."""
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)  # Django's buttons wrap it.
            if isinstance(widget, Autocomplete):
                reference = self.instance._meta.get_field(name)
                widget.known = reference.get_cached_value(self.instance, default=None)

    def has_changed(self) -> bool:
        """Whether anything but the guard itself differs."""
        return any(name != "seen_version" for name in self.changed_data)

    def clean(self) -> dict[str, Any] | None:
        """Refuse a stale form, and say what is stored now."""
        cleaned = super().clean()
        if self.refusal:
            field = self.refusal.field if self.refusal.field in self.fields else None
            self.add_error(field, self.refusal.message)
        if self._is_stale():
            self._say_stale()
        return cleaned

    def _is_stale(self) -> bool:
        seen = self.cleaned_data.get("seen_version")
        stored = getattr(self.instance, "pk", None) and getattr(self.instance, "version", None)
        return bool(stored) and seen is not None and seen != stored and self.has_changed()

    def _say_stale(self) -> None:
        """Name what differs from the record now, and let a second save go through."""
        differing = [self[name] for name in self.changed_data if name != "seen_version"]
        now = "; ".join(f"{field.label}: {self._stored(field)}" for field in differing)
        self.add_error(
            None,
            "Someone saved this record while you had it open. What you typed is still here, and "
            f"nothing is lost yet. Stored now are {now}. Save again to replace that with yours.",
        )
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("seen_version")] = str(self.instance.version)
        self.data = data

    def _stored(self, field: forms.BoundField) -> str:
        value = field.initial
        if isinstance(field.field, forms.ModelChoiceField) and value is not None:
            found = field.field.queryset.filter(pk=value).first() if field.field.queryset else None
            return f"“{found or value}”"
        return f"“{value}”" if value not in {None, ""} else "nothing"
