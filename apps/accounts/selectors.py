"""Cached reads about roles."""

from django.contrib.auth.models import Permission

from apps.core.cache import CachedRead


def _load(role_id: int) -> frozenset[str]:
    rows = Permission.objects.filter(group__role=role_id).values_list(
        "content_type__app_label", "codename"
    )
    return frozenset(f"{app}.{codename}" for app, codename in rows)


role_permissions = CachedRead("accounts.role_permissions", _load)
"""The permissions of a role, as ``app.codename``; keyed by role id."""
