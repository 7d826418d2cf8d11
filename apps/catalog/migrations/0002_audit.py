import apps.audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="part",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "created_at",
                        "number",
                        "revision",
                        "name",
                        "unit",
                        "notes",
                        "is_active",
                    ],
                    hash="dfd0f1df38a4c47573c5c3c3246583482c4dbc97",
                    key="id",
                    nullable=["external_id"],
                    pgid="pgtrigger_audit_c52eb",
                    secret=[],
                    table="parts",
                ),
            ),
        ),
    ]
