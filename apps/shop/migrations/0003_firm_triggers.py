import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0002_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="holiday",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="shift",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="shop",
            name="raise_version",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="holiday",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."date" IS DISTINCT FROM (NEW."date") OR OLD."name" IS DISTINCT FROM (NEW."name"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="9c846b5b8b92bf97096cdb771facd5330c194722",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_4fb04",
                    table="holidays",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shift",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."starts_at" IS DISTINCT FROM (NEW."starts_at"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="6ae74cdec952379bf9663fb15a4e62951a5a663a",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_4522f",
                    table="shifts",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shop",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."is_demo" IS DISTINCT FROM (NEW."is_demo") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="7d9368de415834b31486ea23d1919773326d563f",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_adc52",
                    table="shop",
                    when="BEFORE",
                ),
            ),
        ),
    ]
