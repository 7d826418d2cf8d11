from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AuditConfig(AppConfig):
    name = "apps.audit"
    verbose_name = "audit trail"

    def ready(self) -> None:
        """Have every connection say who acts."""
        from apps.audit import checks  # noqa: F401, PLC0415 - registered once the apps are ready
        from apps.audit.context import carry_context  # noqa: PLC0415 - needs the apps

        connection_created.connect(carry_context, dispatch_uid="audit")
