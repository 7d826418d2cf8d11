"""What programs send to sign in, and what they get."""

from typing import Any

from rest_framework import serializers

from apps.accounts.tokens import LONGEST
from apps.api.items import Item
from apps.api.rows import Coded


class Credentials(Item):
    """What a program signs in with."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4_096, trim_whitespace=False)


class Refresh(Item):
    """What a program stays signed in with."""

    refresh = serializers.CharField(max_length=LONGEST)


class TokenPair(serializers.Serializer[Any]):
    """What a signed-in program gets."""

    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="For the next pair, once.")
    access_expires_at = serializers.DateTimeField()
    refresh_expires_at = serializers.DateTimeField()


class ProcessRight(serializers.Serializer[Any]):
    """What the role may do with steps of one process."""

    process = Coded()
    can_view = serializers.BooleanField()
    can_execute = serializers.BooleanField()
    can_supervise = serializers.BooleanField()


class Me(serializers.Serializer[Any]):
    """Who is signed in, and what they may do."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    role = Coded()
    is_staff = serializers.BooleanField(help_text="May enter the office.")
    permissions = serializers.ListField(child=serializers.CharField())
    processes = ProcessRight(many=True)
    scopes = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="What the API token allows; null for who signed in with a password.",
    )
