"""Who wrote reads it at once, everyone else within the bound: two web processes, every door."""

import csv
import http.client
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection

from apps.jobs.imports.columns import COLUMNS
from apps.jobs.models import Job
from tests.factories import make_job, make_process, make_user, number, permit
from tests.jobs.test_import_work_log import ROW
from tests.observability.serving import Client, Shell, database_urls, environ, serving

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PAIRS = 1_000 if os.environ.get("ANDON_ALL") else 50
IMPORTS = 8  # In all: each makes a job, and ten are told.
OTHERS_WITHIN, RAW_WITHIN = 0.25, 1.0  # Seconds.
PATIENCE = 30  # Seconds.
RECENT, STATS = "/api/v1/dashboard/recent-jobs/", "/api/v1/dashboard/stats/"
MANAGE = """
import runpy, sys
sys.argv = ["manage.py", "import_work_log", {file!r}, "--verbosity", "0"]
runpy.run_path("manage.py", run_name="__main__")
"""

Shows = Callable[[str], bool]


@dataclass
class Session:
    """One signed-in person, who asks either of the web processes."""

    bases: list[str]
    username: str
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        client = Client(self.bases[0])
        client.sign_in(self.username)
        self.cookies = {each.name: each.value or "" for each in client.cookies}

    def get(self, place: int, path: str) -> str:
        status, body, _ = self.ask(place, "GET", path)
        assert status == 200, body
        return body

    def ask(
        self, place: int, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, Any]:
        """Ask one of the processes; return status, body and headers."""
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies["csrftoken"],
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        place_of = str(urlsplit(self.bases[place]).netloc)
        with closing(http.client.HTTPConnection(place_of, timeout=PATIENCE)) as line:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            return answer.status, answer.read().decode(), answer.headers

    def send(self, place: int, path: str, fields: list[tuple[str, str]]) -> None:
        form = "application/x-www-form-urlencoded"
        status, body, _ = self.ask(place, "POST", path, urlencode(fields), Content_Type=form)
        assert status == 302, body[:2_000]


class _Fields(HTMLParser):
    """What a browser would send of a page's forms, its choices and areas too."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("name") or ""
        if tag == "textarea":
            self.area, self.found[name] = name, ""
        elif tag == "select":
            self.choosing = name
        elif tag == "option" and "selected" in said:
            self.found[self.choosing] = said.get("value") or ""
        elif tag == "input" and name and self._counts(said):
            self.found[name] = said.get("value") or ""

    def _counts(self, said: dict[str, str | None]) -> bool:
        kind = said.get("type")
        is_set = kind not in {"checkbox", "radio"} or "checked" in said
        return is_set and kind not in {"submit", "file"}

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


class Doors:
    """Every way to write; each writes something of its own and returns how one sees it."""

    def __init__(self, writer: Session, shell: Shell, folder: Path, random: Random) -> None:
        self.writer, self.shell, self.folder, self.random = writer, shell, folder, random
        process = make_process()
        self.job: Job = make_job(process, released=True)
        self.step = self.job.steps.get()
        self.is_running = False

    def api(self) -> tuple[str, Shows]:
        title = f"By a program {number()}"
        path = f"/api/v1/jobs/{self.job.pk}/"
        *_, headers = self.writer.ask(0, "GET", path)
        status, body, _ = self.writer.ask(
            self.random.randrange(2),
            "PATCH",
            path,
            json.dumps({"title": title}),
            If_Match=headers["ETag"],
            Content_Type="application/json",
        )
        assert status == 200, body
        return RECENT, lambda told: title in told

    def admin(self) -> tuple[str, Shows]:
        name = f"In the office {number()}"
        path = f"/admin/customers/customer/{self.job.customer_id}/change/"
        fields = _Fields(self.writer.get(0, path)).found | {"name": name, "_save": "Save"}
        self.writer.send(self.random.randrange(2), path, list(fields.items()))
        return RECENT, lambda told: name in told

    def task_page(self) -> tuple[str, Shows]:
        deed = "pause" if self.is_running else "start"
        self.writer.send(self.random.randrange(2), f"/tasks/{self.step.pk}/{deed}/", [])
        self.is_running = not self.is_running
        wanted = int(self.is_running)
        return STATS, lambda told: json.loads(told)["steps"]["in_progress"] == wanted

    def an_import(self) -> tuple[str, Shows]:
        case = f"Case {number()}"
        path = self.folder / "log.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerow({name: (ROW | {"Case ID": case}).get(name, "") for name in COLUMNS})
        total = Job.objects.count()
        self.shell.run(MANAGE.format(file=str(path)))
        return STATS, lambda told: json.loads(told)["jobs"]["total"] == total + 1

    def raw_sql(self) -> tuple[str, Shows]:
        title = f"By hand {number()}"
        with connection.cursor() as cursor:
            cursor.execute("UPDATE jobs SET title = %s WHERE id = %s", [title, self.job.pk])
        return RECENT, lambda told: title in told


@pytest.fixture
def bases(committed: None, tmp_path: Path) -> Iterator[list[str]]:
    """Two web processes over what the test commits."""
    variables = database_urls(connection.settings_dict["NAME"]) | {"ANDON_DATA": str(tmp_path)}
    env = environ("config.settings.test", **variables, RATE_LIMIT_USER="10000000")
    with (
        serving(env, tmp_path / "one.log") as one,
        serving(env, tmp_path / "two.log") as two,
    ):
        yield [one, two]


@pytest.fixture
def shell(bases: list[str], tmp_path: Path) -> Iterator[Shell]:
    """What runs commands beside them, without emptying their cache."""
    from tests.observability import serving as how  # noqa: PLC0415 - for its addresses

    variables = database_urls(connection.settings_dict["NAME"])
    env = {name: said for name, said in os.environ.items() if "PYTEST" not in name}
    env |= variables | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "REDIS_URL": how.own_redis(),
        "CELERY_BROKER_URL": how.own_broker(),
        "DATABASE_OWNER_URL": "",
    }
    running = Shell(env, tmp_path)
    yield running
    running.close()


def test_whoever_wrote_reads_it_at_once_and_others_within_a_quarter_of_a_second(
    bases: list[str], shell: Shell, tmp_path: Path, capsys: Any
) -> None:
    """A read counts by when it began: what it costs on a busy machine is not its staleness."""
    random = Random("freshness")  # noqa: S311 - the same each time is what is wanted
    make_user("administrator", username="writer")
    make_user("administrator", username="reader")
    writer, reader = Session(bases, "writer"), Session(bases, "reader")
    doors = Doors(writer, shell, tmp_path, random)
    permit(make_user("operator"), doors.step.process)
    often = [doors.api, doors.admin, doors.task_page, doors.raw_sql]
    latest = {"others": 0.0, "raw": 0.0}
    for pair in range(PAIRS):
        for place in (0, 1):  # Both have just now asked for the state, and hold the answers.
            reader.get(place, RECENT), reader.get(place, STATS)
        is_import = pair % (PAIRS // IMPORTS) == IMPORTS // 2
        door = doors.an_import if is_import else random.choice(often)
        path, shows = door()
        wrote_at = time.monotonic()
        is_raw = door == doors.raw_sql
        if not is_raw:
            told = writer.get(random.randrange(2), path)
            assert shows(told), f"Pair {pair}: the writer by {door.__name__} read {told}"
        stale = wait_until_shown(reader, random, path, shows, wrote_at)
        kind = "raw" if is_raw else "others"
        latest[kind] = max(latest[kind], stale)
    with capsys.disabled():
        ms = {kind: f"{1_000 * seconds:.0f} ms" for kind, seconds in latest.items()}
        print(f" {PAIRS} pairs, the latest read that did not show it yet: {ms}", end="")  # noqa: T201
    assert latest["others"] <= OTHERS_WITHIN
    assert latest["raw"] <= RAW_WITHIN


def wait_until_shown(
    reader: Session, random: Random, path: str, shows: Shows, wrote_at: float
) -> float:
    """Return how long after the write a read still began that did not show it: 0.0 if none."""
    stale, shown = 0.0, set()
    while len(shown) < 2:
        place = random.randrange(2)
        began = time.monotonic() - wrote_at
        if shows(reader.get(place, path)):
            shown.add(place)
        else:
            shown.discard(place)
            stale = max(stale, began)
        assert began < PATIENCE, "It is never shown."
    return stale
