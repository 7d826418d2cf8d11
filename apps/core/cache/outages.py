"""What could not be told to Valkey while it was away is made good when it is back.

A change whose renewal got lost would leave the value from before it valid. Values are therefore
of an *epoch* too: a process that could not renew begins a new one as soon as Valkey answers, and
whatever was kept before counts for nothing.
"""

import logging
import time
from collections.abc import Mapping
from threading import Lock, Thread
from typing import Any, cast

from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted  # type: ignore[import-untyped]

from apps.core import valkey
from apps.core.cache.moments import RECORDS, new_token

EPOCH = "epoch"
GIVES_UP_AFTER = 3_600  # Seconds: what was kept before has ended by then, whatever it was.

logger = logging.getLogger(__name__)
_owing: set[str] = set()
_guard = Lock()


def replace(tokens: Mapping[str, str]) -> None:
    """Replace tokens, all of them at once; without Valkey, begin an epoch when it is back."""
    client = cast("Any", cache).client
    try:
        with valkey.insisting():
            client.set_many(tokens, timeout=None)
    except ConnectionInterrupted as error:
        if _owe(str(client._server)):
            logger.warning("Valkey does not answer (%s): a new epoch begins when it does.", error)
            Thread(target=_make_good, args=[client], daemon=True).start()


def _owe(server: str) -> bool:
    """Write down that an epoch is owed; return whether it was not yet."""
    with _guard:
        is_new = server not in _owing
        _owing.add(server)
    return is_new


def _make_good(client: Any) -> None:
    server, ends_at = str(client._server), time.monotonic() + GIVES_UP_AFTER
    while time.monotonic() < ends_at:
        time.sleep(valkey.PAUSE)
        _owing.discard(server)  # Before: what gets lost from here on is owed anew.
        if _begin_epoch(client) or not _owe(server):
            return
    _owing.discard(server)


def _begin_epoch(client: Any) -> bool:
    token = new_token()
    try:
        client.set_many({EPOCH: token, RECORDS: token}, timeout=None)
    except ConnectionInterrupted:
        return False
    return True
