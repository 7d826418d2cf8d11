"""How quickly pages are there on a phone of the middle class: Lighthouse's mobile preset."""

import json
import os
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings
from django.test import Client

from apps.jobs.models import JobStep
from tests.e2e.conftest import chromium
from tests.factories import make_job, make_machine, make_process, make_user, permit
from tests.node import MODULES, node_in, only_in_all

HERE = Path(__file__).parent / "lighthouse"
RUNS = 5
GOAL = 95  # Of 100.

pytestmark = [pytest.mark.browser, pytest.mark.slow, only_in_all]


@pytest.fixture
def signed_in(committed, tmp_path):
    """The headers of an operator with something to do, in a file."""
    process = make_process(name="Milling")
    operator = make_user("operator")
    permit(operator, process)
    make_machine(process)
    for _ in range(12):
        make_job(process, released=True)
    client = Client()
    client.force_login(operator)
    name = settings.SESSION_COOKIE_NAME
    path = tmp_path / "headers.json"
    path.write_text(json.dumps({"Cookie": f"{name}={client.cookies[name].value}"}))
    return path


@pytest.mark.parametrize("address", ["/tasks/", "/tasks/{step}/"])
def test_a_page_is_there_at_once(address, signed_in, live_server, tmp_path):
    page = address.format(step=JobStep.objects.order_by("pk")[0].pk)
    node = node_in(tmp_path / "node", HERE)
    flags = "--headless=new --no-sandbox" if os.geteuid() == 0 else "--headless=new"
    os.environ["CHROME_PATH"] = chromium() or ""

    def measured() -> float:
        told = node(
            MODULES / "lighthouse/cli/index.js",
            f"{live_server.url}{page}",
            "--only-categories=performance",
            "--output=json",
            "--quiet",
            f"--chrome-flags={flags}",
            f"--extra-headers={signed_in}",
        )
        report = json.loads(told)
        assert report["finalDisplayedUrl"].endswith(page)
        return 100 * report["categories"]["performance"]["score"]

    scores = [measured() for _ in range(RUNS)]

    assert median(scores) >= GOAL, scores
