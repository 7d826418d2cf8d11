"""Settings, the claim on the data folder, the sockets' folder, who gets what, and the port."""

import os
import socket
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from launcher import sockets
from launcher.claim import claim
from launcher.console import Trouble
from launcher.environ import child_environ, command_environ
from launcher.port import Listener, listeners, require_free
from launcher.servers import Servers
from launcher.settings import ROOT, read_settings
from launcher.venv import Environment

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1
   1: 0100007F:1F40 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1
   2: 0500A8C0:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1
   3: 00000000:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1
"""


@pytest.fixture
def base(monkeypatch):
    """A folder for sockets' folders, with a name as short as they need it."""
    with tempfile.TemporaryDirectory(prefix="at-", dir="/tmp") as name:
        monkeypatch.setattr(sockets, "_BASES", (name,))
        yield name


def test_nothing_needs_to_be_set():
    settings = read_settings({})
    assert (settings.data, settings.port) == (ROOT / "var", 8000)
    assert settings.database_url == settings.database_owner_url == settings.redis_url == ""


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "８０", "8000.0"])
def test_a_port_that_cannot_be_is_named(port):
    with pytest.raises(Trouble, match="ANDON_PORT"):
        read_settings({"ANDON_PORT": port})


def test_an_owner_of_no_named_database_is_refused():
    with pytest.raises(Trouble, match="DATABASE_OWNER_URL"):
        read_settings({"DATABASE_OWNER_URL": "postgresql://o@a/andon"})


@pytest.mark.parametrize("owner_url", ["postgresql://o@a/andon", ""])
def test_commands_alone_learn_how_the_owner_signs_in(tmp_path, monkeypatch, owner_url):
    said = {"DATABASE_URL": "postgresql://a/andon", "DATABASE_OWNER_URL": owner_url}
    for name, url in said.items():
        monkeypatch.setenv(name, url)
    settings = read_settings(os.environ)
    servers = Servers(settings.database_url, settings.database_owner_url, "redis://b", [])
    serving = child_environ(settings, Environment(ROOT), servers, tmp_path)
    assert serving["DATABASE_URL"] == settings.database_url
    assert "DATABASE_OWNER_URL" not in serving
    assert command_environ(serving, servers).get("DATABASE_OWNER_URL", "") == owner_url


def test_what_was_compiled_is_kept_whatever_the_shell_says(tmp_path, monkeypatch):
    """Else each of a hundred processes compiles everything anew."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    settings = read_settings({"DATABASE_URL": "postgresql://a/andon"})
    servers = Servers(settings.database_url, "", "redis://b", [])

    assert "PYTHONDONTWRITEBYTECODE" not in child_environ(
        settings, Environment(ROOT), servers, tmp_path
    )


def test_a_second_run_is_told_who_has_the_folder(tmp_path):
    lock = tmp_path / "run/up.lock"
    with claim(lock, "bin/up", "http://127.0.0.1:8000/"):
        with pytest.raises(Trouble) as refusal:
            claim(lock, "bin/up")
        assert f"process {os.getpid()}, since 2" in str(refusal.value)
        assert "http://127.0.0.1:8000/" in str(refusal.value)
    claim(lock, "bin/up").close()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match="ANDON_DATA"):
        claim(tmp_path / "file/run/up.lock", "bin/up")


def test_the_sockets_folder_is_new_private_and_short_however_long_the_data_folder_is(base):
    data = Path("/data") / ("long-" * 40)
    first, second = sockets.make_socket_folder(data), sockets.make_socket_folder(data)
    assert first != second
    assert first.stat().st_mode & 0o777 == 0o700
    assert len(str(first / ".s.PGSQL.5432")) <= 107
    assert first.parent == Path(base)


def test_a_temporary_folder_with_a_long_name_is_not_used(monkeypatch, tmp_path):
    long = tmp_path / ("long-" * 20)
    long.mkdir()
    monkeypatch.setattr(sockets, "_BASES", (str(long),))
    monkeypatch.setattr(sockets.tempfile, "gettempdir", lambda: str(long))
    with pytest.raises(Trouble, match="TMPDIR"):
        sockets.make_socket_folder(tmp_path)


def test_only_our_own_leftovers_are_removed(base, tmp_path):
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    left, other, current = map(sockets.make_socket_folder, (data, elsewhere, data))
    link = Path(f"{left}-link")
    link.symlink_to(other)
    sockets.remove_leftovers(data, current, {os.geteuid() + 1})
    assert left.exists()
    sockets.remove_leftovers(data, current, {os.geteuid()})
    assert not left.exists()
    assert current.exists()
    assert other.exists()


def test_the_addresses_name_the_folder(tmp_path):
    folder = Path("/tmp/andon-1234-ab_c")  # noqa: S108 - only a name
    parts = urlsplit(sockets.database_url(folder, "andon_owner"))
    assert (parts.scheme, parts.username, parts.path) == ("postgresql", "andon_owner", "/andon")
    assert unquote(str(parts.hostname)) == str(folder)
    assert sockets.redis_url(folder) == "unix:///tmp/andon-1234-ab_c/valkey.sock"


@pytest.mark.parametrize("owner_url", ["postgresql://o@a", ""])
def test_the_addresses_are_written_down_for_this_user_alone(tmp_path, owner_url):
    file = tmp_path / "servers.env"
    file.write_text("stale", encoding="ascii")
    file.chmod(0o644)
    Servers("postgresql://a", owner_url, "redis://b", []).write(file)
    expected = {"DATABASE_URL": "postgresql://a", "REDIS_URL": "redis://b"}
    expected |= {"DATABASE_OWNER_URL": owner_url} if owner_url else {}
    lines = file.read_text(encoding="ascii").splitlines()
    assert dict(line.split("=", 1) for line in lines) == expected
    assert file.stat().st_mode & 0o777 == 0o600


def test_who_listens_is_read_from_the_kernels_table():
    assert listeners(8000, TABLE) == [Listener(inode="4711", uid=1000)]
    assert listeners(8001, TABLE) == [Listener(inode="4714", uid=0)]
    assert listeners(8002, TABLE) == []


def test_a_taken_port_is_reported_with_its_owner():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Trouble) as refusal:
            require_free(port)
    assert f"Port {port} is taken by process {os.getpid()}" in str(refusal.value)
    assert f"ANDON_PORT={port + 1} bin/up" in str(refusal.value)
    require_free(port)
