"""`manage.py migrate` gives way, tries again, and leaves nothing half done."""

import threading
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.db import OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder

from apps.installation.management.commands import migrate

pytestmark = pytest.mark.slow

LONGEST_WAIT = 2.0  # Seconds that a migration may keep others waiting: S12.

ROWS = """migrations.CreateModel("Row", [
    ("id", models.BigAutoField(primary_key=True)), ("note", models.TextField(db_default="")),
], options={"db_table": "rows"})"""
WIDEN = 'migrations.RunSQL("ALTER TABLE rows ADD COLUMN width int", migrations.RunSQL.noop)'
INDEX = 'AddIndexConcurrently("row", models.Index(fields=["note"], name="idx_rows_note"))'


class Hearing(StringIO):
    """What the command says; does a deed when it says a word for the first time."""

    def __init__(self, word="", deed=None):
        super().__init__()
        self.word, self.deed = word, deed

    def write(self, text):
        super().write(text)
        if self.deed and self.word in text:
            deed, self.deed = self.deed, None
            deed()


def run(*arguments, out=None):
    out = out or StringIO()
    call_command("migrate", "background", *arguments, stdout=out, interactive=False)
    return out.getvalue()


def asked(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def columns(table="rows"):
    return {
        name
        for (name,) in asked(
            f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"  # noqa: S608
        )
    }


def applied():
    return {
        name
        for app, name in MigrationRecorder(connection).applied_migrations()
        if app == "background"
    }


@pytest.fixture
def hasty(monkeypatch):
    """Locks are waited for a moment only, tries come quickly, and are three."""
    monkeypatch.setattr(migrate, "TRIES", 3)
    monkeypatch.setattr(migrate, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "400ms")
    monkeypatch.setattr(migrate, "CONCURRENT_LOCK_TIMEOUT", "500ms")


def test_the_command_is_ours():
    assert get_commands()["migrate"] == "apps.installation"


def test_a_migration_that_waits_gives_way_and_succeeds_once_the_lock_is_free(
    write_migration, other_session, hasty
):
    write_migration(ROWS)
    run()
    write_migration(WIDEN)
    report = other_session()
    report.execute("SELECT FROM rows")
    pid = report.info.backend_pid
    said = run(out=Hearing("trying again", report.rollback))
    assert f"Waiting for a lock held by a report (process {pid}, idle in transaction" in said
    assert said.count("nothing is half done; trying again") == 1
    assert "width" in columns()


def test_while_it_waits_nobody_else_waits_longer_than_two_seconds(
    write_migration, other_session, monkeypatch
):
    monkeypatch.setattr(migrate, "TRIES", 2)
    write_migration(ROWS)
    run()
    write_migration(WIDEN)
    report, reader, waits, ended = other_session(), other_session("reader"), [], threading.Event()
    report.execute("SELECT FROM rows")  # Without us nobody would wait for it.

    def read():
        while not ended.wait(0.01):
            began = time.monotonic()
            reader.execute("SELECT FROM rows")
            reader.rollback()
            waits.append(time.monotonic() - began)

    reading = threading.Thread(target=read)
    reading.start()
    with pytest.raises(CommandError):
        run()
    ended.set()
    reading.join()
    assert 0.5 < max(waits) < LONGEST_WAIT


def test_when_the_lock_stays_taken_it_fails_and_nothing_is_half_done(
    write_migration, other_session, hasty
):
    write_migration(ROWS)
    run()
    write_migration('migrations.RunSQL("CREATE TABLE sheds ()", "DROP TABLE sheds")', WIDEN)
    report = other_session()
    report.execute("SELECT FROM rows")
    out = StringIO()
    with pytest.raises(CommandError, match=r"0002_written .* 3 tries, held by a report .*nothing"):
        run(out=out)
    assert out.getvalue().count("trying again") == 2
    assert not asked("SELECT 1 FROM pg_class WHERE relname = 'sheds'")
    assert applied() == {"0001_written"}
    report.rollback()
    assert "OK" in run()
    assert applied() == {"0001_written", "0002_written"}


def test_going_back_gives_way_too(write_migration, other_session, hasty):
    write_migration(ROWS)
    run()
    report = other_session()
    report.execute("SELECT FROM rows")
    said = run("zero", out=Hearing("trying again", report.rollback))
    assert "trying again" in said
    assert not columns()
    assert not applied()


def test_a_deadlock_is_tried_again(write_migration, other_session, hasty, monkeypatch):
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "10s")  # The deadlock is found first.
    write_migration('migrations.RunSQL("CREATE TABLE one (); CREATE TABLE two ()")')
    run()
    write_migration('migrations.RunSQL(["LOCK one", "LOCK two", "ALTER TABLE two ADD x int"])')
    crossing = other_session()
    crossing.execute("LOCK two")

    def cross():
        crossing.execute("LOCK one")
        crossing.rollback()

    other = threading.Thread(target=cross)
    said = run(out=Hearing("Waiting for a lock", other.start))
    other.join()
    assert said.count("trying again") == 1
    assert columns("two") == {"x"}


def test_an_index_left_unfinished_is_removed_and_built_again(write_migration, other_session, hasty):
    write_migration(ROWS)
    run()
    write_migration(INDEX, atomic=False)
    writer = other_session()
    writer.execute("INSERT INTO rows DEFAULT VALUES")
    said = run(out=Hearing("trying again", writer.rollback))
    assert "Removing idx_rows_note, which an earlier try left unfinished" in said
    assert asked(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'idx_rows_note'::regclass"
    ) == [(True,)]


def test_an_index_left_unfinished_by_a_failed_command_does_not_stop_the_next(
    write_migration, other_session, hasty
):
    write_migration(ROWS)
    run()
    write_migration(INDEX, atomic=False)
    writer = other_session()
    writer.execute("INSERT INTO rows DEFAULT VALUES")
    with pytest.raises(CommandError, match="nothing of it is half done"):
        run()
    writer.rollback()
    assert "Removing idx_rows_note" in run()
    assert applied() == {"0001_written", "0002_written"}


def test_what_runs_without_a_transaction_is_not_repeated_blindly(
    write_migration, other_session, hasty
):
    write_migration(ROWS)
    run()
    write_migration(
        'migrations.RunSQL("INSERT INTO rows DEFAULT VALUES")',
        'migrations.RunSQL("ALTER TABLE rows ADD COLUMN width int")',
        atomic=False,
    )
    report = other_session()
    report.execute("SELECT FROM rows")
    out = StringIO()
    with pytest.raises(CommandError, match="without a transaction: what it did before this stays"):
        run(out=out)
    assert "trying again" not in out.getvalue()
    assert asked("SELECT count(*) FROM rows") == [(1,)]


def test_of_two_at_once_the_second_waits_for_the_first(write_migration, hasty):
    write_migration('migrations.RunSQL(["SELECT pg_sleep(1)", "CREATE TABLE sheds ()"])')
    second = Hearing()

    def run_second():
        try:
            run(out=second)
        finally:
            connections.close_all()

    other = threading.Thread(target=run_second)
    said = run(out=Hearing("Applying", other.start))
    other.join()
    assert "OK" in said
    assert "Waiting until another migrate has ended: andon-command (process" in second.getvalue()
    assert "No migrations to apply" in second.getvalue()
    assert applied() == {"0001_written"}


def test_a_migration_has_all_the_time_it_needs_and_a_second_for_locks(write_migration):
    settings = "current_setting('statement_timeout') AS statement, current_setting('lock_timeout')"
    write_migration(f'migrations.RunSQL("CREATE TABLE limits AS SELECT {settings} AS lock")')
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    before = asked(limits)
    run()
    assert asked("SELECT statement, lock FROM limits") == [("0", "1s")]
    assert asked(limits) == before == [("30s", "5s")]


def test_another_failure_is_nobodys_lock(write_migration, hasty):
    write_migration('migrations.RunSQL("SELECT pg_terminate_backend(pg_backend_pid())")')
    with pytest.raises(OperationalError, match="terminating connection"):
        run()


def test_looking_at_the_plan_waits_for_nobody(write_migration, other_session):
    write_migration(ROWS)
    other_session().execute("SELECT pg_advisory_lock(hashtext('andon'), hashtext('migrate'))")
    assert "Create model Row" in run("--plan")
    with pytest.raises(SystemExit):
        run("--check")
