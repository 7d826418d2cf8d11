"""What every installation begins with: roles, reasons, the shop's settings, an administrator."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import Role, User
from apps.accounts.roles import ADMINISTRATOR
from apps.accounts.services import seed_roles
from apps.machines.services import seed_reasons
from apps.shop.services import seed_shop


@transaction.atomic
def seed() -> list[Role]:
    """Make the roles, reasons and settings that a first start needs; return the roles made.

    A shop that has roles keeps them as they are: one it deleted stays away.
    """
    seed_shop()
    seed_reasons()
    return [] if Role.objects.exists() else seed_roles()


def is_seeded() -> bool:
    """Whether an earlier set-up got past its migrations."""
    return Role.objects.filter(code=ADMINISTRATOR).exists()


def has_administrator() -> bool:
    """Whether someone can sign in who may do everything."""
    return bool(User.objects.active().filter(role__code=ADMINISTRATOR).exists())


@transaction.atomic
def create_first_administrator(*, username: str, email: str, password: str) -> User:
    """Create the administrator who makes all other users.

    Raises: ValidationError, with all that is wrong by field: name, e-mail and password.
    """
    role = Role.objects.get(code=ADMINISTRATOR)
    user = User(username=username, full_name=username, email=email or None, role=role)
    wrong: dict[str, list[str]] = {}
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        wrong |= error.message_dict
    try:
        validate_password(password, user)
    except ValidationError as error:
        wrong["password"] = error.messages
    if wrong:
        raise ValidationError(wrong)
    user.set_password(password)
    user.save(force_insert=True)
    return user
