"""The counters' tables, and the one statement that reads them."""

import django.contrib.postgres.fields
from django.db import migrations, models

# Sums are updated in place, over and over: with room in the page no index has to follow.
STORAGE = """
ALTER TABLE counter_sums SET (fillfactor = 70);
ALTER TABLE counter_deltas SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_threshold = -1
);
"""

# A function for its kept plan: planning costs more than reading. Asked and answered in JSON, the
# answer written by hand, which takes a third of the time: how many deltas there were, and for each
# part (by its place) keys with amounts. Keys may come twice, stored and recent: the reader adds.
READ = """
CREATE FUNCTION counters_read(parts json) RETURNS text
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        WITH recent AS MATERIALIZED (
            SELECT counter, keys, count(*) AS deltas, sum(count)::bigint AS count,
                sum(sum_1)::bigint AS sum_1, sum(sum_2)::bigint AS sum_2, sum(sum_3)::bigint AS sum_3
            FROM public.counter_deltas GROUP BY counter, keys
        ), asked AS MATERIALIZED (
            SELECT place, counter COLLATE "C" AS counter, low COLLATE "C" AS low,
                high COLLATE "C" AS high, depth
            FROM json_to_recordset(parts)
                AS part (place integer, counter text, low text[], high text[], depth integer)
        ), found AS (
            SELECT place, keys, count, sum_1, sum_2, sum_3 FROM asked, LATERAL (
                SELECT keys, count, sum_1, sum_2, sum_3 FROM public.counter_sums AS sums
                WHERE sums.counter = asked.counter AND keys >= low AND keys < high
                OFFSET 0  -- A range of the index for each part, whatever the planner expects.
            ) AS stored WHERE depth IS NULL
            UNION ALL
            SELECT place, keys[1:depth], sum(count)::bigint, sum(sum_1)::bigint,
                sum(sum_2)::bigint, sum(sum_3)::bigint
            FROM asked, LATERAL (
                SELECT keys, count, sum_1, sum_2, sum_3 FROM public.counter_sums AS sums
                WHERE sums.counter = asked.counter AND keys >= low AND keys < high
                OFFSET 0
            ) AS stored WHERE depth IS NOT NULL GROUP BY 1, 2
            UNION ALL
            SELECT place, coalesce(keys[1:depth], keys), count, sum_1, sum_2, sum_3
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
DROP = "DROP FUNCTION counters_read(json)"


def amounts() -> list[tuple[str, models.Field]]:
    """Return the columns of deltas and sums alike."""
    return [
        ("counter", models.CharField(db_collation="C", max_length=40)),
        (
            "keys",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(db_collation="C", null=True), size=None
            ),
        ),
        ("count", models.BigIntegerField()),
        ("sum_1", models.BigIntegerField(db_default=0)),
        ("sum_2", models.BigIntegerField(db_default=0)),
        ("sum_3", models.BigIntegerField(db_default=0)),
    ]


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CounterDelta",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                *amounts(),
            ],
            options={"db_table": "counter_deltas"},
        ),
        migrations.CreateModel(
            name="CounterSum",
            fields=[
                *amounts(),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "counter",
                        "keys",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={"db_table": "counter_sums"},
        ),
        migrations.CreateModel(
            name="CounterState",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("time_zone", models.CharField(db_default="UTC", max_length=64)),
                ("checked_at", models.DateTimeField(null=True)),
                (
                    "differences",
                    models.PositiveIntegerField(
                        db_default=0,
                        help_text="Keys whose count was not that of the rows at the last check.",
                    ),
                ),
            ],
            options={
                "db_table": "counter_state",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="counter_state_only_chk"
                    )
                ],
            },
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(READ, DROP),
    ]
