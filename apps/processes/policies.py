"""Who may do what with a process."""

from apps.accounts.models import User
from apps.processes.selectors import process_rights

EVERY = "processes.supervise_every_process"


def may_view(actor: User, process_id: int) -> bool:
    """Whether the role sees steps of the process."""
    return actor.has_perm(EVERY) or process_id in process_rights(actor.role_id).view


def may_execute(actor: User, process_id: int) -> bool:
    """Whether the role works steps of the process."""
    return actor.has_perm(EVERY) or process_id in process_rights(actor.role_id).execute


def may_supervise(actor: User, process_id: int) -> bool:
    """Whether the role acts for others on steps of the process."""
    return actor.has_perm(EVERY) or process_id in process_rights(actor.role_id).supervise
