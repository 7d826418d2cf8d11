"""The cases measure what they say they do."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection

from apps.core.search import SHORTEST_TRIGRAM
from apps.jobs.models import JobStep
from benchmarks.__main__ import all_cases
from benchmarks.cases import api_depth, api_search, changelists
from benchmarks.floor import LISTS, connect, floor
from benchmarks.textbook.api import VIEWS
from benchmarks.work import Program
from config.env import ROOT
from tests.factories import make_job, make_process, make_user


def test_every_case_has_a_number_works_and_lines():
    for case in all_cases():
        assert case.NUMBER.startswith("P")
        assert callable(case.lines)
        assert all(map(callable, case.WORKS.values()))


@pytest.mark.django_db
def test_the_deep_page_begins_in_the_middle(sign_in, manager):
    process = make_process()
    for _ in range(4):
        make_job(*[process] * 30)
    each = changelists.LISTS["job steps"]
    asked = changelists.deep(each)
    page = sign_in(manager).get(each.address, asked).content.decode()
    ids = list(JobStep.objects.order_by("-pk").values_list("pk", flat=True))
    assert f"/admin/jobs/jobstep/{ids[61]}/change/" in page
    assert f"/admin/jobs/jobstep/{ids[0]}/change/" not in page


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("ANDON_ALL"), reason="a minute: bin/test --all")
@pytest.mark.usefixtures("committed")
def test_the_command_measures_a_tiny_database_and_prints_its_table():
    make_user("manager")
    make_user("operator")
    make_job(released=True)
    url = urlsplit(os.environ["DATABASE_URL"])
    tiny = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    command = [sys.executable, "-m", "benchmarks", "--size", "small", "--only", "P7"]
    done = subprocess.run(  # noqa: S603 - a program of ours
        [*command, "--small-url", tiny],
        check=False,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
    )
    assert "| P7 | operator's task list: SQL |" in done.stdout, done.stderr
    assert "small: 1 jobs, 1 job steps" in done.stdout


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("name", sorted(LISTS))
def test_floor_and_textbook_tell_what_our_lists_tell(name):
    manager = make_user("manager")
    make_job(make_process(), make_process(needs_machine=True), released=True)
    told = json.loads(Program(manager).get(f"/api/v1/{name}/"))["results"]
    with connect() as own:
        bare = json.loads(Program(manager, floor(name, own)).get(f"/api/v1/{name}/"))["results"]
    assert told
    assert bare == told
    viewset = VIEWS[name]
    (first, *_) = viewset.serializer_class(viewset.queryset, many=True).data
    assert names(first) == names(told[0])


def names(record):
    """Return the names that are told, with those of related records."""
    return {
        name: sorted(value) if isinstance(value, dict) else "" for name, value in record.items()
    }


@pytest.mark.django_db
def test_the_deep_page_of_the_api_begins_nine_tenths_down(sign_in, manager):
    process = make_process()
    for _ in range(3):
        make_job(*[process] * 20)
    asked = {"ordering": "-id", "cursor": api_depth.cursor("job-steps", "-id", 0.9)}
    told = sign_in(manager).get("/api/v1/job-steps/", asked).json()["results"]
    ids = list(JobStep.objects.order_by("-pk").values_list("pk", flat=True))
    assert [row["id"] for row in told] == ids[55:]


def test_terms_are_of_every_kind():
    texts = ["aksoy engineering ltd izmir", "bell works ltd", "carter engineering"] * 9
    chosen = api_search.chosen(texts)
    assert "engineering" in chosen
    assert "carter" in chosen
    assert any(len(term) < SHORTEST_TRIGRAM for term in chosen)
    assert any(all(term not in text for text in texts) for term in chosen)
    assert api_search.commonest_of(texts) in "engineering ltd"
