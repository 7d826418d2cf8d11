"""Who asks, as far as answers depend on it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Self

from apps.accounts.models import User
from apps.processes.policies import EVERY
from apps.processes.selectors import process_rights
from apps.shop.selectors import today

SEES_ALL = "jobs.view_job"
SEES_USERS = "accounts.view_user"


@dataclass(frozen=True, slots=True)
class Asker:
    """A user on a day of the shop, with what they may see: a key of cached reads.

    ``processes`` are those they may work on, None for all. ``user`` is carried for questions that
    take one, and is no part of the key.
    """

    user_id: int
    day: date
    sees_all: bool
    sees_users: bool
    processes: tuple[int, ...] | None
    user: User = field(compare=False, repr=False)

    @classmethod
    def of(cls, user: User) -> Self:
        """Return the asker, today. Queries: 0 while cached."""
        can_all = user.has_perm(EVERY)
        return cls(
            user_id=user.pk,
            day=today(),
            sees_all=user.has_perm(SEES_ALL),
            sees_users=user.has_perm(SEES_USERS),
            processes=None if can_all else tuple(sorted(process_rights(user.role_id).execute)),
            user=user,
        )

    @property
    def scope(self) -> "Asker | date":
        """What an answer about jobs depends on: all who see all jobs get the same on a day."""
        return self.day if self.sees_all else self
