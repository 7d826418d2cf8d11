"""Two roles: in the embedded cluster, new or from before, in compose's, and by the page's SQL."""

import re

import pytest
from launcher.settings import ROOT, Settings

from tests.launcher.clusters import ask, ignores_threads, needs_programs, running, superuser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("roles"),
    ignores_threads,
    needs_programs,
]
ROLES = """
SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles
WHERE rolname ~ '^andon' ORDER BY rolname;
"""
MAKE_NEW = "DROP TABLE IF EXISTS new; CREATE TABLE new (id serial PRIMARY KEY)"
RIGHTS_ON_NEW = """
SELECT string_agg(verb, ' ') FROM unnest(array[
    'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MAINTAIN', 'TRUNCATE', 'REFERENCES', 'TRIGGER'
]) AS verb WHERE has_table_privilege('andon', 'new', verb);
SELECT string_agg(verb, ' ') FROM unnest(array['USAGE', 'SELECT', 'UPDATE']) AS verb
WHERE has_sequence_privilege('andon', 'new_id_seq', verb);
INSERT INTO new DEFAULT VALUES RETURNING id;
"""
LESSER = ["SELECT INSERT UPDATE DELETE MAINTAIN", "USAGE SELECT", "1"]
REFUSED = ("CREATE TABLE mine ()", "CREATE SCHEMA mine", "CREATE DATABASE mine", "CREATE ROLE mine")

# One role that owned the database and all that was in it, and no privileges by default.
AS_BEFORE = """
DROP DATABASE IF EXISTS test_andon;
SET ROLE andon_owner;
DROP TABLE IF EXISTS old, audit_logs, audit_logs_rest CASCADE;
CREATE TABLE old (id serial PRIMARY KEY);
INSERT INTO old DEFAULT VALUES;
CREATE VIEW old_view AS SELECT FROM old;
CREATE OR REPLACE FUNCTION old_function() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RETURN NEW; END';
CREATE TABLE audit_logs (id int) PARTITION BY RANGE (id);
CREATE TABLE audit_logs_rest PARTITION OF audit_logs DEFAULT;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM andon;
RESET ROLE;
REASSIGN OWNED BY andon_owner TO andon;
DROP OWNED BY andon_owner;
\\connect template1
DROP OWNED BY andon_owner;
DROP ROLE andon_owner;
ALTER ROLE andon CREATEDB;
"""
OWNERS = """
SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()
UNION SELECT pg_get_userbyid(relowner) FROM pg_class
    WHERE relname IN ('old', 'old_id_seq', 'old_view', 'audit_logs', 'audit_logs_rest')
UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'old_function';
"""
USE_OLD = "INSERT INTO old DEFAULT VALUES; SELECT id FROM old ORDER BY id"
PAGE = (ROOT / "docs/operations.md").read_text()


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    data = tmp_path_factory.mktemp("cluster") / "data"
    return Settings(data=data, port=8000, database_url="", database_owner_url="", redis_url="")


@pytest.fixture
def servers(settings):
    with running(settings) as found:
        yield found


def assert_lesser(application, owner):
    ask(owner, MAKE_NEW)
    assert ask(application, RIGHTS_ON_NEW) == LESSER
    for statement in REFUSED:
        with pytest.raises(AssertionError, match="permission denied"):
            ask(application, statement)


def may_write(servers, table):
    return ask(servers.database_url, f"SELECT has_table_privilege('{table}', 'INSERT')") == ["t"]


def sql_of_the_page(after):
    return re.search(r"```sql\n(.*?)```", PAGE.partition(after)[2], re.DOTALL)[1]


@pytest.mark.parametrize("database", ["andon", "test_andon"])
def test_the_application_uses_what_the_owner_makes_and_makes_nothing(servers, database):
    """In a database that the owner makes for tests too."""
    assert ask(servers.owner_url, ROLES) == ["andon|f|f|f", "andon_owner|f|t|f"]
    if database != "andon":
        ask(servers.owner_url, f"CREATE DATABASE {database}")
    assert_lesser(
        *(
            f"{url.rpartition('/')[0]}/{database}"
            for url in (servers.database_url, servers.owner_url)
        )
    )


def test_a_cluster_from_before_changes_hands_and_keeps_its_rows(settings):
    with running(settings) as servers:
        ask(superuser(servers, "andon"), AS_BEFORE)
        assert ask(servers.database_url, OWNERS) == ["andon"]
    with running(settings) as servers:
        assert ask(servers.database_url, OWNERS) == ["andon_owner"]
        assert ask(servers.database_url, ROLES) == ["andon|f|f|f", "andon_owner|f|t|f"]
        assert ask(servers.database_url, USE_OLD) == ["1", "2"]
        assert_lesser(servers.database_url, servers.owner_url)


def test_what_a_migration_took_away_stays_away_at_the_next_start(settings):
    with running(settings) as servers:
        ask(servers.owner_url, f"{MAKE_NEW}; REVOKE INSERT ON new FROM andon")
        assert not may_write(servers, "new")
    with running(settings) as servers:
        assert not may_write(servers, "new")


def test_the_page_moves_one_role_to_two(servers):
    ask(superuser(servers, "andon"), AS_BEFORE)
    ask(superuser(servers, "andon"), sql_of_the_page("**From one role to two**"))
    assert ask(servers.database_url, OWNERS) == ["andon_owner"]
    assert ask(servers.database_url, ROLES) == ["andon|f|f|f", "andon_owner|f|f|f"]
    assert ask(servers.database_url, USE_OLD) == ["1", "2"]
    assert not may_write(servers, "audit_logs")
    assert not may_write(servers, "audit_logs_rest")
    assert_lesser(servers.database_url, servers.owner_url)


@pytest.fixture
def without_roles(servers):
    """The server as it is before anybody made anything for Andon."""
    ask(
        superuser(servers, "postgres"),
        "DROP DATABASE andon;\n"
        "DROP DATABASE IF EXISTS test_andon;\n"
        "\\connect template1\n"
        "DROP OWNED BY andon_owner;\n"
        "DROP ROLE andon, andon_owner;\n"
        "DROP EXTENSION pg_stat_statements, pg_trgm, btree_gist, unaccent",
    )
    return servers


def test_composes_script_makes_both_roles_with_their_passwords(without_roles):
    script = (ROOT / "docker/postgres/10-andon.sql").read_text()
    passwords = {"DATABASE_OWNER_PASSWORD": "one", "DATABASE_PASSWORD": "the other"}
    ask(superuser(without_roles, "postgres"), script, passwords)
    assert ask(without_roles.owner_url, ROLES) == ["andon|f|f|f", "andon_owner|f|f|f"]
    hashed = "SELECT count(DISTINCT rolpassword) FROM pg_authid WHERE rolname ~ '^andon'"
    assert ask(superuser(without_roles, "postgres"), hashed) == ["2"]
    assert_lesser(without_roles.database_url, without_roles.owner_url)


def test_the_page_makes_both_roles_by_hand(without_roles):
    ask(superuser(without_roles, "postgres"), "CREATE DATABASE andon")
    ask(superuser(without_roles, "andon"), sql_of_the_page("On a server of your own"))
    assert ask(without_roles.owner_url, ROLES) == ["andon|f|f|f", "andon_owner|f|f|f"]
    assert_lesser(without_roles.database_url, without_roles.owner_url)
