"""Two roles: who signs in when, and what the application's cannot do whatever it is told."""

import threading

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from apps.core.ownership import as_owner
from tests.conftest import as_application

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
needs_owner = pytest.mark.skipif(
    settings.DATABASE_OWNER is None, reason="DATABASE_OWNER_URL: the tests own their database"
)


def ask(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def who():
    return ask("SELECT current_user, current_database()")


@pytest.fixture
def roles():
    """Whoever is signed in where: the application, then the owner, in the same database."""
    database = connection.settings_dict["NAME"]
    assert database.startswith("test_")
    users = settings.DATABASES["default"]["USER"], settings.DATABASE_OWNER["USER"]
    return [(user, database) for user in users]


@needs_owner
def test_the_owner_signs_in_for_a_while_to_the_same_database(roles):
    application, owner = roles
    assert who() == application
    with as_owner():
        assert who() == owner
        with as_owner():
            assert who() == owner
        with as_application():
            assert who() == application
        assert who() == owner
    assert who() == application


@needs_owner
def test_a_failure_leaves_the_application_signed_in(roles):
    application, _owner = roles
    with pytest.raises(DatabaseError), as_owner():
        ask("SELECT * FROM nothing_of_that_name")
    assert who() == application


@needs_owner
def test_another_thread_stays_the_application(roles):
    application, owner = roles
    found = []

    def look():
        found.append(who())
        connection.close()

    with as_owner():
        assert who() == owner
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == [application]


@needs_owner
def test_a_transaction_does_not_change_hands(roles):
    application, _owner = roles
    with transaction.atomic():
        with pytest.raises(TransactionManagementError), as_owner():
            pytest.fail("The transaction is lost.")
        assert who() == application


def test_without_an_owner_the_connection_stays(monkeypatch):
    monkeypatch.setattr(settings, "DATABASE_OWNER", None)
    before = ask("SELECT pg_backend_pid()")
    with transaction.atomic(), as_owner():
        assert ask("SELECT pg_backend_pid()") == before
    assert ask("SELECT pg_backend_pid()") == before


@pytest.fixture
def owned():
    """A table of the owner's, with a trigger and an index, as a migration would make it."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE owned (id serial PRIMARY KEY, n int);"
            "CREATE INDEX owned_n ON owned (n);"
            "CREATE FUNCTION owned_trigger() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER owned_trigger BEFORE UPDATE ON owned"
            " FOR EACH ROW EXECUTE FUNCTION owned_trigger()"
        )
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE owned; DROP FUNCTION owned_trigger")


REFUSED = [
    # Making.
    "CREATE TABLE mine (id int)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION file_fdw",
    "CREATE ROLE mine",
    "CREATE INDEX mine ON owned (n)",
    "CREATE TRIGGER mine BEFORE UPDATE ON owned FOR EACH ROW EXECUTE FUNCTION owned_trigger()",
    # Altering.
    "ALTER TABLE owned ADD COLUMN mine int",
    "ALTER TABLE owned OWNER TO CURRENT_USER",
    "ALTER TABLE owned DISABLE TRIGGER owned_trigger",
    "ALTER TABLE owned DISABLE TRIGGER USER",
    "ALTER TABLE owned DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION owned_trigger() RETURNS trigger LANGUAGE sql AS ''",
    "ALTER SEQUENCE owned_id_seq RESTART",
    "SELECT setval('owned_id_seq', 1)",
    "ALTER SCHEMA public RENAME TO mine",
    # Emptying and dropping.
    "TRUNCATE owned",
    "DROP TRIGGER owned_trigger ON owned",
    "DROP INDEX owned_n",
    "DROP TABLE owned",
    "DROP SCHEMA public CASCADE",
    # Becoming somebody else, or going past the triggers.
    "SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SET ROLE pg_database_owner",
    "ALTER DEFAULT PRIVILEGES FOR ROLE pg_database_owner GRANT TRUNCATE ON TABLES TO CURRENT_USER",
    "ALTER SYSTEM SET session_replication_role = replica",
    # Other roles' secrets, and the server's own files and programs.
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT pg_read_file('pg_hba.conf')",
    "COPY owned FROM '/etc/passwd'",
    "COPY owned TO '/tmp/owned'",
    "COPY owned FROM PROGRAM 'echo 1'",
    "COPY owned TO PROGRAM 'cat'",
]


@needs_owner
@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_may_not(owned, statement):
    with pytest.raises(DatabaseError) as refused:
        ask(statement)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@needs_owner
def test_the_application_may_not_become_the_owner():
    owner = connection.ops.quote_name(settings.DATABASE_OWNER["USER"])
    for statement in (f"SET ROLE {owner}", f"SET SESSION AUTHORIZATION {owner}"):
        with pytest.raises(DatabaseError) as refused:
            ask(statement)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@needs_owner
def test_the_application_writes_rows_and_refreshes_statistics(owned):
    assert ask("INSERT INTO owned (n) VALUES (1), (2) RETURNING id") == (1,)
    assert ask("UPDATE owned SET n = 3 WHERE id = 2 RETURNING n") == (3,)
    assert ask("DELETE FROM owned WHERE id = 1 RETURNING id") == (1,)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE owned")
    assert ask("SELECT reltuples FROM pg_class WHERE relname = 'owned'") == (1,)


@needs_owner
def test_the_application_owns_nothing():
    owned = ask(
        "SELECT count(*) FROM pg_shdepend WHERE deptype = 'o'"
        " AND refobjid = current_user::regrole"
        " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    assert owned == (0,)
