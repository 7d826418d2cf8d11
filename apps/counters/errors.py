"""The counters' refusals."""

from apps.core.errors import Conflict


class AtWork(Conflict):
    """The tables could not be had for a moment: somebody writes."""

    code = "at_work"
