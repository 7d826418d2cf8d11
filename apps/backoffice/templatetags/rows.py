"""A list's table, its rows made by ``apps.backoffice.rows``."""

from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ChangeList

from apps.backoffice.rows import render_rows

register = template.Library()


@register.inclusion_tag("backoffice/rows.html")
def rows(changes: ChangeList) -> dict[str, Any]:
    """Show a list that is neither edited in place nor a pop-up."""
    headers = list(result_headers(changes))
    return {
        "headers": headers,
        "sorted_by": sum(header["sortable"] and header["sorted"] for header in headers),
        "rows": render_rows(changes),
    }
