"""The trail: a table partitioned by month, which grows and is never changed."""

from django.db import migrations, models

TABLE = """
CREATE SEQUENCE audit_logs_id_seq;
CREATE TABLE audit_logs (
    id bigint NOT NULL DEFAULT nextval('audit_logs_id_seq'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id bigint,
    source varchar(10) NOT NULL,
    request_id varchar(64) NOT NULL,
    "table" varchar(63) NOT NULL,
    row_id bigint NOT NULL,
    action varchar(6) NOT NULL,
    changes jsonb NOT NULL,
    PRIMARY KEY (at, id),
    CONSTRAINT audit_logs_action_chk CHECK (action IN ('insert', 'update', 'delete'))
) PARTITION BY RANGE (at);
ALTER SEQUENCE audit_logs_id_seq OWNED BY audit_logs.id;

CREATE INDEX idx_audit_logs_row ON audit_logs ("table", row_id, at);
CREATE INDEX idx_audit_logs_actor_at ON audit_logs (actor_id, at);
CREATE INDEX idx_audit_logs_table_at ON audit_logs ("table", at);
CREATE INDEX idx_audit_logs_source_at ON audit_logs (source, at);
CREATE INDEX idx_audit_logs_deleted_at ON audit_logs (at) WHERE action = 'delete';
CREATE INDEX idx_audit_logs_at ON audit_logs USING brin (at, id);
"""

# Row triggers of the parent are cloned to its partitions; triggers on TRUNCATE are not.
REFUSAL = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is never changed: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER audit_refuse_change BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
"""

# Whoever was given rights to new tables by default keeps none to write here: rows come from the
# triggers' functions, which run as their owner.
PROTECTION = """
CREATE FUNCTION audit_protect(relation regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    EXECUTE format(
        'CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change()', relation
    );
    FOR name IN
        SELECT DISTINCT CASE WHEN given.grantee = 0 THEN 'PUBLIC'
                             ELSE quote_ident(pg_get_userbyid(given.grantee)) END
        FROM pg_class, aclexplode(pg_class.relacl) AS given
        WHERE pg_class.oid = relation AND given.grantee <> pg_class.relowner
    LOOP
        EXECUTE format(
            'REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %s FROM %s',
            relation, name
        );
    END LOOP;
END;
$$;
SELECT audit_protect('audit_logs');
"""

# Runs as the owner, so that the application may call it: all it can do is to make empty months.
PARTITIONS = """
CREATE FUNCTION audit_make_partitions(months integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this_month CONSTANT timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    starts timestamptz;
    ends timestamptz;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_make_partitions'));
    FOR number IN 0..least(months, 36) LOOP
        starts := (this_month + make_interval(months => number)) AT TIME ZONE 'UTC';
        ends := (this_month + make_interval(months => number + 1)) AT TIME ZONE 'UTC';
        name := 'audit_logs_' || to_char(starts AT TIME ZONE 'UTC', 'YYYY_MM');
        CONTINUE WHEN to_regclass(format('public.%I', name)) IS NOT NULL;
        IF EXISTS (SELECT FROM public.audit_logs_rest WHERE at >= starts AND at < ends) THEN
            RAISE WARNING '% is not made: its rows are in audit_logs_rest.', name;
            CONTINUE;
        END IF;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_logs INCLUDING ALL)', name);
        EXECUTE format(
            'ALTER TABLE public.audit_logs ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            name, starts, ends
        );
        PERFORM public.audit_protect(format('public.%I', name)::regclass);
        RETURN NEXT name;
    END LOOP;
END;
$$;
-- What comes when nobody made its month in time; a check says so.
CREATE TABLE audit_logs_rest PARTITION OF audit_logs DEFAULT;
SELECT audit_protect('audit_logs_rest');
SELECT audit_make_partitions(12);
"""

DROP = """
DROP TABLE audit_logs;
DROP FUNCTION audit_make_partitions(integer);
DROP FUNCTION audit_protect(regclass);
DROP FUNCTION audit_refuse_change();
"""


SOURCES = [
    ("admin", "The office"),
    ("api", "The API"),
    ("tasks", "Task pages"),
    ("web", "Other pages"),
    ("worker", "A background task"),
    ("import", "An import"),
    ("command", "A command"),
    ("sql", "SQL, outside Andon"),
]
ACTIONS = [("insert", "Added"), ("update", "Changed"), ("delete", "Deleted")]


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(TABLE + REFUSAL + PROTECTION + PARTITIONS, DROP),
        migrations.CreateModel(
            name="AuditLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_id", models.BigIntegerField(null=True)),
                ("source", models.CharField(choices=SOURCES, max_length=10)),
                ("request_id", models.CharField(max_length=64)),
                ("table", models.CharField(max_length=63)),
                ("row_id", models.BigIntegerField()),
                ("action", models.CharField(choices=ACTIONS, max_length=6)),
                (
                    "changes",
                    models.JSONField(
                        help_text="Column: [old, new]. An absent column was or is null."
                    ),
                ),
            ],
            options={
                "db_table": "audit_logs",
                "verbose_name": "change",
                "ordering": ("-at", "-id"),
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
