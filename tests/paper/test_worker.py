"""Many travellers in one go, drawn by a real worker, every code read back."""

import os
import subprocess
import sys
import time

import pytest
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from apps.jobs.models import JobStep
from apps.notifications.models import Notification
from apps.paper.models import Printout
from apps.paper.states import PrintoutStatus
from tests.factories import make_job, make_process, make_user
from tests.observability.serving import PATIENCE, ROOT, Shell, database_urls, environ
from tests.paper.reading import read

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("worker")]

# More than are made at once in a request; all hundred in `bin/test --all`.
JOBS = 100 if os.environ.get("ANDON_ALL") else 25
ORDER = """
from apps.accounts.models import User
from apps.jobs.models import Job
from apps.paper.services import order_printout

keys = list(Job.objects.values_list("pk", flat=True))
print(order_printout(keys, actor=User.objects.get(username="printer")).pk)
"""


@pytest.fixture
def shell(committed, media, tmp_path):
    """What orders: a process with the worker's database, queue and files."""
    database = database_urls(connection.settings_dict["NAME"])["DATABASE_URL"]
    env = environ("config.settings.test", DATABASE_URL=database, ANDON_DATA=str(tmp_path))
    shell = Shell(env, tmp_path)
    yield shell
    shell.close()


@pytest.fixture
def worker(shell, tmp_path):
    """A worker on an empty queue."""
    shell.run("from celery import current_app; current_app.control.purge()")
    log = tmp_path / "worker.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1", "-l", "INFO"],
            cwd=ROOT,
            env=shell.env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_many_travellers_in_one_go_are_all_read_back(worker, shell, client, tmp_path):
    printer = make_user("planner", username="printer")
    processes = [make_process() for _ in range(6)]
    for _ in range(JOBS):
        make_job(*processes, actor=printer, released=True)
    JobStep.objects.update(instructions="Deburr all edges. Check the first piece. " * 3)

    key = int(shell.run(ORDER).split()[-1])

    deadline = time.monotonic() + 2 * PATIENCE
    while (printout := Printout.objects.get(pk=key)).is_unfinished:
        assert time.monotonic() < deadline, worker.read_text()
        time.sleep(0.1)
    assert printout.status == PrintoutStatus.DONE, worker.read_text()
    assert Notification.objects.filter(recipient=printer).count() == 1

    client.force_login(printer)
    with override_settings(MEDIA_ROOT=tmp_path / "media"):
        answer = client.get(reverse("printout-file", args=[key]))
        pages = read(b"".join(answer.streaming_content), scale=2)
    jobs = {code for page in pages for code in page.codes if code.startswith("JOB-")}
    steps = [code for page in pages for code in page.codes if code.startswith("S-")]
    assert len(jobs) == JOBS
    assert steps == [
        f"S-{pk}" for pk in JobStep.objects.order_by("job", "sequence").values_list("pk", flat=True)
    ]
    assert len(steps) == JOBS * len(processes)
