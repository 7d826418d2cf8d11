"""A task that a worker of the tests knows besides its own."""

from celery import shared_task

from apps.customers.models import Customer


@shared_task(name="background.move_customers")
def move_customers(city: str) -> None:
    """Change every customer."""
    Customer.objects.update(city=city)
