"""Making and revoking machines' keys."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import ApiToken, User
from apps.accounts.models.api_tokens import PREFIX, PREFIX_SHOWN, digest
from apps.accounts.states import Scope
from apps.core.db import refusals
from apps.core.errors import Invalid
from apps.core.policies import Actor, require
from apps.core.records import require_record

USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_api_token(
    *, user: User, name: str, scopes: Collection[str], expires_at: datetime, actor: User
) -> tuple[ApiToken, str]:
    """Make a token; return it with its plain text, which is nowhere else and cannot be had again.

    Raises: NotPermitted; Invalid for an inactive user, a time that is over, or no known scope.
    """
    require_record("add", ApiToken, actor=actor)
    if not user.is_active:
        raise Invalid(_("%(user)s is inactive and cannot sign in.") % {"user": user}, field="user")
    if expires_at <= timezone.now():
        raise Invalid(_("A token expires in the future."), field="expires_at")
    wanted = [scope for scope in Scope.values if scope in scopes]
    if not wanted or len(wanted) < len(set(scopes)):
        raise Invalid(_("Choose at least one of read, work and write."), field="scopes")
    plain = f"{PREFIX}{secrets.token_urlsafe(32)}"
    with refusals(ApiToken):
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=plain[:PREFIX_SHOWN],
            digest=digest(plain),
            scopes=wanted,
            expires_at=expires_at,
            created_by=actor,
        )
    return token, plain


@transaction.atomic
def revoke_api_token(token_id: int, *, actor: Actor) -> None:
    """Have a token count no more, for good.

    Raises: NotPermitted.
    Locks:  the token.
    """
    require(actor, "accounts.change_apitoken", _("You may not revoke API tokens."))
    token = ApiToken.objects.locked().filter(pk=token_id).first()
    if token and token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])


def note_use(token: ApiToken) -> None:
    """Remember when a token was last used, to the minute. Queries: at most one a minute."""
    now = timezone.now()
    before = now - USE_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > before:
        return
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    for forget in token.forgotten_by:
        forget(token)
