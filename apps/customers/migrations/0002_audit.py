import apps.audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="customer",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "created_at",
                        "code",
                        "name",
                        "contact_name",
                        "email",
                        "phone",
                        "address",
                        "city",
                        "country",
                        "tax_number",
                        "notes",
                        "is_active",
                    ],
                    hash="f5f6d4a68eb58fbe0b78314f9de06c1a77e7d5d3",
                    key="id",
                    nullable=["external_id"],
                    pgid="pgtrigger_audit_f21d3",
                    secret=[],
                    table="customers",
                ),
            ),
        ),
    ]
