"""The index report, on made-up tables in a real PostgreSQL."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from apps.observability import index_page, indexes

TABLES = ["made_up", "made_up_parent"]


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def make_tables() -> None:
    execute(
        "CREATE TABLE made_up_parent (id int PRIMARY KEY)",
        "CREATE TABLE made_up (id int PRIMARY KEY, a int NOT NULL, b int, c text, d text,"
        " parent_id int CONSTRAINT made_up_parent_fk REFERENCES made_up_parent)",
        "CREATE INDEX covers_parent ON made_up (parent_id)",
    )


@pytest.fixture
def made_up(as_tables_owner, db, monkeypatch):
    make_tables()
    monkeypatch.setattr(indexes, "our_tables", lambda: TABLES)


@pytest.fixture
def committed_tables(as_tables_owner, committed):
    """Tables that other transactions see, such as those of statistics."""
    make_tables()
    yield
    execute("DROP TABLE made_up, made_up_parent")


def redundant() -> dict[str, str]:
    return {each.index.name: each.covered_by for each in indexes.make_report(TABLES).redundant}


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        ("(a)", "(a, b)"),
        ("(a)", "(a)"),
        ("(a DESC)", "(a, b)"),
        ("(a, b DESC)", "(a DESC, b, id)"),
        ("(a) WHERE b > 1", "(a, id) WHERE b > 1"),
        ("(lower(c))", "(lower(c), a)"),
        ("(c text_pattern_ops)", "(c text_pattern_ops, a)"),
        ("(a) INCLUDE (b)", "(a, b)"),
    ],
)
def test_an_index_that_begins_another_is_found(made_up, shorter, longer):
    execute(
        f"CREATE INDEX shorter ON made_up {shorter}", f"CREATE INDEX zlonger ON made_up {longer}"
    )
    assert redundant() == {"shorter": "zlonger"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(b)", "(a, b)"),
        ("(a)", "(a, b) WHERE b > 1"),
        ("(a) WHERE b > 1", "(a, b)"),
        ("(a) WHERE b > 1", "(a, b) WHERE b > 2"),
        ("(c)", "(c text_pattern_ops, a)"),
        ('(c COLLATE "C")', "(c, a)"),
        ("(a, b)", "(a DESC, b, id)"),
        ("(a NULLS FIRST)", "(a, b)"),
        ("(c)", "(lower(c), a)"),
        ("(a) INCLUDE (c)", "(a, b)"),
        ("USING hash (a)", "(a, b)"),
        ("USING gin (c gin_trgm_ops)", "USING gin (c gin_trgm_ops, d gin_trgm_ops)"),
    ],
)
def test_one_that_does_another_work_is_left_alone(made_up, one, other):
    execute(f"CREATE INDEX one ON made_up {one}", f"CREATE INDEX other ON made_up {other}")
    assert redundant() == {}


def test_one_that_enforces_is_needless_only_beside_its_like(made_up):
    execute(
        "CREATE UNIQUE INDEX enforces ON made_up (a)",
        "CREATE INDEX longer ON made_up (a, b)",
    )
    assert redundant() == {}
    execute("CREATE INDEX alike ON made_up (a)")
    assert set(redundant()) == {"alike"}
    execute("CREATE UNIQUE INDEX twice ON made_up (a)")
    assert set(redundant()) == {"alike", "enforces"}


def test_of_two_alike_the_named_one_stays(made_up):
    execute(
        "CREATE INDEX idx_made_up_a ON made_up (a)", "CREATE INDEX made_up_a_like ON made_up (a)"
    )
    assert redundant() == {"made_up_a_like": "idx_made_up_a"}


@pytest.mark.parametrize(
    ("index", "covers"),
    [
        ("(parent_id)", True),
        ("(parent_id, a)", True),
        ("(parent_id) WHERE parent_id IS NOT NULL", True),
        ("(a, parent_id)", False),
        ("(parent_id) WHERE a > 1", False),
        ("USING hash (parent_id)", False),
    ],
)
def test_a_foreign_key_needs_an_index_that_it_leads(made_up, index, covers):
    execute("DROP INDEX covers_parent", f"CREATE INDEX maybe ON made_up {index}")
    uncovered = [key.name for key in indexes.make_report(TABLES).uncovered]
    assert uncovered == ([] if covers else ["made_up_parent_fk"])


def test_an_invalid_index_is_found(committed_tables):
    execute("INSERT INTO made_up (id, a) VALUES (1, 1), (2, 1)")
    with pytest.raises(IntegrityError):
        execute("CREATE UNIQUE INDEX CONCURRENTLY half_made ON made_up (a)")
    report = indexes.make_report(TABLES)
    assert [index.name for index in report.invalid] == ["half_made"]


def test_uses_and_reads_from_end_to_end_are_counted(committed_tables):
    execute(
        "CREATE INDEX used ON made_up (a)",
        "INSERT INTO made_up (id, a, d)"
        " SELECT n, n, repeat('x', 200) FROM generate_series(1, 9000) n",
        "ANALYZE made_up",
        "SELECT FROM made_up WHERE a = 7",
        "SELECT count(d) FROM made_up",
        "SELECT pg_stat_force_next_flush()",
    )
    report = indexes.make_report(TABLES)
    unused = {index.name for index in report.indexes if index.is_unused}
    assert unused == {"covers_parent"}  # The primary keys enforce.
    [scan] = report.scanned  # The small table's scans are of no interest.
    assert (scan.table, scan.rows, scan.index_scans) == ("made_up", 9000, 1)
    assert scan.rows_read >= 9000
    assert scan.size_bytes > indexes.BIG_TABLE


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("index_report", *arguments, stdout=out)
    return out.getvalue()


def test_the_report_reads_well(made_up, monkeypatch):
    execute(
        "CREATE INDEX idx_made_up_a ON made_up (a)",
        "CREATE INDEX idx_made_up_a_b ON made_up (a, b)",
    )
    page = "| `covers_parent` | parent_id | a parent's children |\n"
    page += f"## Foreign keys\n{index_page._KEPT}\n"
    page += "| `idx_made_up_a` | `idx_made_up_a_b` | to show it |\n"
    monkeypatch.setattr(index_page, "read_page", lambda: page)
    lines = printed("--check").splitlines()
    assert lines[0].startswith("Indexes, and how often each was read since ")
    assert lines[1] == "  table           index                size  scans"
    assert lines[2] == (
        "  made_up         covers_parent        8 kB      0  unused; there for: a parent's children"
    )
    assert lines[3].endswith("0  unused; docs/indexes.md does not say what for")
    assert lines[5] == "  made_up         made_up_pkey         8 kB      0"
    assert "Invalid: none" in lines
    assert "  made_up.idx_made_up_a by idx_made_up_a_b; kept: to show it" in lines
    assert "Foreign keys without an index: none" in lines
    assert "Read from end to end, tables over 1,024 kB: none" in lines


def test_check_fails_for_the_needless_and_the_missing(made_up):
    execute(
        "DROP INDEX covers_parent",
        "CREATE INDEX idx_made_up_a ON made_up (a)",
        "CREATE INDEX idx_made_up_a_b ON made_up (a, b)",
    )
    faults = "idx_made_up_a is covered by idx_made_up_a_b; made_up_parent_fk has no index"
    with pytest.raises(CommandError, match=f"^{faults}$"):
        printed("--check")
    assert "  made_up (parent_id): made_up_parent_fk" in printed().splitlines()


def test_unused_indexes_do_not_fail_the_check(made_up):
    assert "covers_parent" in printed("--check")


def test_programs_get_json(made_up):
    report = json.loads(printed("--json"))
    [index] = [each for each in report["indexes"] if each["name"] == "covers_parent"]
    assert index["keys"] == ["parent_id"]
    assert index["size_bytes"] == 8192
    assert report["uncovered"] == report["invalid"] == report["redundant"] == []
    assert "idx_customers_name" in report["served"]


def test_our_tables_are_those_of_our_apps_with_the_ones_between():
    tables = indexes.our_tables()
    assert {"jobs", "job_steps", "users", "machine_processes"} <= set(tables)
    assert not {"auth_group", "django_session", "django_migrations"} & set(tables)
