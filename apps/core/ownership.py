"""The database's owner: who makes and alters its tables, where the application itself may not."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections


@contextmanager
def as_owner(using: str = "default") -> Iterator[None]:
    """Sign in as the database's owner for a while, if there is one apart from the application.

    For commands: a web process has no owner to become. This thread's connection is closed
    and opened anew, before and after, on the database that it had.

    Raises: TransactionManagementError, in a transaction: it would be lost.
    """
    owner = settings.DATABASE_OWNER  # type: ignore[misc]  # composed in config, unseen by the stubs
    if owner is None:
        yield
        return
    connection = connections[using]
    connection.validate_no_atomic_block()
    before = connection.settings_dict  # Other threads' too: replaced, not changed.
    connection.close()
    connection.settings_dict = {**before, **owner}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
