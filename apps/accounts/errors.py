"""Refusals about users and roles."""

from apps.core.errors import Conflict


class LastAdministrator(Conflict):
    """Nobody would be left who may do everything."""

    code = "last_administrator"
