"""The way on from a refusal: the field that says it is meant, and the word on the button."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.actors import actor
from apps.core.errors import DomainError

ANYWAY = "anyway"


@dataclass(frozen=True, slots=True)
class WayOn:
    """A field, its value, and the word on the button that sends it along."""

    name: str
    value: str
    word: str


_WAYS: Mapping[str, tuple[str, object]] = MappingProxyType(
    {
        "already_started": ("join", gettext_lazy("Join")),
        "assigned_elsewhere": ("take_over", gettext_lazy("Take over")),
    }
)
_ANYWAY: Mapping[str, object] = MappingProxyType(
    {
        "finish": gettext_lazy("Finish anyway"),
        "report": gettext_lazy("Report anyway"),
        "pause": gettext_lazy("Pause anyway"),
    }
)


def way_on(refusal: DomainError | None, request: HttpRequest) -> WayOn | None:
    """Return the way on; None where there is none, as for who works on the step already."""
    if refusal is None:
        return None
    if refusal.code in {"over_quantity", "does_not_add_up"}:
        deed = getattr(request.resolver_match, "url_name", "").removeprefix("task-")
        return WayOn(ANYWAY, "1", str(_ANYWAY.get(deed, _("Anyway"))))
    if refusal.code not in _WAYS or str(actor(request)) in refusal.details.get("users", ()):
        return None
    name, word = _WAYS[refusal.code]
    return WayOn(name, "1", str(word))
