"""Every change to users and roles."""

from collections.abc import Collection, Iterable
from uuid import uuid4

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts import pins
from apps.accounts.errors import LastAdministrator
from apps.accounts.models import Role, User
from apps.accounts.roles import ADMINISTRATOR, STARTING_ROLES, StartingRole
from apps.accounts.selectors import role_permissions
from apps.core.db import refusals
from apps.core.errors import Invalid
from apps.core.policies import Actor
from apps.core.records import delete_record, raise_version, require_record, save_record


@transaction.atomic
def save_user(user: User, *, actor: Actor, fields: Collection[str] | None = None) -> None:
    """Insert a user, or write the given columns of a stored one; an empty text may mean none.

    Raises: NotPermitted, LastAdministrator, Invalid.
    Locks:  the administrators, when one may be about to go.
    """
    user.clean()
    stored = None if user._state.adding else User.objects.with_labels().get(pk=user.pk)
    if stored and stored.is_superuser and not (user.is_active and user.is_superuser):
        _require_another_administrator(user)
    save_record(user, actor=actor, fields=fields)


def lock_administrators() -> list[int]:
    """Lock the active administrators, before any user of them, and return their keys in order."""
    administrators = User.objects.active().filter(role__code=ADMINISTRATOR).order_by("pk")
    locked = administrators.select_for_update(of=("self",), no_key=True)
    return list(locked.values_list("pk", flat=True))


def _require_another_administrator(user: User) -> None:
    if lock_administrators() == [user.pk]:
        raise LastAdministrator(
            _("%(user)s is the last active administrator. Make someone else one first.")
            % {"user": user},
            field="role",
        )


@transaction.atomic
def delete_user(user: User, *, actor: Actor) -> None:
    """Delete a user to whom nothing refers.

    Raises: NotPermitted, LastAdministrator, InUse.
    Locks:  the administrators, when one is about to go.
    """
    require_record("delete", User, actor=actor)
    if user.is_superuser and user.is_active:
        _require_another_administrator(user)
    delete_record(user, actor=actor)


def set_password(user: User, password: str, *, actor: Actor) -> None:
    """Set someone's password: whatever they are signed in with counts no more.

    Raises: NotPermitted; Invalid for one that is too easily guessed.
    """
    require_record("change", User, actor=actor)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
    user.set_password(password)
    user.save(update_fields=["password"])


def set_pin(user: User, pin: str, *, actor: Actor) -> None:
    """Set the PIN for shared tablets (hashed), or take it away with an empty one.

    Whatever they are signed in with at a terminal counts no more.

    Raises: NotPermitted; Invalid for one that is too easily guessed.
    """
    require_record("change", User, actor=actor)
    _keep_pin(user, pin)


def choose_pin(pin: str, *, actor: User) -> None:
    """Set one's own PIN, behind one's password. Raises: Invalid."""
    _keep_pin(actor, pin)


def _keep_pin(user: User, pin: str) -> None:
    if pin:
        pins.require_good(pin, field="pin")
    user.pin = pins.hashed(pin) if pin else ""
    user.auth_hashes = ()  # What stood for the last one counts no more.
    user.save(update_fields=["pin"])


@transaction.atomic
def save_role(
    role: Role,
    *,
    actor: Actor,
    permissions: Iterable[Permission] | None = None,
    fields: Collection[str] | None = None,
) -> None:
    """Insert or change a role, with its group behind it and, if given, its permissions.

    Raises: NotPermitted, Invalid.
    """
    adding = role._state.adding
    require_record("add" if adding else "change", Role, actor=actor)
    answers = {}
    if adding:
        role.group = Group.objects.create(name=str(uuid4()))  # Until the role has its key.
        if not role.code:
            role.code = slugify(role.name)[:50] or f"role-{role.group.pk}"
            like = _("Another role has this name, or one that is written much alike.")
            answers["roles_code_key"] = Invalid(like, field="name")
    with refusals(Role, answers):
        role.save(update_fields=None if adding else fields)
        Group.objects.filter(pk=role.group_id).update(name=_group_name(role.name, role.pk))
    if permissions is not None:
        _set_permissions(role, {permission.pk for permission in permissions})
    role_permissions.forget(role.pk)


def _set_permissions(role: Role, wanted: set[int]) -> None:
    if wanted != set(role.group.permissions.values_list("pk", flat=True)):
        role.group.permissions.set(wanted)
        raise_version(role)


@transaction.atomic
def delete_role(role: Role, *, actor: Actor) -> None:
    """Delete a role that nobody has. Raises: NotPermitted, InUse."""
    group = role.group
    delete_record(role, actor=actor)
    group.permissions.clear()
    group.delete()


def _group_name(name: str, key: int) -> str:
    """Names of groups are unseen; the key keeps them apart when roles swap names."""
    return f"{name} #{key}"[:150]


@transaction.atomic
def seed_roles() -> list[Role]:
    """Make the starting roles that are missing, with their rights; return those made.

    A role that exists is left as the shop has it.
    """
    there = set(Role.objects.values_list("code", flat=True))
    return [_seed(start) for start in STARTING_ROLES if start.code not in there]


def _seed(start: StartingRole) -> Role:
    group, _ = Group.objects.get_or_create(name=f"{start.name} ({start.code})")
    role = Role.objects.create(
        code=start.code,
        name=start.name,
        description=start.description,
        home=start.home,
        has_office_access=start.has_office_access,
        group=group,
    )
    named = {
        f"{app}.{codename}": key
        for key, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    role.group.permissions.set([named[permission] for permission in start.permissions])
    role_permissions.forget(role.pk)
    return role
