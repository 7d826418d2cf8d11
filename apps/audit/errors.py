"""The trail's refusals."""

from apps.core.errors import Invalid


class MonthKept(Invalid):
    """A month that is not over does not leave the trail."""

    code = "month_kept"
