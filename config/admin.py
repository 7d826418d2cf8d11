"""The admin, with our site in place of Django's."""

from django.contrib.admin.apps import AdminConfig


class AndonAdminConfig(AdminConfig):
    default_site = "apps.backoffice.site.BackofficeSite"
