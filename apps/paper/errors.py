"""Refusals about paper."""

from apps.core.errors import Conflict, Invalid


class NothingToPrint(Invalid):
    """No job was chosen, or none of them may be seen any more."""

    code = "nothing_to_print"


class TooManyJobs(Invalid):
    """More jobs than one file is made of; ``details["most"]`` is how many may be."""

    code = "too_many_jobs"


class NotFailed(Conflict):
    """Only what failed is tried again."""

    code = "not_failed"
