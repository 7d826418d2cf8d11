"""Users and roles, how programs sign in, shared terminals, and who tried in vain how often."""

from apps.accounts.models.api_sessions import ApiSession
from apps.accounts.models.api_tokens import ApiToken
from apps.accounts.models.sign_in_attempts import SignInAttempts
from apps.accounts.models.terminals import Terminal
from apps.accounts.models.users import Role, RolePermission, User

__all__ = [
    "ApiSession",
    "ApiToken",
    "Role",
    "RolePermission",
    "SignInAttempts",
    "Terminal",
    "User",
]
