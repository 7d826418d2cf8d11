"""Refusals about notifications."""

from apps.core.errors import NotPermitted


class NotYours(NotPermitted):
    """The notification is someone else's, or gone."""

    code = "not_yours"
