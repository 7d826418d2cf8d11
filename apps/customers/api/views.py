"""Customers."""

from collections.abc import Sequence

from apps.api.filters import instant, text
from apps.api.records import ByExternalId, Deletes
from apps.customers import services
from apps.customers.api.items import CustomerItem
from apps.customers.api.rows import CustomerRow
from apps.customers.models import Customer


class CustomerView(ByExternalId[Customer], Deletes[Customer]):
    """Who jobs are for. Whoever may not see customers finds their names on jobs."""

    model, row, item = Customer, CustomerRow, CustomerItem
    searched = True
    orderings = {
        "id": ("pk",),
        "name": ("name",),
        "code": ("code",),
        "created_at": ("created_at",),
        "updated_at": ("updated_at",),
    }
    filters = {
        "code": text(),
        "external_id": text(),
        "name": text(),
        "email": text(),
        "phone": text(),
        "created_at": instant(),
        "updated_at": instant(),
    }

    def store(self, record: Customer, fields: Sequence[str] | None) -> None:
        services.save_customer(record, actor=self.actor, fields=fields)
