"""What the templates of the operators' pages say with one word."""

from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from apps.floor import drawing

register = template.Library()


@register.simple_tag(takes_context=True)
def sending(context: Any) -> SafeString:
    """Return the hidden fields of a form that is sent once, in the name of who was shown it."""
    return drawing.sending(context["request"])


@register.simple_tag
def pieces() -> SafeString:
    """Return what the script shows: the same on every page in one language, so drawn once."""
    draw = _draw_pieces.__wrapped__ if settings.DEBUG else _draw_pieces
    return draw(get_language())


@cache
def _draw_pieces(_language: str | None) -> SafeString:
    return render_to_string("floor/pieces.html")
