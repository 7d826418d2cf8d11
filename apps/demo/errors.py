"""Refusals to load the demo."""

from apps.core.errors import Conflict


class NotEmpty(Conflict):
    """There is a shop already; the demo never mixes with one."""

    code = "not_empty"


class DemoForbidden(Conflict):
    """This installation is in production."""

    code = "demo_forbidden"
