"""The cases measure what they say they do."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection

from apps.jobs.models import JobStep
from benchmarks.__main__ import all_cases
from benchmarks.cases import changelists
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
