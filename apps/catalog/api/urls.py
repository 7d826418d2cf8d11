"""Addresses of parts."""

from apps.api.addresses import records
from apps.catalog.api.views import PartView

urlpatterns = records("parts", PartView)
