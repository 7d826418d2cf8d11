import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="role",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="user",
            name="raise_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."group_id" IS DISTINCT FROM (NEW."group_id") OR OLD."has_office_access" IS DISTINCT FROM (NEW."has_office_access") OR OLD."home" IS DISTINCT FROM (NEW."home") OR OLD."name" IS DISTINCT FROM (NEW."name"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="0d6c4f898ea35b69ee3834c75f4b312291cdb5bf",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_d3296",
                    table="roles",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."badge_code" IS DISTINCT FROM (NEW."badge_code") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."full_name" IS DISTINCT FROM (NEW."full_name") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."role_id" IS DISTINCT FROM (NEW."role_id") OR OLD."username" IS DISTINCT FROM (NEW."username"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="82f78195c07b38dd913c43d7847d861f628cb5ac",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_29fa6",
                    table="users",
                    when="BEFORE",
                ),
            ),
        ),
    ]
