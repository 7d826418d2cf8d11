"""The embedded servers for real: made, found ready for use, stopped, found again."""

import pytest
from launcher.servers import running_servers
from launcher.settings import Settings

from tests.launcher.clusters import PACKAGES, ask, ignores_threads, needs_programs, running

pytestmark = [pytest.mark.slow, ignores_threads]
QUERY = """
SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension;
SHOW listen_addresses;
SHOW fsync;
"""


@needs_programs
def test_a_cluster_is_made_once_with_all_that_andon_needs(tmp_path):
    settings = Settings(
        data=tmp_path / "data", port=8000, database_url="", database_owner_url="", redis_url=""
    )
    with running(settings) as servers:
        assert ask(servers.database_url, QUERY) == [
            "btree_gist pg_stat_statements pg_trgm plpgsql unaccent",
            "",
            "off",
        ]
        ask(servers.owner_url, "CREATE TABLE kept ()")
    assert not any(child.is_running() for child in servers.children)
    assert not (settings.data / "postgres/postmaster.pid").exists()
    with running(settings) as servers:
        assert ask(servers.database_url, "SELECT count(*) FROM kept") == ["0"]


def test_servers_that_are_named_are_used_as_they_are(tmp_path):
    named = Settings(
        data=tmp_path,
        port=8000,
        database_url="postgresql://a",
        database_owner_url="postgresql://o@a",
        redis_url="redis://b",
    )
    with running_servers(named, tmp_path, PACKAGES, throwaway=False) as servers:
        assert servers.database_url == "postgresql://a"
        assert servers.owner_url == "postgresql://o@a"
        assert servers.redis_url == "redis://b"
        assert servers.children == []
