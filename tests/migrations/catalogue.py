"""What a database is and holds, read from PostgreSQL's catalogue, to compare two moments."""

from collections.abc import Iterator

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Each row says one thing. Left out are what belongs to extensions, the table in which Django
# records migrations, and functions that no trigger calls any more: django-pgtrigger leaves them
# behind when it drops a trigger, and replaces them when it makes it again.
_THINGS = """
WITH relations AS (
    SELECT oid, relname, relkind, relpersistence, relispartition, relpartbound, relacl, relowner
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'django\\_migrations%'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
)
SELECT concat_ws(' ', 'relation', relname, relkind, relpersistence, relispartition,
    pg_get_expr(relpartbound, oid), pg_get_partkeydef(oid), relacl,
    CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END) FROM relations
UNION ALL
SELECT concat_ws(' ', 'column', relname, attname, format_type(atttypid, atttypmod), attcollation,
    attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
FROM relations JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relkind IN ('r', 'p', 'v')
UNION ALL
SELECT concat_ws(' ', 'constraint', relname, conname, convalidated, pg_get_constraintdef(con.oid))
FROM pg_constraint AS con JOIN relations ON relations.oid = conrelid
UNION ALL
SELECT concat_ws(' ', 'index', indisvalid, pg_get_indexdef(indexrelid))
FROM pg_index JOIN relations ON oid = indrelid
UNION ALL
SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), tgenabled, obj_description(t.oid),
    pg_get_functiondef(tgfoid))
FROM pg_trigger AS t JOIN relations ON relations.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'function', pg_get_functiondef(oid), proacl) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
    AND prorettype <> 'trigger'::regtype AND proname <> '_pgtrigger_should_ignore'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
UNION ALL
SELECT concat_ws(' ', 'type', typname, typtype) FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e')
"""
_COLUMNS = """
SELECT relname, array_agg(attname::text ORDER BY attname)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname <> 'django_migrations'
GROUP BY relname
"""

Prints = dict[tuple[str, str], tuple[int, int]]


def things() -> set[str]:
    """Return each column, constraint, index, trigger, function …, as PostgreSQL defines it."""
    with connection.cursor() as cursor:
        cursor.execute(_THINGS)
        return {thing for (thing,) in cursor.fetchall()}


def prints() -> Prints:
    """Return for each column its number of rows, and a sum that changes with any value."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        return {
            (table, column): found
            for table, columns in cursor.fetchall()
            for column, found in _of_table(cursor, table, columns)
        }


def _of_table(
    cursor: CursorWrapper, table: str, columns: list[str]
) -> Iterator[tuple[str, tuple[int, int]]]:
    quote = connection.ops.quote_name
    sums = "".join(f", sum(hashtextextended({quote(name)}::text, 0))" for name in columns)
    cursor.execute(f"SELECT count(*){sums} FROM {quote(table)}")  # noqa: S608 - of the catalogue
    count, *found = cursor.fetchone()
    yield from zip(columns, ((count, each) for each in found), strict=True)
