"""Refusals about jobs and steps."""

from apps.core.errors import Conflict, Invalid, NotPermitted


class IllegalTransition(Conflict):
    """The present state does not lead there."""

    code = "illegal_transition"


class ProcessNotPermitted(NotPermitted):
    """The role may not do this with the process."""

    code = "process_not_permitted"


class AssignedElsewhere(Conflict):
    """The step is someone else's; ``take_over`` takes it."""

    code = "assigned_elsewhere"


class AlreadyStarted(Conflict):
    """Someone works on the step; ``join`` joins."""

    code = "already_started"


class AlreadyWorking(Conflict):
    """This user has an open log on the step."""

    code = "already_working"


class NotWorking(Conflict):
    """This user has no open log on the step to report to."""

    code = "not_working"


class OverQuantity(Conflict):
    """More than was planned; ``allow_over`` takes it."""

    code = "over_quantity"


class ScrapWithoutReason(Invalid):
    """Scrap needs a reason."""

    code = "scrap_reason_required"


class MachineRequired(Invalid):
    """The process needs a machine and none is given."""

    code = "machine_required"


class NothingToUndo(Conflict):
    """Too late, someone else's, or something happened since."""

    code = "nothing_to_undo"


class NotDraft(Conflict):
    """Only drafts may be changed or deleted so."""

    code = "not_draft"


class NoSteps(Conflict):
    """A job without steps has nothing to release."""

    code = "no_steps"


class EmptyFile(Invalid):
    """An upload without a byte."""

    code = "empty_file"


class FileTooLarge(Invalid):
    """An upload beyond what an attachment may weigh."""

    code = "file_too_large"


class FileTypeNotAllowed(Invalid):
    """An upload of a kind that is not kept, or that is not what its name says."""

    code = "file_type_not_allowed"
