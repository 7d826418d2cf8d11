import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="part",
            name="raise_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="part",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."revision" IS DISTINCT FROM (NEW."revision") OR OLD."unit" IS DISTINCT FROM (NEW."unit"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="3f20542b80c97ff2e985e3af780aca687224e723",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_f5918",
                    table="parts",
                    when="BEFORE",
                ),
            ),
        ),
    ]
