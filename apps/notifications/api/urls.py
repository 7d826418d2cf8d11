"""Addresses of notifications."""

from apps.api.addresses import records
from apps.notifications.api.views import NotificationView

urlpatterns = records("notifications", NotificationView)
