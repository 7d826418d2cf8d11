"""State as colour, icon and word, the same on every page."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core import request_id

register = template.Library()

NO_DATA = ("none", "nodata")

# What a status looks like: its colour, and its icon in static/core/icons.svg.
LOOKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # Steps.
        "pending": ("idle", "idle"),
        "ready": ("ready", "ready"),
        "in_progress": ("running", "running"),
        "paused": ("attention", "attention"),
        "completed": ("done", "done"),
        "skipped": ("idle", "skipped"),
        "cancelled": ("idle", "cancelled"),
        # Jobs.
        "draft": ("idle", "idle"),
        "active": ("running", "running"),
        "on_hold": ("attention", "attention"),
        "soon": ("attention", "warning"),
        "late": ("stopped", "stopped"),
        # Machines.
        "running": ("running", "running"),
        "idle": ("idle", "idle"),
        "down": ("stopped", "stopped"),
        "setup": ("attention", "warning"),
        "help": ("attention", "help"),
    }
)


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; it only decorates: the word stands beside it.

    Drawn once: the sprite's address is the same for as long as the process lives.
    """
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("core/icons.svg"),
        name,
    )


@register.simple_tag
def chip(status: str, word: str) -> SafeString:
    """Say a state: ``{% chip step.status step.get_status_display %}``."""
    colour, drawing = LOOKS.get(status, NO_DATA)
    return format_html('<span class="chip chip--{}">{}{}</span>', colour, icon(drawing), word)


@register.filter
def colour(status: str) -> str:
    """Return the state whose colour a status has: such as ``stopped``."""
    return LOOKS.get(status, NO_DATA)[0]


@register.filter
def drawing(status: str) -> str:
    """Return the icon of a status."""
    return LOOKS.get(status, NO_DATA)[1]


@register.inclusion_tag("core/field.html")
def field(bound: BoundField, *, kind: str = "") -> dict[str, Any]:
    """Draw a form's field with its label, help and faults; ``kind`` is a class of its own."""
    return {"field": bound, "kind": kind}


@register.simple_tag
def reference() -> str:
    """Return the request's id, for people to quote; it needs no context."""
    return request_id.current()
