import apps.audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("shop", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="holiday",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["created_at", "date", "name"],
                    hash="4daffbe2cc4c52f9beecba2baf586f302599ecfb",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_ad4e3",
                    secret=[],
                    table="holidays",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shift",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["created_at", "name", "starts_at", "ends_at", "is_active"],
                    hash="5ffc7d8f6ff69629453c5ae41f9e392c52fba08a",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_93045",
                    secret=[],
                    table="shifts",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shop",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["created_at", "name", "time_zone", "is_demo"],
                    hash="572ce6a79b35379c0be18e17b9f770c7ce7b6d99",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_2f130",
                    secret=[],
                    table="shop",
                ),
            ),
        ),
    ]
