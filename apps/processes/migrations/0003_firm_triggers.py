import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("processes", "0002_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="process",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="roleprocesspermission",
            name="raise_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="process",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."needs_machine" IS DISTINCT FROM (NEW."needs_machine") OR OLD."standard_minutes" IS DISTINCT FROM (NEW."standard_minutes"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="8bdb43a04acee380b0b491f3ae3bfe92e3312fbc",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_e9cce",
                    table="processes",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roleprocesspermission",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."can_execute" IS DISTINCT FROM (NEW."can_execute") OR OLD."can_supervise" IS DISTINCT FROM (NEW."can_supervise") OR OLD."can_view" IS DISTINCT FROM (NEW."can_view") OR OLD."process_id" IS DISTINCT FROM (NEW."process_id") OR OLD."role_id" IS DISTINCT FROM (NEW."role_id"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="3cbe4de594bf9455de930b8fbb823aed58416c20",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_12461",
                    table="role_process_permissions",
                    when="BEFORE",
                ),
            ),
        ),
    ]
