import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("machines", "0002_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="machine",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="machinedowntime",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="reason",
            name="raise_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machine",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."capacity" IS DISTINCT FROM (NEW."capacity") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."hourly_rate" IS DISTINCT FROM (NEW."hourly_rate") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."location" IS DISTINCT FROM (NEW."location") OR OLD."name" IS DISTINCT FROM (NEW."name"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="ddaf5f57e4d4625fca7581dffc1db0f8c2d3c2e1",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_0596f",
                    table="machines",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machinedowntime",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."machine_id" IS DISTINCT FROM (NEW."machine_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."reason_id" IS DISTINCT FROM (NEW."reason_id") OR OLD."reported_by_id" IS DISTINCT FROM (NEW."reported_by_id") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="ce4a7b0f56692ae2547751d765db519e08dea7d9",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_365ac",
                    table="machine_downtimes",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reason",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."name" IS DISTINCT FROM (NEW."name"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="763c249dc5eea6a9d32e922a68b0396fc96581a7",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_72188",
                    table="reasons",
                    when="BEFORE",
                ),
            ),
        ),
    ]
