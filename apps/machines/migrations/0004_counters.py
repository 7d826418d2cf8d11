import apps.counters.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("counters", "0001_initial"),
        ("machines", "0003_firm_triggers"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="machine",
            trigger=pgtrigger.compiler.Trigger(
                name="count_inserts",
                sql=apps.counters.triggers.CountSql(
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'machines_by_status\', ARRAY[changed."is_active"::text, changed."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="9ff893fe77f53d6cb25790dfdb77503f80fd0ab1",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_inserts_dc2ff",
                    referencing="REFERENCING NEW TABLE AS changed_rows ",
                    table="machines",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machine",
            trigger=pgtrigger.compiler.Trigger(
                name="count_updates",
                sql=apps.counters.triggers.CountSql(
                    condition='WHEN (OLD."is_active" IS DISTINCT FROM NEW."is_active" OR OLD."status" IS DISTINCT FROM NEW."status")',
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM (VALUES (\'machines_by_status\', ARRAY[OLD."is_active"::text, OLD."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'machines_by_status\', ARRAY[NEW."is_active"::text, NEW."status"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="efe50f131ef490681b0205749a806ce0362b072c",
                    operation="UPDATE",
                    pgid="pgtrigger_count_updates_3fb08",
                    table="machines",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="machine",
            trigger=pgtrigger.compiler.Trigger(
                name="count_deletes",
                sql=apps.counters.triggers.CountSql(
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'machines_by_status\', ARRAY[changed."is_active"::text, changed."status"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="7d2650c6b0584068dcc7d268df9de8315a64fe19",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deletes_75571",
                    referencing="REFERENCING OLD TABLE AS changed_rows ",
                    table="machines",
                    when="AFTER",
                ),
            ),
        ),
    ]
