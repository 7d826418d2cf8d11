import apps.audit.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="RolePermission",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.group_permissions",),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "created_at",
                        "code",
                        "name",
                        "description",
                        "home",
                        "has_office_access",
                        "group_id",
                    ],
                    hash="612f4a3dad28d331f8f520e72dbba6bb68ba4233",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_dab72",
                    secret=[],
                    table="roles",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=[
                        "username",
                        "is_active",
                        "created_at",
                        "full_name",
                        "phone",
                        "role_id",
                    ],
                    hash="c913fa5810a4fbf5e6e8547385667da6f766c596",
                    key="id",
                    nullable=["email", "badge_code"],
                    pgid="pgtrigger_audit_89230",
                    secret=["password", "pin"],
                    table="users",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolepermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=apps.audit.triggers.AuditSql(
                    columns=["group_id", "permission_id"],
                    hash="74fa0f08b5d5934786fcbad80dc80a426cbc419f",
                    key="id",
                    nullable=[],
                    pgid="pgtrigger_audit_97b62",
                    secret=[],
                    table="auth_group_permissions",
                ),
            ),
        ),
    ]
