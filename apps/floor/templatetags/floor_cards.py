"""Cards of the supervisor's floor, drawn once for what they tell.

The page is asked for every few seconds and little on it has changed: drawing all of it anew took
ten times the processor time of the rest.
"""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

KEPT_AT_MOST = 4_000  # Cards of one process, of about two kilobytes.


@register.simple_tag
def drawn(name: str, **told: Hashable) -> SafeString:
    """Draw a card from what it tells, and from nothing else: no request, no token."""
    return _drawn(name, get_language(), tuple(told.items()))


@lru_cache(maxsize=KEPT_AT_MOST)
def _drawn(name: str, _language: str | None, told: tuple[tuple[str, Hashable], ...]) -> SafeString:
    context = {**dict(told), "root": reverse("floor")}
    return SafeString(get_template(f"floor/supervision/{name}.html").render(context))
