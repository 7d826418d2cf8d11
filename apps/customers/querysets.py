"""Questions about customers."""

from typing import TYPE_CHECKING, Self

from django.db import models

from apps.core.search import matching

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.customers.models import Customer  # noqa: F401 - named in a string


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about customers."""

    def active(self) -> Self:
        """Customers one may take jobs from."""
        return self.filter(is_active=True)

    def search(self, term: str) -> Self:
        """Customers whose name, code, contact or city holds every word.

        Uses index: idx_customers_name, or idx_customers_name_prefix under three letters.
        """
        return matching(self, term)

    def visible_to(self, user: "User") -> Self:
        """All with ``customers.view_customer``, else none: others see names on their steps."""
        return self.all() if user.has_perm("customers.view_customer") else self.none()
