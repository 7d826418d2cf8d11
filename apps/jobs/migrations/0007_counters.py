import apps.core.triggers
import apps.counters.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("counters", "0001_initial"),
        ("jobs", "0006_job_steps_at_hand"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="count_inserts",
                sql=apps.counters.triggers.CountSql(
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'jobs_by_status\', ARRAY[changed."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'open_jobs_by_due_date\', ARRAY[changed."status"::text, to_char(changed."due_date"::timestamp, \'YYYY-MM-DD\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."status" IN (\'draft\', \'active\', \'on_hold\')), (\'open_jobs_by_due_month\', ARRAY[changed."status"::text, to_char(changed."due_date"::timestamp, \'YYYY-MM"-01"\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."status" IN (\'draft\', \'active\', \'on_hold\')), (\'jobs_created\', ARRAY[to_char(coalesce(changed."created_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'jobs_completed\', ARRAY[to_char(coalesce(changed."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."completed_at" IS NOT NULL), (\'lead_times\', ARRAY[to_char(coalesce(changed."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\'), floor(extract(epoch FROM changed."completed_at" - changed."released_at") / 86400)::bigint::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."completed_at" IS NOT NULL)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="d4e28224c277faee21ed5a0a7ae182d81355e729",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_inserts_9058e",
                    referencing="REFERENCING NEW TABLE AS changed_rows ",
                    table="jobs",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="count_updates",
                sql=apps.counters.triggers.CountSql(
                    condition='WHEN (OLD."completed_at" IS DISTINCT FROM NEW."completed_at" OR OLD."created_at" IS DISTINCT FROM NEW."created_at" OR OLD."due_date" IS DISTINCT FROM NEW."due_date" OR OLD."released_at" IS DISTINCT FROM NEW."released_at" OR OLD."status" IS DISTINCT FROM NEW."status")',
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM (VALUES (\'jobs_by_status\', ARRAY[OLD."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'jobs_by_status\', ARRAY[NEW."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'open_jobs_by_due_date\', ARRAY[OLD."status"::text, to_char(OLD."due_date"::timestamp, \'YYYY-MM-DD\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, OLD."status" IN (\'draft\', \'active\', \'on_hold\')), (\'open_jobs_by_due_date\', ARRAY[NEW."status"::text, to_char(NEW."due_date"::timestamp, \'YYYY-MM-DD\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, NEW."status" IN (\'draft\', \'active\', \'on_hold\')), (\'open_jobs_by_due_month\', ARRAY[OLD."status"::text, to_char(OLD."due_date"::timestamp, \'YYYY-MM"-01"\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, OLD."status" IN (\'draft\', \'active\', \'on_hold\')), (\'open_jobs_by_due_month\', ARRAY[NEW."status"::text, to_char(NEW."due_date"::timestamp, \'YYYY-MM"-01"\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, NEW."status" IN (\'draft\', \'active\', \'on_hold\')), (\'jobs_created\', ARRAY[to_char(coalesce(OLD."created_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'jobs_created\', ARRAY[to_char(coalesce(NEW."created_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'jobs_completed\', ARRAY[to_char(coalesce(OLD."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, OLD."completed_at" IS NOT NULL), (\'jobs_completed\', ARRAY[to_char(coalesce(NEW."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, NEW."completed_at" IS NOT NULL), (\'lead_times\', ARRAY[to_char(coalesce(OLD."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\'), floor(extract(epoch FROM OLD."completed_at" - OLD."released_at") / 86400)::bigint::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, OLD."completed_at" IS NOT NULL), (\'lead_times\', ARRAY[to_char(coalesce(NEW."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\'), floor(extract(epoch FROM NEW."completed_at" - NEW."released_at") / 86400)::bigint::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, NEW."completed_at" IS NOT NULL)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="a48c87587b637d7f6ed81fa87a60835f3b2c4bb5",
                    operation="UPDATE",
                    pgid="pgtrigger_count_updates_85221",
                    table="jobs",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="job",
            trigger=pgtrigger.compiler.Trigger(
                name="count_deletes",
                sql=apps.counters.triggers.CountSql(
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'jobs_by_status\', ARRAY[changed."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'open_jobs_by_due_date\', ARRAY[changed."status"::text, to_char(changed."due_date"::timestamp, \'YYYY-MM-DD\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."status" IN (\'draft\', \'active\', \'on_hold\')), (\'open_jobs_by_due_month\', ARRAY[changed."status"::text, to_char(changed."due_date"::timestamp, \'YYYY-MM"-01"\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."status" IN (\'draft\', \'active\', \'on_hold\')), (\'jobs_created\', ARRAY[to_char(coalesce(changed."created_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'jobs_completed\', ARRAY[to_char(coalesce(changed."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\')]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."completed_at" IS NOT NULL), (\'lead_times\', ARRAY[to_char(coalesce(changed."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM"-01"\'), floor(extract(epoch FROM changed."completed_at" - changed."released_at") / 86400)::bigint::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."completed_at" IS NOT NULL)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="d12f247493c7314b8dc8be933007b375ac7c6962",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deletes_1b991",
                    referencing="REFERENCING OLD TABLE AS changed_rows ",
                    table="jobs",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobstep",
            trigger=pgtrigger.compiler.Trigger(
                name="count_inserts",
                sql=apps.counters.triggers.CountSql(
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'steps_by_status\', ARRAY[changed."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'steps_by_machine\', ARRAY[changed."machine_id"::text, changed."status"::text]::text[], 1::bigint, 1 * changed."planned_minutes"::bigint, 0::bigint, 0::bigint, changed."machine_id" IS NOT NULL AND changed."status" IN (\'pending\', \'ready\', \'in_progress\', \'paused\')), (\'steps_by_assignee\', ARRAY[changed."assigned_to_id"::text, changed."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."assigned_to_id" IS NOT NULL), (\'steps_completed\', ARRAY[to_char(coalesce(changed."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), changed."assigned_to_id"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."completed_at" IS NOT NULL AND changed."completed_at" > now() - interval \'9 days\')) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="9b8c0438ce9dcc295ac9fb030277e83e454b762a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_inserts_4db6d",
                    referencing="REFERENCING NEW TABLE AS changed_rows ",
                    table="job_steps",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobstep",
            trigger=pgtrigger.compiler.Trigger(
                name="count_updates",
                sql=apps.counters.triggers.CountSql(
                    condition='WHEN (OLD."assigned_to_id" IS DISTINCT FROM NEW."assigned_to_id" OR OLD."completed_at" IS DISTINCT FROM NEW."completed_at" OR OLD."machine_id" IS DISTINCT FROM NEW."machine_id" OR OLD."planned_minutes" IS DISTINCT FROM NEW."planned_minutes" OR OLD."status" IS DISTINCT FROM NEW."status")',
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM (VALUES (\'steps_by_status\', ARRAY[OLD."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'steps_by_status\', ARRAY[NEW."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'steps_by_machine\', ARRAY[OLD."machine_id"::text, OLD."status"::text]::text[], -1::bigint, -1 * OLD."planned_minutes"::bigint, 0::bigint, 0::bigint, OLD."machine_id" IS NOT NULL AND OLD."status" IN (\'pending\', \'ready\', \'in_progress\', \'paused\')), (\'steps_by_machine\', ARRAY[NEW."machine_id"::text, NEW."status"::text]::text[], 1::bigint, 1 * NEW."planned_minutes"::bigint, 0::bigint, 0::bigint, NEW."machine_id" IS NOT NULL AND NEW."status" IN (\'pending\', \'ready\', \'in_progress\', \'paused\')), (\'steps_by_assignee\', ARRAY[OLD."assigned_to_id"::text, OLD."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, OLD."assigned_to_id" IS NOT NULL), (\'steps_by_assignee\', ARRAY[NEW."assigned_to_id"::text, NEW."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, NEW."assigned_to_id" IS NOT NULL), (\'steps_completed\', ARRAY[to_char(coalesce(OLD."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), OLD."assigned_to_id"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, OLD."completed_at" IS NOT NULL AND OLD."completed_at" > now() - interval \'9 days\'), (\'steps_completed\', ARRAY[to_char(coalesce(NEW."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), NEW."assigned_to_id"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, NEW."completed_at" IS NOT NULL AND NEW."completed_at" > now() - interval \'9 days\')) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="1254ad2a23c6871fb701e54f37a8ed76719db135",
                    operation="UPDATE",
                    pgid="pgtrigger_count_updates_0d4e9",
                    table="job_steps",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobstep",
            trigger=pgtrigger.compiler.Trigger(
                name="count_deletes",
                sql=apps.counters.triggers.CountSql(
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'steps_by_status\', ARRAY[changed."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'steps_by_machine\', ARRAY[changed."machine_id"::text, changed."status"::text]::text[], -1::bigint, -1 * changed."planned_minutes"::bigint, 0::bigint, 0::bigint, changed."machine_id" IS NOT NULL AND changed."status" IN (\'pending\', \'ready\', \'in_progress\', \'paused\')), (\'steps_by_assignee\', ARRAY[changed."assigned_to_id"::text, changed."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."assigned_to_id" IS NOT NULL), (\'steps_completed\', ARRAY[to_char(coalesce(changed."completed_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), changed."assigned_to_id"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, changed."completed_at" IS NOT NULL AND changed."completed_at" > now() - interval \'9 days\')) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="3891acf64c37c8609668a9f1ea8070955feb2851",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deletes_94d5f",
                    referencing="REFERENCING OLD TABLE AS changed_rows ",
                    table="job_steps",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jobstep",
            trigger=pgtrigger.compiler.Trigger(
                name="job_steps_process_settled",
                sql=apps.core.triggers.FirmSql(
                    condition='WHEN (OLD."process_id" IS DISTINCT FROM (NEW."process_id"))',
                    func="IF OLD.status NOT IN ('pending', 'ready') OR EXISTS (SELECT FROM public.work_logs WHERE step_id = OLD.id) THEN RAISE EXCEPTION 'a step that was begun keeps its process' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;",
                    hash="e4c541ab44fe0b50650af6f69b597c8200e393f3",
                    operation="UPDATE",
                    pgid="pgtrigger_job_steps_process_settled_ac718",
                    table="job_steps",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worklog",
            trigger=pgtrigger.compiler.Trigger(
                name="count_inserts",
                sql=apps.counters.triggers.CountSql(
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'output\', ARRAY[to_char(coalesce(changed."ended_at", changed."started_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), (SELECT referred."process_id" FROM public.job_steps AS referred WHERE referred.id = changed."step_id")::text]::text[], 1::bigint, 1 * changed."quantity_good"::bigint, 1 * changed."quantity_scrap"::bigint, 1 * changed."quantity_rework"::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="bdb5c94abe31e62b10a197d35182f8f38049ba8c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_inserts_a4b17",
                    referencing="REFERENCING NEW TABLE AS changed_rows ",
                    table="work_logs",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worklog",
            trigger=pgtrigger.compiler.Trigger(
                name="count_updates",
                sql=apps.counters.triggers.CountSql(
                    condition='WHEN (OLD."ended_at" IS DISTINCT FROM NEW."ended_at" OR OLD."quantity_good" IS DISTINCT FROM NEW."quantity_good" OR OLD."quantity_rework" IS DISTINCT FROM NEW."quantity_rework" OR OLD."quantity_scrap" IS DISTINCT FROM NEW."quantity_scrap" OR OLD."started_at" IS DISTINCT FROM NEW."started_at" OR OLD."step_id" IS DISTINCT FROM NEW."step_id")',
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM (VALUES (\'output\', ARRAY[to_char(coalesce(OLD."ended_at", OLD."started_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), (SELECT referred."process_id" FROM public.job_steps AS referred WHERE referred.id = OLD."step_id")::text]::text[], -1::bigint, -1 * OLD."quantity_good"::bigint, -1 * OLD."quantity_scrap"::bigint, -1 * OLD."quantity_rework"::bigint, true), (\'output\', ARRAY[to_char(coalesce(NEW."ended_at", NEW."started_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), (SELECT referred."process_id" FROM public.job_steps AS referred WHERE referred.id = NEW."step_id")::text]::text[], 1::bigint, 1 * NEW."quantity_good"::bigint, 1 * NEW."quantity_scrap"::bigint, 1 * NEW."quantity_rework"::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="862f93b1e653a53bea45a3cc0c73c1dadc7020c1",
                    operation="UPDATE",
                    pgid="pgtrigger_count_updates_b4fc0",
                    table="work_logs",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worklog",
            trigger=pgtrigger.compiler.Trigger(
                name="count_deletes",
                sql=apps.counters.triggers.CountSql(
                    declare="DECLARE shop_zone text := coalesce((SELECT time_zone FROM public.counter_state), 'UTC');",
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'output\', ARRAY[to_char(coalesce(changed."ended_at", changed."started_at") AT TIME ZONE shop_zone, \'YYYY-MM-DD\'), (SELECT referred."process_id" FROM public.job_steps AS referred WHERE referred.id = changed."step_id")::text]::text[], -1::bigint, -1 * changed."quantity_good"::bigint, -1 * changed."quantity_scrap"::bigint, -1 * changed."quantity_rework"::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="dda461cf6aaed53df1ae414194ea48309e288119",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deletes_fe935",
                    referencing="REFERENCING OLD TABLE AS changed_rows ",
                    table="work_logs",
                    when="AFTER",
                ),
            ),
        ),
    ]
