"""Reads about roles and permissions."""

from collections.abc import Iterable

from django.contrib.auth.models import Permission

from apps.accounts.roles import HIDDEN_APPS
from apps.core.cache import CachedRead


def _load(role_id: int) -> frozenset[str]:
    rows = Permission.objects.filter(group__role=role_id).values_list(
        "content_type__app_label", "codename"
    )
    return frozenset(f"{app}.{codename}" for app, codename in rows)


role_permissions = CachedRead("accounts.role_permissions", _load)
"""The permissions of a role, as ``app.codename``; keyed by role id."""


def permissions_named(names: Iterable[str]) -> dict[str, Permission]:
    """Return those of the permissions, as ``app.codename``, that a role can have. Queries: 1."""
    found = Permission.objects.exclude(content_type__app_label__in=HIDDEN_APPS).filter(
        codename__in={name.rpartition(".")[2] for name in names}
    )
    by_name = {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in found.select_related("content_type")
    }
    return {name: by_name[name] for name in names if name in by_name}
