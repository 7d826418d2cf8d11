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
from apps.accounts.services.terminals import (
    SetUp,
    link_terminal,
    named_by_link,
    revoke_terminal,
    set_up_by_link,
    set_up_terminal,
    sign_in_at_terminal,
)
from apps.accounts.services.users import (
    choose_pin,
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
    "SetUp",
    "Tokens",
    "choose_pin",
    "clear_sign_ins",
    "close_api_session",
    "delete_role",
    "delete_user",
    "guarded",
    "link_terminal",
    "lock_administrators",
    "make_api_token",
    "named_by_link",
    "note_use",
    "open_api_session",
    "refresh_api_session",
    "revoke_api_session",
    "revoke_api_token",
    "revoke_terminal",
    "save_role",
    "save_user",
    "seed_roles",
    "set_password",
    "set_pin",
    "set_up_by_link",
    "set_up_terminal",
    "sign_in_at_terminal",
    "unlock_sign_in",
]
