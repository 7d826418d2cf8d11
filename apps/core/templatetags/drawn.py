"""Pieces of a page, drawn once for what they tell.

A page that is asked for again and again changes little: drawing all of it anew took ten times the
processor time of the rest.
"""

from collections.abc import Hashable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

KEPT_AT_MOST = 8_000  # Pieces of one process, of one or two kilobytes.


@register.simple_tag
def drawn(name: str, **told: Hashable) -> SafeString:
    """Draw the piece ``name`` from what it tells, and from nothing else: no request, no token."""
    return _drawn(name, get_language(), tuple(told.items()))


@register.simple_tag
def drawn_all(name: str, of: Iterable[Hashable], **told: Hashable) -> SafeString:
    """Draw a piece of each, in their order: in ``shop/card`` it is called ``card``."""
    language, each_name, others = get_language(), PurePosixPath(name).name, tuple(told.items())
    pieces = [_drawn(name, language, ((each_name, each), *others)) for each in of]
    return mark_safe("".join(pieces))  # noqa: S308 - templates have escaped them


@lru_cache(maxsize=KEPT_AT_MOST)
def _drawn(name: str, _language: str | None, told: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return SafeString(get_template(f"{name}.html").render(dict(told)))
