import apps.counters.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("counters", "0001_initial"),
        ("accounts", "0005_terminals"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="count_inserts",
                sql=apps.counters.triggers.CountSql(
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'users_by_role\', ARRAY[changed."role_id"::text, changed."is_active"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="53dc1ceafa54896ff052fea4732d7320103341cb",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_inserts_54e76",
                    referencing="REFERENCING NEW TABLE AS changed_rows ",
                    table="users",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="count_updates",
                sql=apps.counters.triggers.CountSql(
                    condition='WHEN (OLD."is_active" IS DISTINCT FROM NEW."is_active" OR OLD."role_id" IS DISTINCT FROM NEW."role_id")',
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM (VALUES (\'users_by_role\', ARRAY[OLD."role_id"::text, OLD."is_active"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true), (\'users_by_role\', ARRAY[NEW."role_id"::text, NEW."is_active"::text]::text[], 1::bigint, 0::bigint, 0::bigint, 0::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="d9cfe9c7246a713ca6408363083edc5ced7e4223",
                    operation="UPDATE",
                    pgid="pgtrigger_count_updates_6b091",
                    table="users",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="count_deletes",
                sql=apps.counters.triggers.CountSql(
                    func='INSERT INTO public.counter_deltas (counter, keys, count, sum_1, sum_2, sum_3) SELECT told.counter, told.keys, sum(told.count), sum(told.sum_1), sum(told.sum_2), sum(told.sum_3) FROM changed_rows AS changed CROSS JOIN LATERAL (VALUES (\'users_by_role\', ARRAY[changed."role_id"::text, changed."is_active"::text]::text[], -1::bigint, 0::bigint, 0::bigint, 0::bigint, true)) AS told (counter, keys, count, sum_1, sum_2, sum_3, holds) WHERE told.holds GROUP BY told.counter, told.keys HAVING sum(told.count) <> 0 OR sum(told.sum_1) <> 0 OR sum(told.sum_2) <> 0 OR sum(told.sum_3) <> 0; RETURN NULL;',
                    hash="04436aed1af39d93d78fd09eb3cda774d233fea7",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deletes_221ac",
                    referencing="REFERENCING OLD TABLE AS changed_rows ",
                    table="users",
                    when="AFTER",
                ),
            ),
        ),
    ]
