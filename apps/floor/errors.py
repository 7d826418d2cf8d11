"""What the floor refuses."""

from apps.core.errors import Conflict, DomainError, Invalid


class UnknownCode(DomainError):
    """A scanned code stands for nothing, or for nothing that the caller may see."""

    code = "unknown_code"
    status = 404


class NotThere(DomainError):
    """What was to be done something to is gone, or not for the caller to see."""

    code = "not_there"
    status = 404


class Unreadable(Invalid):
    """What was typed cannot be read; the form says where and why."""

    code = "unreadable"


class DoesNotAddUp(Conflict):
    """Less than what remains is to be all there is; ``anyway`` says that it is meant."""

    code = "does_not_add_up"


class SomeoneElses(DomainError):
    """The page was another user's, who signed out since: what they did is not done by this one."""

    code = "someone_elses"
    status = 401
