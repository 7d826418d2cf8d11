"""Connections for loading: of the database that Django is configured for, and without time-outs."""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection as configured
from psycopg import Connection

Connect = Callable[[], Connection[Any]]

TIME_OUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def connector() -> Connect:
    """Return what connects, for any thread; each statement is a transaction of its own."""
    params = configured.get_connection_params()
    settings = [f"-c {name}=0" for name in TIME_OUTS]
    settings.append("-c synchronous_commit=off")  # A load that is lost is begun anew.
    params["options"] = " ".join([params.get("options", ""), *settings])
    return lambda: psycopg.connect(**params, autocommit=True)
