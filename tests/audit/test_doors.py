"""Through whichever door a change comes in: the real web process, worker, command."""

import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.db import connection
from django.urls import reverse

from apps.audit.models import AuditLog
from apps.customers.models import Customer
from apps.machines.models import Machine
from tests.factories import make_customer, make_job, make_process, make_user, permit
from tests.observability.serving import PATIENCE, ROOT, Client, Shell, environ, serving

pytestmark = pytest.mark.django_db

REQUESTS = 10_000 if os.environ.get("ANDON_ALL") else 200
USERS = 8


@pytest.fixture
def env(committed):
    """The environment of a process of Andon over the test's own database."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = quote(connection.settings_dict["NAME"])
    variables = environ(
        "config.settings.test", DATABASE_URL=urlunsplit(url._replace(path=f"/{name}"))
    )
    variables.pop("DATABASE_OWNER_URL", None)
    return variables


@pytest.fixture
def shell(env, tmp_path):
    shell = Shell(env, tmp_path)
    yield shell
    shell.close()


def start(command, env, output=subprocess.DEVNULL):
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)  # noqa: S603 - our own command


def test_the_office(client, manager, trail):
    customer = make_customer(name="Acme")
    client.force_login(manager)
    address = reverse("admin:customers_customer_change", args=[customer.pk])
    form = client.get(address).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"city": "Graz"}

    answer = client.post(address, data, headers={"X-Request-ID": "request-0100"})

    assert answer.status_code == 302, answer.context["errors"]
    (row,) = trail(table="customers", action="update")
    assert (row.actor_id, row.source, row.request_id) == (manager.pk, "admin", "request-0100")
    assert row.changes == {"city": ["", "Graz"]}


def test_the_task_pages(client, operator, trail):
    process = make_process()
    permit(operator, process)
    step = make_job(process, released=True).steps.get()
    client.force_login(operator)
    before = len(trail())

    assert client.post(reverse("task-start", args=[step.pk])).status_code == 302

    rows = trail()[before:]
    assert {row.table for row in rows} == {"job_steps", "work_logs"}
    assert {(row.actor_id, row.source) for row in rows} == {(operator.pk, "tasks")}


def test_a_password_changed_by_its_owner(client, operator, trail):
    client.force_login(operator)
    new = "another horse battery 7"
    data = {"old_password": "correct horse battery", "new_password1": new, "new_password2": new}

    assert client.post(reverse("password"), data).status_code == 302

    (row,) = trail(table="users", action="update")
    assert (row.actor_id, row.source, row.changes) == (operator.pk, "web", {})


@pytest.mark.slow
def test_a_command(env, trail):
    assert start([sys.executable, "manage.py", "set_up", "--demo"], env).wait() == 0

    rows = trail()
    assert {(row.actor_id, row.source) for row in rows} == {(None, "command")}
    assert len({row.request_id for row in rows}) == 1
    assert Machine.objects.count() == len(trail(table="machines", action="insert")) > 0


@pytest.mark.slow
@pytest.mark.xdist_group("worker")
def test_a_task_bears_who_asked_for_it_and_the_next_does_not(env, shell, tmp_path, trail):
    customer = make_customer()
    log = tmp_path / "worker.log"
    shell.run("from celery import current_app; current_app.control.purge()")
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1"]
    with log.open("w") as output:
        worker = start([*command, "--include", "tests.audit.worker_task"], env, output)
    try:
        for who, city in (
            ("acting_as(4711, Source.ADMIN, 'request-0200')", "Graz"),
            ("nullcontext()", "Linz"),
        ):
            shell.run(
                "from contextlib import nullcontext\n"
                "import tests.audit.worker_task\n"
                "from apps.background.queue import enqueue\n"
                "from apps.core import request_id\n"
                "from apps.core.acting import Source, acting_as\n"
                "request_id.adopt('request-0200')\n"
                f"with {who}:\n"
                f"    enqueue('background.move_customers', city='{city}')\n"
            )
            deadline = time.monotonic() + PATIENCE
            while not Customer.objects.filter(pk=customer.pk, city=city).exists():
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
    finally:
        worker.terminate()
        worker.wait(PATIENCE)

    asked, alone = trail(table="customers", action="update")
    assert (asked.actor_id, asked.source, asked.request_id) == (4711, "worker", "request-0200")
    assert (alone.actor_id, alone.source) == (None, "worker")


@pytest.mark.slow
def test_a_pooled_connection_never_carries_an_actor_over(env, tmp_path, trail):
    """Each call for help names who raised it: the trail must name the same, row by row."""
    step = make_job(make_process(), released=True).steps.get()
    users = [make_user("operator") for _ in range(USERS)]
    permit(users[0], step.process)
    dice = random.Random(3)  # noqa: S311 - the order of requests
    small = {"DB_POOL_MIN_CONNECTIONS": "1", "DB_POOL_MAX_CONNECTIONS": "2"}
    with serving({**env, **small, "ANDON_PROCESS": "web"}, tmp_path / "web.log") as base:
        clients = []
        for user in users:
            clients.append(Client(base))
            clients[-1].sign_in(user.username)
            clients[-1].get(f"/tasks/{step.pk}/help/")

        def ask(number: int) -> int:
            return clients[number].post(f"/tasks/{step.pk}/help/", note="x").status

        order = [dice.randrange(USERS) for _ in range(REQUESTS)]
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(ask, order)) == {302}

    rows = trail(table="help_calls", action="insert")
    assert len(rows) == REQUESTS
    assert {row.source for row in rows} == {"tasks"}
    wrong = [row for row in rows if row.actor_id != row.changes["raised_by_id"][1]]
    assert wrong == []
    assert {row.actor_id for row in rows} == {user.pk for user in users}


@pytest.mark.django_db(transaction=True)
def test_a_stranger_acts_as_nobody(client, trail):
    user = make_user("operator")
    before = len(trail())

    client.post(reverse("login"), {"username": user.username, "password": "wrong"})

    assert trail()[before:] == []
    assert AuditLog.objects.filter(actor_id=0).count() == 0
