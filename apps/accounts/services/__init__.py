"""Every change to users, roles and what they sign in with: a verb's file each."""

from apps.accounts.services.api_sessions import (
    Tokens,
    close_api_session,
    open_api_session,
    refresh_api_session,
    revoke_api_session,
)
from apps.accounts.services.api_tokens import make_api_token, note_use, revoke_api_token
from apps.accounts.services.sign_ins import clear_sign_ins, guarded, unlock_sign_in
from apps.accounts.services.users import (
    delete_role,
    delete_user,
    lock_administrators,
    save_role,
    save_user,
    seed_roles,
    set_password,
    set_pin,
)

__all__ = [
    "Tokens",
    "clear_sign_ins",
    "close_api_session",
    "delete_role",
    "delete_user",
    "guarded",
    "lock_administrators",
    "make_api_token",
    "note_use",
    "open_api_session",
    "refresh_api_session",
    "revoke_api_session",
    "revoke_api_token",
    "save_role",
    "save_user",
    "seed_roles",
    "set_password",
    "set_pin",
    "unlock_sign_in",
]
