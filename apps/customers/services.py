"""Storing customers."""

from collections.abc import Collection

from apps.core.policies import Actor
from apps.core.records import save_record
from apps.customers.models import Customer


def save_customer(
    customer: Customer, *, actor: Actor, fields: Collection[str] | None = None
) -> None:
    """Insert or change a customer; one without a code is given the next.

    Raises: NotPermitted, Invalid.
    """
    if not customer.code:
        customer.code = Customer._meta.get_field("code").get_default()
    save_record(customer, actor=actor, fields=fields)
