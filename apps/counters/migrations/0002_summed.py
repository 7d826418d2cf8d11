"""Parts are summed as a whole or not at all: what was summed by some keys is nowhere asked for."""

from importlib import import_module

from django.db import migrations

before = import_module("apps.counters.migrations.0001_initial")

READ = """
CREATE OR REPLACE FUNCTION counters_read(parts json) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        WITH recent AS MATERIALIZED (
            SELECT counter, keys, count(*) AS deltas, sum(count)::bigint AS count,
                sum(sum_1)::bigint AS sum_1, sum(sum_2)::bigint AS sum_2, sum(sum_3)::bigint AS sum_3
            FROM public.counter_deltas GROUP BY counter, keys
        ), asked AS MATERIALIZED (
            SELECT place, counter COLLATE "C" AS counter, low COLLATE "C" AS low,
                high COLLATE "C" AS high, summed
            FROM json_to_recordset(parts)
                AS part (place integer, counter text, low text[], high text[], summed boolean)
        ), found AS (
            SELECT place, keys, count, sum_1, sum_2, sum_3 FROM asked, LATERAL (
                SELECT keys, count, sum_1, sum_2, sum_3 FROM public.counter_sums AS sums
                WHERE sums.counter = asked.counter AND keys >= low AND keys < high
                OFFSET 0  -- A range of the index for each part, whatever the planner expects.
            ) AS stored WHERE NOT summed
            UNION ALL
            SELECT place, '{}', count, sum_1, sum_2, sum_3 FROM asked, LATERAL (
                SELECT coalesce(sum(count), 0)::bigint AS count,
                    coalesce(sum(sum_1), 0)::bigint AS sum_1,
                    coalesce(sum(sum_2), 0)::bigint AS sum_2,
                    coalesce(sum(sum_3), 0)::bigint AS sum_3
                FROM public.counter_sums AS sums
                WHERE sums.counter = asked.counter AND keys >= low AND keys < high
            ) AS stored WHERE summed
            UNION ALL
            SELECT place, CASE WHEN summed THEN '{}' ELSE keys END, count, sum_1, sum_2, sum_3
            FROM asked JOIN recent
                ON recent.counter = asked.counter AND keys >= low AND keys < high
        )
        SELECT concat(
            '[', (SELECT coalesce(sum(deltas), 0)::bigint FROM recent), ',[', (
                SELECT string_agg(concat(
                    '[', place, ',', to_json(keys), ',', count,
                    ',', sum_1, ',', sum_2, ',', sum_3, ']'
                ), ',') FROM found
            ), ']]'
        )
    );
END;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("counters", "0001_initial")]

    operations = [
        migrations.RunSQL(READ, f"{before.DROP}; {before.READ}"),
    ]
