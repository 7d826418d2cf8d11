"""Signing in and out, one's own password and PIN, shared terminals, landing where one works."""

from apps.accounts.pages.secrets import (
    ChangePassword,
    ChoosePin,
    ForgotPassword,
    ForgotPasswordSent,
    PasswordChanged,
    ResetPassword,
)
from apps.accounts.pages.sign_ins import SignIn, csrf_failure, landing
from apps.accounts.pages.terminals import lock, set_up, set_up_here, who_is_here

__all__ = [
    "ChangePassword",
    "ChoosePin",
    "ForgotPassword",
    "ForgotPasswordSent",
    "PasswordChanged",
    "ResetPassword",
    "SignIn",
    "csrf_failure",
    "landing",
    "lock",
    "set_up",
    "set_up_here",
    "who_is_here",
]
