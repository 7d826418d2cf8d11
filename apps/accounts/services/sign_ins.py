"""Guarding passwords against guessing: a slot is taken before one is looked at."""

import logging
from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import F, Max, Model, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.errors import SignInLocked
from apps.accounts.models import ApiSession, SignInAttempts
from apps.accounts.states import EVERYWHERE, SIGN_IN_WINDOW, WRONG_PER_ADDRESS, WRONG_PER_NAME
from apps.core.policies import Actor, require

T = TypeVar("T")

BATCH = 1_000
NAME_LENGTH, ADDRESS_LENGTH = 150, 45  # Of the columns.
SESSIONS_KEPT = timedelta(days=30)  # After their end, for whoever asks who was signed in.

logger = logging.getLogger(__name__)

# EVERYWHERE comes first in every statement: whoever locks both rows locks them in this order.
_TAKE = """
INSERT INTO sign_in_attempts AS stored (username, address, taken, window_ends_at)
VALUES (%(username)s, %(everywhere)s, 1, clock_timestamp() + %(window)s),
       (%(username)s, %(address)s, 1, clock_timestamp() + %(window)s)
ON CONFLICT (username, address) DO UPDATE SET
    taken = CASE WHEN stored.window_ends_at <= clock_timestamp() THEN 1 ELSE stored.taken + 1 END,
    window_ends_at = excluded.window_ends_at
WHERE stored.window_ends_at <= clock_timestamp() OR stored.taken <
    CASE stored.address WHEN %(everywhere)s THEN %(per_name)s ELSE %(per_address)s END
RETURNING id
"""


_LIMITS: dict[str, Any] = {
    "everywhere": EVERYWHERE,
    "window": SIGN_IN_WINDOW,
    "per_name": WRONG_PER_NAME,
    "per_address": WRONG_PER_ADDRESS,
}


def guarded(username: str, address: str, evaluate: Callable[[], T | None]) -> T | None:
    """Return what ``evaluate`` makes of a password, which it does only for who has a slot.

    What it returns for a wrong password is false; for a right one the slot is given back. The
    slot is committed before: of any number of guesses at once no more are evaluated.

    Raises: SignInLocked.
    """
    return _guarded(_key(username), address, evaluate)


def guarded_pin(terminal: str, user: str, evaluate: Callable[[], T | None]) -> T | None:
    """Guard a PIN likewise: so many wrong ones of a user at a terminal, so many of all its users.

    What it counts under is no sign-in name, for those are lower-case: nobody locks a terminal
    from the sign-in page.

    Raises: SignInLocked.
    """
    where = f"PIN at {_key(terminal)}"[:NAME_LENGTH]
    return _guarded(where, _key(user)[:ADDRESS_LENGTH], evaluate)


def _guarded(username: str, address: str, evaluate: Callable[[], T | None]) -> T | None:
    _take_slot(username, address)
    found = evaluate()
    if found:
        _give_back(username, address)
    return found


def _key(username: str) -> str:
    """One name whatever its case; none of a user is longer than the column."""
    return AbstractBaseUser.normalize_username(username).lower().replace("\x00", "")[:NAME_LENGTH]


def _take_slot(username: str, address: str) -> None:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, {**_LIMITS, "username": username, "address": address})
        is_taken = len(cursor.fetchall()) == len((EVERYWHERE, address))
        if not is_taken:
            transaction.set_rollback(True)
    if not is_taken:
        raise _locked(username, address)


def _locked(username: str, address: str) -> SignInLocked:
    rows = SignInAttempts.objects.full().of(username, address)
    until = rows.aggregate(until=Max("window_ends_at"))["until"] or timezone.now()
    seconds = max(ceil((until - timezone.now()).total_seconds()), 1)
    minutes = ceil(seconds / 60)
    words = ngettext(
        "Too many wrong passwords. Try again in a minute, or ask whoever manages the users of your"
        " shop to unlock your sign-in.",
        "Too many wrong passwords. Try again in %(minutes)d minutes, or ask whoever manages the"
        " users of your shop to unlock your sign-in.",
        minutes,
    )
    return SignInLocked(words % {"minutes": minutes}, retry_after=seconds)


@transaction.atomic
def _give_back(username: str, address: str) -> None:
    """Forget the address's wrong passwords; of all addresses', take this right one off."""
    rows = SignInAttempts.objects.filter(username=username)
    rows.filter(address=EVERYWHERE).update(taken=Greatest(F("taken") - 1, 0))
    rows.filter(address=address).delete()


@transaction.atomic
def unlock_sign_in(attempts_id: int, *, actor: Actor) -> None:
    """Let a sign-in name be tried again, from every address.

    Raises: NotPermitted.
    """
    require(actor, "accounts.change_signinattempts", _("You may not unlock sign-ins."))
    found = SignInAttempts.objects.filter(pk=attempts_id).first()
    if found is None:
        return  # Its time was over.
    rows = SignInAttempts.objects.filter(username=found.username)
    rows.filter(address=EVERYWHERE).delete()
    rows.delete()
    logger.info("User %s unlocked the sign-in name %r.", actor.pk, found.username)


def clear_sign_ins() -> int:
    """Delete wrong passwords that no longer count and sessions long over; return how many.

    What is in use just now is left for the next time.
    """
    over = ApiSession.objects.filter(expires_at__lt=timezone.now() - SESSIONS_KEPT)
    return _clear(SignInAttempts.objects.expired()) + _clear(over)


def _clear(rows: QuerySet[Model]) -> int:
    cleared = 0
    while True:
        with transaction.atomic():
            # Locked, for one that is tried again meanwhile counts; and waiting for none.
            locked = rows.select_for_update(skip_locked=True)
            ids = list(locked.values_list("pk", flat=True)[:BATCH])
            rows.model._base_manager.filter(pk__in=ids).delete()
        cleared += len(ids)
        if len(ids) < BATCH:
            return cleared
