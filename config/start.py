"""What a web process makes sure of before it serves, and what it does beside its first request."""

import logging
from threading import Thread

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

logger = logging.getLogger(__name__)


def require_sound_database() -> None:
    """Refuse to serve production from a database that is not fit for it; name all that is wrong.

    One that cannot be reached is not unfit: the process starts, and health says what is missing.

    Raises: ImproperlyConfigured.
    """
    if getattr(settings, "ANDON_ALLOWS_DEMO", False):
        return
    if not _is_reachable():
        logger.warning("The database cannot be reached yet; starting without having checked it.")
        return
    faults = [
        message
        for message in run_checks(tags=[Tags.database], databases=["default"])
        if message.is_serious() and not message.is_silenced()
    ]
    connections.close_all()
    if faults:
        raise ImproperlyConfigured("\n".join(["The database is refused:", *map(str, faults)]))


def warm_early() -> None:
    """Load into this process what its first requests will ask for, while it begins to serve."""
    Thread(target=_warm, name="warm", daemon=True).start()


def _warm() -> None:
    from apps.core.cache import one_moment, warm_up  # noqa: PLC0415 - models: Django is ready now

    with one_moment():
        warm_up()
    connections.close_all()  # To the pool: this thread ends.


def _is_reachable() -> bool:
    """Whether the database answers a connection of its own: a pool would keep trying for long."""
    probe = connections["default"].copy()
    probe.settings_dict["OPTIONS"].pop("pool", None)
    try:
        probe.ensure_connection()
    except OperationalError:
        return False
    probe.close()
    return True
