"""From a request to who acts."""

from typing import cast

from django.http import HttpRequest

from apps.accounts.models import User


def actor(request: HttpRequest) -> User:
    """Return the signed-in user. Only behind a sign-in."""
    return cast("User", request.user)
