"""Users and roles, how programs sign in, and how often someone tried in vain."""

from apps.accounts.models.api_sessions import ApiSession
from apps.accounts.models.api_tokens import ApiToken
from apps.accounts.models.sign_in_attempts import SignInAttempts
from apps.accounts.models.users import Role, RolePermission, User

__all__ = ["ApiSession", "ApiToken", "Role", "RolePermission", "SignInAttempts", "User"]
