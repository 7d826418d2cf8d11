import apps.core.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="attachment",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="helpcall",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="job",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="job",
            name="jobs_transition",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="jobstep",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="jobstep",
            name="job_steps_transition",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="routing",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="routingstep",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="worklog",
            name="raise_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="worklog",
            name="work_logs_settled",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."content_type" IS DISTINCT FROM (NEW."content_type") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."file" IS DISTINCT FROM (NEW."file") OR OLD."file_name" IS DISTINCT FROM (NEW."file_name") OR OLD."job_id" IS DISTINCT FROM (NEW."job_id") OR OLD."machine_id" IS DISTINCT FROM (NEW."machine_id") OR OLD."part_id" IS DISTINCT FROM (NEW."part_id") OR OLD."routing_step_id" IS DISTINCT FROM (NEW."routing_step_id") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."step_id" IS DISTINCT FROM (NEW."step_id") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."uploaded_by_id" IS DISTINCT FROM (NEW."uploaded_by_id"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="0d9acdc88f391dc4b2a41099c75fb727cea1b705",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_b9372",
                    table="attachments",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="helpcall",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."answered_at" IS DISTINCT FROM (NEW."answered_at") OR OLD."answered_by_id" IS DISTINCT FROM (NEW."answered_by_id") OR OLD."machine_id" IS DISTINCT FROM (NEW."machine_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."raised_at" IS DISTINCT FROM (NEW."raised_at") OR OLD."raised_by_id" IS DISTINCT FROM (NEW."raised_by_id") OR OLD."step_id" IS DISTINCT FROM (NEW."step_id"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="a1579b114e9ca124279678d5ad202f1a36e5e8da",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_e2ddf",
                    table="help_calls",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."due_date" IS DISTINCT FROM (NEW."due_date") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."part_id" IS DISTINCT FROM (NEW."part_id") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."routing_id" IS DISTINCT FROM (NEW."routing_id") OR OLD."title" IS DISTINCT FROM (NEW."title"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="c784695bd935deacb4bdc21499c9380f3c1f9874",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_4f08f",
                    table="jobs",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="jobs_transition",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{active:cancelled,active:completed,active:on_hold,completed:active,draft:active,draft:cancelled,on_hold:active,on_hold:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="314c152269e51cc584c987d46ff7e63c80513069",
                    operation="UPDATE",
                    pgid="pgtrigger_jobs_transition_07d03",
                    table="jobs",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobstep",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."import_key" IS DISTINCT FROM (NEW."import_key") OR OLD."instructions" IS DISTINCT FROM (NEW."instructions") OR OLD."job_id" IS DISTINCT FROM (NEW."job_id") OR OLD."machine_id" IS DISTINCT FROM (NEW."machine_id") OR OLD."planned_minutes" IS DISTINCT FROM (NEW."planned_minutes") OR OLD."process_id" IS DISTINCT FROM (NEW."process_id") OR OLD."quantity_planned" IS DISTINCT FROM (NEW."quantity_planned") OR OLD."sequence" IS DISTINCT FROM (NEW."sequence") OR OLD."starts_after" IS DISTINCT FROM (NEW."starts_after"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="6b405f617b648106945130eaee7dbf7ee08c08f6",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_fb29a",
                    table="job_steps",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobstep",
            trigger=pgtrigger.compiler.Trigger(
                name="job_steps_transition",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{completed:in_progress,in_progress:cancelled,in_progress:completed,in_progress:paused,in_progress:ready,paused:cancelled,paused:in_progress,paused:skipped,pending:cancelled,pending:ready,pending:skipped,ready:cancelled,ready:in_progress,ready:pending,ready:skipped}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="cb1464d76ed93ea749e78daeddd2c3e03bc17ce9",
                    operation="UPDATE",
                    pgid="pgtrigger_job_steps_transition_5cacc",
                    table="job_steps",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routing",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."part_id" IS DISTINCT FROM (NEW."part_id"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="577e3d19ac6d57c00292b7c0519eae4d07c1f8ca",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_f7255",
                    table="routings",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingstep",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."instructions" IS DISTINCT FROM (NEW."instructions") OR OLD."machine_id" IS DISTINCT FROM (NEW."machine_id") OR OLD."process_id" IS DISTINCT FROM (NEW."process_id") OR OLD."routing_id" IS DISTINCT FROM (NEW."routing_id") OR OLD."run_minutes_per_unit" IS DISTINCT FROM (NEW."run_minutes_per_unit") OR OLD."sequence" IS DISTINCT FROM (NEW."sequence") OR OLD."setup_minutes" IS DISTINCT FROM (NEW."setup_minutes") OR OLD."starts_after" IS DISTINCT FROM (NEW."starts_after"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="00d3048b135cf87e02f2f676f4b0394011aef083",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_1cf83",
                    table="routing_steps",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worklog",
            trigger=pgtrigger.compiler.Trigger(
                name="raise_version",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."import_key" IS DISTINCT FROM (NEW."import_key") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."machine_id" IS DISTINCT FROM (NEW."machine_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."quantity_good" IS DISTINCT FROM (NEW."quantity_good") OR OLD."quantity_rework" IS DISTINCT FROM (NEW."quantity_rework") OR OLD."quantity_scrap" IS DISTINCT FROM (NEW."quantity_scrap") OR OLD."scrap_reason_id" IS DISTINCT FROM (NEW."scrap_reason_id") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."step_id" IS DISTINCT FROM (NEW."step_id") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                    func="NEW.version = OLD.version + 1; NEW.updated_at = now(); RETURN NEW;",
                    hash="911ecec9eb0d116543963e1b7d19b9d883d17166",
                    operation="UPDATE",
                    pgid="pgtrigger_raise_version_1e09b",
                    table="work_logs",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worklog",
            trigger=pgtrigger.compiler.Trigger(
                name="work_logs_settled",
                sql=apps.core.triggers.FirmSql(
                    condition="WHEN (OLD.ended_at < now() - interval '1 minute' OR OLD.started_at IS NULL)",
                    func="RAISE EXCEPTION 'a work log is never changed afterwards: add a correction' USING ERRCODE = 'restrict_violation';",
                    hash="87f17ac46f893827999230a80f81760b445d8bf1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_work_logs_settled_e30d2",
                    table="work_logs",
                    when="BEFORE",
                ),
            ),
        ),
    ]
