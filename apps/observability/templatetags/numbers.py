"""Numbers as people read them."""

from django import template

register = template.Library()


@register.filter
def grouped(count: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{count:,}"


@register.filter
def percent(share: float) -> str:
    """Return a share of 1 in the hundred."""
    return f"{share:.1%}"
