"""Requests that may come twice: their effect once, their answer each time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus

from django.db import OperationalError, connection, transaction

from apps.background.errors import KeyInUse, KeyReused
from apps.background.models import IdempotencyKey
from apps.core.errors import Invalid

KEPT_FOR = timedelta(hours=24)
LONGEST_PATH = 255
LOCK_NOT_AVAILABLE = "55P03"

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# Inserts a row, or takes an expired one over; where the answer of another counts, nothing comes
# back. Who comes while a twin is at work waits here for the end of its transaction.
_CLAIM = """
    INSERT INTO idempotency_keys AS old
        (user_id, method, path, key, fingerprint, answer_status, answer_headers, answer_body)
    VALUES (%s, %s, %s, %s, %s, 0, '{}', '')
    ON CONFLICT (user_id, method, path, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, created_at = excluded.created_at
        WHERE old.created_at < now() - make_interval(secs => %s)
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it can be given again."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_replayed: bool = field(default=False, compare=False)


def fingerprint_of(body: bytes) -> bytes:
    """Return what tells one request's body from another's."""
    return sha256(body).digest()


def once(
    *,
    user_id: int,
    method: str,
    path: str,
    key: str,
    fingerprint: bytes,
    effect: Callable[[], Stored],
) -> Stored:
    """Have the effect and store its answer; of a request that comes again, return that answer.

    Effect and answer are one transaction: both are kept, or neither. Only a success (2xx) is
    kept: after any other answer, or an exception, nothing has happened and the key is free. An
    answer of any length is stored, since its effect must not be refused for it; what a request
    may do at once is bounded elsewhere.

    Raises: Invalid; KeyReused; KeyInUse where a twin is at work for longer than a lock is waited
        for; what the effect raises.
    Locks: the key's row, before all that the effect locks.
    Queries: 2 and those of the effect; 2 for an answer given again.
    """
    if not _KEY.fullmatch(key):
        raise Invalid("An idempotency key is 1 to 255 printable characters of ASCII.")
    if len(path) > LONGEST_PATH:
        raise Invalid(f"With an idempotency key, a path has {LONGEST_PATH} characters at most.")
    request = (user_id, method, path, key)
    with transaction.atomic(durable=True):
        row_id = _claim(request, fingerprint)
        if row_id is None:
            return _stored(request, fingerprint)
        answer = effect()
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            IdempotencyKey.objects.filter(pk=row_id).update(
                answer_status=answer.status,
                answer_headers=dict(answer.headers),
                answer_body=answer.body,
            )
        else:
            transaction.set_rollback(True)
        return answer


def _claim(request: tuple[int, str, str, str], fingerprint: bytes) -> int | None:
    """Return the row that waits for the answer; None where there is an answer."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(_CLAIM, [*request, fingerprint, KEPT_FOR.total_seconds()])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise KeyInUse("A request with this idempotency key is still at work.") from error
        row = cursor.fetchone()
    return row and int(row[0])


def _stored(request: tuple[int, str, str, str], fingerprint: bytes) -> Stored:
    user_id, method, path, key = request
    row = IdempotencyKey.objects.get(user_id=user_id, method=method, path=path, key=key)
    if bytes(row.fingerprint) != fingerprint:
        raise KeyReused("This idempotency key came before, with another body.")
    return Stored(row.answer_status, row.answer_headers, bytes(row.answer_body), is_replayed=True)
