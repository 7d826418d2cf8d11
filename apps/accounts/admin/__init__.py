"""Users, roles, shared terminals and what programs sign in with, in the office."""

from apps.accounts.admin.sign_ins import ApiSessionAdmin, ApiTokenAdmin, SignInAttemptsAdmin
from apps.accounts.admin.terminals import TerminalAdmin
from apps.accounts.admin.users import RoleAdmin, UserAdmin

__all__ = [
    "ApiSessionAdmin",
    "ApiTokenAdmin",
    "RoleAdmin",
    "SignInAttemptsAdmin",
    "TerminalAdmin",
    "UserAdmin",
]
