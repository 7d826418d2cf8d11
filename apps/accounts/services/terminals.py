"""Setting shared terminals up, taking them away, and signing in at them."""

import logging
import secrets
from dataclasses import dataclass
from math import ceil

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import pins
from apps.accounts.errors import LinkOver, SignInLocked, WrongPin
from apps.accounts.models import Terminal, User
from apps.accounts.models.api_tokens import digest
from apps.accounts.querysets import badge_codes
from apps.accounts.services.sign_ins import guarded_pin
from apps.accounts.states import LINK_HOLDS
from apps.core.db import refusals
from apps.core.policies import Actor
from apps.core.records import require_record

LINK = "apps.accounts.terminal_link"  # The salt: nothing else that we sign passes for a link.

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SetUp:
    """A terminal with its device's secret, which is nowhere else and cannot be had again."""

    terminal: Terminal
    secret: str


@transaction.atomic
def link_terminal(terminal_id: int, *, actor: Actor) -> str:
    """Return what a link holds that makes the device on which it is opened this terminal.

    It holds once, for LINK_HOLDS, and until the terminal is changed: it names the version.

    Raises: NotPermitted; Terminal.DoesNotExist.
    Locks:  the terminal.
    """
    require_record("change", Terminal, actor=actor)
    terminal = Terminal.objects.locked().get(pk=terminal_id)
    if not terminal.is_active:
        terminal.is_active = True
        terminal.save(update_fields=["is_active"])
        terminal.refresh_from_db(fields=["version"])
    logger.info("User %s made a link for the terminal %r.", actor.pk, terminal.name)
    return signing.dumps([terminal.pk, terminal.version], salt=LINK)


def named_by_link(token: str) -> Terminal:
    """Return the terminal that a link is for, while it holds. Raises: LinkOver."""
    return _linked(token, is_locking=False)


@transaction.atomic
def set_up_by_link(token: str) -> SetUp:
    """Give the device that brings a link its secret: of two that bring one, the second is late.

    Raises: LinkOver.
    Locks:  the terminal.
    """
    return _give_secret(_linked(token, is_locking=True))


def _linked(token: str, *, is_locking: bool) -> Terminal:
    rows = Terminal.objects.locked() if is_locking else Terminal.objects.all()
    try:
        key, version = signing.loads(token, salt=LINK, max_age=LINK_HOLDS)
    except signing.BadSignature:
        key = version = None
    found = rows.filter(pk=key, version=version, is_active=True).first()
    if found is None:
        raise LinkOver(
            _("This link no longer holds: it was used, or is older than a day. Ask for another.")
        )
    return found


@transaction.atomic
def set_up_terminal(name: str, *, actor: Actor) -> SetUp:
    """Give the device at hand the secret of a terminal: a new one, or the one of that name.

    A device that was that terminal before is one no more.

    Raises: NotPermitted, Invalid.
    Locks:  the terminal.
    """
    stored = Terminal.objects.locked().filter(name=name).first()
    require_record("change" if stored else "add", Terminal, actor=actor)
    return _give_secret(stored or Terminal(name=name))


def _give_secret(terminal: Terminal) -> SetUp:
    adding = terminal._state.adding
    secret = secrets.token_urlsafe(32)
    terminal.secret_digest = digest(secret)
    terminal.is_active = True
    with refusals(Terminal):
        terminal.save(update_fields=None if adding else ["secret_digest", "is_active"])
    return SetUp(terminal, secret)


@transaction.atomic
def revoke_terminal(terminal_id: int, *, actor: Actor) -> None:
    """Have a device be a terminal no more; who is signed in at it is signed out.

    Raises: NotPermitted.
    Locks:  the terminal.
    """
    require_record("change", Terminal, actor=actor)
    terminal = Terminal.objects.locked().filter(pk=terminal_id).first()
    if terminal and terminal.is_active:
        terminal.is_active = False
        terminal.secret_digest = ""
        terminal.save(update_fields=["is_active", "secret_digest"])


def sign_in_at_terminal(
    terminal: Terminal, pin: str, *, user_id: int | None = None, badge: str = ""
) -> User:
    """Return the active user of a badge (or sign-in name), or of a key, whose PIN it is.

    An empty PIN is right for a badge alone, where the terminal takes one. Whatever is wrong is
    answered alike and takes as long: an unknown badge, no PIN, an inactive user, a wrong PIN.

    Raises: WrongPin, SignInLocked.
    """
    user = _claimed(user_id, badge)
    is_by_badge = user is not None and user.badge_code in badge_codes(badge)
    is_enough = is_by_badge and not pin and terminal.takes_badge_alone
    who = user.username if user else f"badge {badge}" if badge else f"user {user_id}"
    try:
        found = guarded_pin(
            terminal.name, who, lambda: _evaluated(user, pin, without_pin=is_enough)
        )
    except SignInLocked as refusal:
        raise _locked(refusal.details["retry_after"]) from refusal
    if found is None:
        raise WrongPin(
            _(
                "That does not go together: look at the name or badge and at the PIN. Who has no "
                "PIN yet gets one in the office, or signs in with the password."
            )
        )
    _note_use(terminal)
    return found


def _claimed(user_id: int | None, badge: str) -> User | None:
    """Return who is meant, their badge before another's name. Queries: 1."""
    if not badge:
        named: User | None = User.objects.with_labels().filter(pk=user_id).first()
        return named
    found = User.objects.with_labels().claimed(badge)
    codes = badge_codes(badge)
    by_badge_first: list[User] = sorted(found, key=lambda user: user.badge_code not in codes)
    return by_badge_first[0] if by_badge_first else None


def _evaluated(user: User | None, pin: str, *, without_pin: bool) -> User | None:
    is_user = user is not None and user.is_active
    kept = user.pin if user and is_user else ""
    is_right = pins.is_right(pin, kept)
    return user if is_user and (is_right or without_pin) else None


def _locked(retry_after: int) -> SignInLocked:
    minutes = ceil(retry_after / 60)
    return SignInLocked(
        ngettext(
            "Too many wrong PINs. Try again in a minute, or sign in with your password.",
            "Too many wrong PINs. Try again in %(minutes)d minutes, or sign in with your password.",
            minutes,
        )
        % {"minutes": minutes},
        retry_after=retry_after,
    )


def _note_use(terminal: Terminal) -> None:
    """Remember when someone last signed in; of no consequence, so nothing is forgotten for it."""
    Terminal.objects.filter(pk=terminal.pk).update(last_seen_at=timezone.now())
