"""Addresses of customers."""

from apps.api.addresses import records
from apps.customers.api.views import CustomerView

urlpatterns = records("customers", CustomerView)
