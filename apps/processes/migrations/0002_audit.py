import apps.audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("processes", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "created_at",
                        "code",
                        "name",
                        "description",
                        "needs_machine",
                        "is_active",
                    ],
                    hash="7bb02755759a4466efa18864aa83e2c9bab5e7ff",
                    key="id",
                    nullable=["standard_minutes"],
                    pgid="pgtrigger_audit_15673",
                    secret=[],
                    table="processes",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roleprocesspermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "created_at",
                        "role_id",
                        "process_id",
                        "can_view",
                        "can_execute",
                        "can_supervise",
                    ],
                    hash="0de094eb9edb510d6ba55e780ae615c65b27a10d",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_0bb23",
                    secret=[],
                    table="role_process_permissions",
                ),
            ),
        ),
    ]
