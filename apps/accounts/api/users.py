"""Users."""

from typing import Any

from rest_framework import serializers

from apps.accounts import services
from apps.accounts.models import Role, User
from apps.api.filters import flag, reference, text
from apps.api.items import Key, ModelItem
from apps.api.records import Changes, Creates, Deletes, put
from apps.api.rows import Coded, Row


class UserRow(Row):
    role = Coded()

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "full_name",
            "email",
            "phone",
            "role",
            "badge_code",
            "is_active",
            "last_login",
            "created_at",
            "updated_at",
            "version",
        )


class UserItem(ModelItem):
    role = Key(Role)
    password = serializers.CharField(
        required=False,
        write_only=True,
        max_length=4_096,
        trim_whitespace=False,
        help_text="Set, and never told. A new user without one cannot sign in by it.",
    )
    pin = serializers.CharField(
        required=False,
        write_only=True,
        allow_blank=True,
        max_length=8,
        help_text="4 to 8 digits, for shared tablets; empty takes it away. Never told.",
    )

    class Meta:
        model = User
        fields = (
            "username",
            "full_name",
            "email",
            "phone",
            "role",
            "badge_code",
            "is_active",
            "password",
            "pin",
        )


class UserView(Creates[User], Changes[User], Deletes[User]):
    """Who signs in. Everyone finds themselves; all, who may view users."""

    model, row, item = User, UserRow, UserItem
    reads = "visible"
    searched = True
    orderings = {"id": ("pk",), "full_name": ("full_name",), "username": ("username",)}
    filters = {
        "username": text(),
        "full_name": text(),
        "role": reference(),
        "badge_code": text(),
        "is_active": flag(),
    }

    def lock(self, pk: int) -> User:
        """Lock the administrators, of whom one must stay, before any user."""
        services.lock_administrators()
        user: User = super().lock(pk)
        return user

    def make(self, data: dict[str, Any]) -> User:
        secrets = _taken(data)
        user = User(**data)
        user.set_unusable_password()
        services.save_user(user, actor=self.actor)
        self._keep(user, secrets)
        return user

    def change(self, record: User, data: dict[str, Any]) -> None:
        secrets = _taken(data)
        if changed := put(record, data):
            services.save_user(record, actor=self.actor, fields=changed)
        self._keep(record, secrets)

    def remove(self, record: User) -> None:
        services.delete_user(record, actor=self.actor)

    def _keep(self, user: User, secrets: dict[str, str]) -> None:
        if "password" in secrets:
            services.set_password(user, secrets["password"], actor=self.actor)
        if "pin" in secrets:
            services.set_pin(user, secrets["pin"], actor=self.actor)


def _taken(data: dict[str, Any]) -> dict[str, str]:
    return {name: data.pop(name) for name in ("password", "pin") if name in data}
