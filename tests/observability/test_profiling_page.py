"""docs/profiling.md, followed step by step: what it says is what happens."""

import re
import shlex
from dataclasses import dataclass, field

import pytest

from tests.observability.serving import ROOT, Client

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.xdist_group("local")]

PAGE = (ROOT / "docs/profiling.md").read_text()
BLOCK = re.compile(r"^```(http|python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REPEATS = """
from django.http import HttpResponse
from django.test import RequestFactory
from silk.middleware import SilkyMiddleware
from apps.customers.models import Customer

def one_query_a_row(request):
    keys = Customer.objects.values_list("pk", flat=True)
    return HttpResponse(" ".join(Customer.objects.get(pk=key).name for key in keys))

SilkyMiddleware(one_query_a_row)(RequestFactory().get("/one-query-a-row/"))
"""


def read_recipes() -> dict[str, list[tuple[str, str]]]:
    """Return each recipe's blocks, as (language, text), by its heading."""
    _, *sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    titled = (section.split("\n", 1) for section in sections)
    return {title: BLOCK.findall(text) for title, text in titled}


RECIPES = read_recipes()


@dataclass
class Reader:
    """Someone who follows a recipe to the letter, and keeps what came of each step."""

    local: object
    client: Client
    seen: list[str] = field(default_factory=list)

    def follow(self, title: str) -> list[str]:
        for language, text in RECIPES[title]:
            getattr(self, f"do_{language}")(text)
        return self.seen

    def do_http(self, text: str) -> None:
        for line in text.splitlines():
            method, path = line.split()
            assert method == "GET"
            answer = self.client.get(self.filled(path))
            assert answer.status == 200, f"{path}: {answer.status}"
            self.seen.append(answer.body)

    def do_python(self, text: str) -> None:
        self.seen.append(self.local.shell.run(text))

    def do_console(self, text: str) -> None:
        for line in text.splitlines():
            prompt, python, file, *command = shlex.split(line)
            assert (prompt, python, file) == ("$", "python", "manage.py")
            self.seen.append(self.local.shell.manage(*command))

    def filled(self, path: str) -> str:
        if "{request}" in path:
            listed = self.client.get("/silk/requests/?order_by=start_time&order_dir=DESC").body
            newest = re.search(r"/silk/request/([0-9a-f-]{36})/", listed)
            path = path.replace("{request}", newest[1])
        if "{query}" in path:
            listed = self.client.get(path.partition("{query}")[0]).body
            path = path.replace("{query}", re.search(r"/sql/(\d+)/", listed)[1])
        return path


@pytest.fixture
def reader(local, staff):
    return Reader(local, staff)


def test_every_recipe_is_followed_here():
    followed = {name.removeprefix("test_recipe_") for name in globals() if "test_recipe_" in name}
    assert followed == {re.sub(r"\W+", "_", title.lower()) for title in RECIPES}
    fences = len(re.findall(r"^```\w", PAGE, flags=re.MULTILINE))
    assert fences == sum(len(blocks) for blocks in RECIPES.values())


def test_recipe_find_an_n_1(local, reader):
    local.shell.manage("silk_clear_request_log")
    local.shell.run(REPEATS)
    *_, requests, counted = reader.follow("Find an N+1")
    first = re.search(r'class="path[^"]*">\s*([^<\s]+)', requests)
    assert first[1] == "/one-query-a-row/"
    assert "/one-query-a-row/ made" in counted
    assert re.search(r'^\d+ times SELECT .* FROM "customers" WHERE', counted, re.MULTILINE)


def test_recipe_profile_one_endpoint(reader):
    page, profile = reader.follow("Profile one endpoint")
    assert 'id="changelist"' in page
    assert "changelist_view" in profile
    assert "cumulative" in profile


def test_recipe_wrap_a_service(reader):
    *_, listed = reader.follow("Wrap a service")
    assert "Release a job" in listed
    detail = re.search(r"/silk/[^\"]*profile/\d+/", listed)[0]
    assert "def release_job" in reader.client.get(detail).body


def test_recipe_read_a_plan(reader):
    *_, query, plan = reader.follow("Read a plan")
    assert "cost=" in query
    assert "Execution Time" in plan


def test_recipe_export_a_profile(reader):
    *_, file, printed = reader.follow("Export a profile")
    assert "changelist_view" in file
    assert "cumulative" in printed


def test_recipe_clear(local, reader):
    reader.client.get("/admin/")
    reader.follow("Clear")
    assert "/silk/request/" not in reader.client.get("/silk/requests/").body
