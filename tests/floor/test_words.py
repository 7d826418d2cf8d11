"""Every word of the pages of the floor can be translated: walked in a language that is made up.

What the shop writes itself is Greek here, so that plain Latin letters are words of ours.
"""

from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.models import Role
from apps.core.nouns import NOUNS
from apps.jobs import services
from apps.jobs.models import HelpCall, JobStep, WorkLog
from apps.jobs.services import Report
from apps.jobs.states import LogKind, Priority
from apps.machines.models import Reason
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.shop.selectors import today
from tests import pseudo
from tests.accounts.devices import Device, set_up
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_routing,
    make_user,
    number,
    permit,
    settle,
)

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
WRONG_PIN, WRONG = "90909", "λάθος"


@pytest.fixture(autouse=True)
def language(settings):
    with pseudo.spoken(settings) as header:
        yield header


class Walk:
    """Someone who goes from page to page, and what was not translated on the way."""

    def __init__(self, client, language) -> None:
        self.client, self.language = client, language
        self.left: dict[str, list[str]] = {}
        self.statuses: list[int] = []

    def see(self, address: str, **query) -> str:
        """Read a page."""
        answer = self.client.get(address, query, headers=self.language)
        return self._read(address, answer)

    def send(self, name: str, *args, **fields) -> str:
        """Send a form, as a page without a script and as one with."""
        address = reverse(name, args=args)
        told = self.client.post(address, fields, headers=self.language | JSON)
        self.statuses.append(told.status_code)
        if told["Content-Type"].startswith("application/json"):
            self._keep(f"{address} as JSON", pseudo.untranslated_of_answer(told.json()))
        answer = self.client.post(address, fields, headers=self.language)
        return self._read(address, answer)

    def _read(self, address: str, answer) -> str:
        self.statuses.append(answer.status_code)
        if answer.status_code in {301, 302}:
            return self.see(answer.url)
        if answer["Content-Type"].startswith("application/json"):
            self._keep(address, pseudo.untranslated_of_answer(answer.json()))
            return ""
        page = answer.content.decode()
        assert f'<html lang="{pseudo.CODE}"' in page, address
        self._keep(address, pseudo.untranslated_of_page(page))
        return page

    def _keep(self, address: str, found: list[str]) -> None:
        if found:
            self.left.setdefault(address, []).extend(found)


@pytest.fixture
def walk(client, language):
    walk = Walk(client, language)
    yield walk
    assert not walk.left, "\n".join(
        f"{address}: {words}" for address, found in walk.left.items() for words in found
    )


@pytest.fixture
def shop():
    """Roles, people, a process and a machine, in Greek."""
    for place, role in enumerate(Role.objects.order_by("pk")):
        role.name = f"Ρόλος {place}"
        role.save(update_fields=["name"])
    Reason.objects.update(name="Άγνωστο")


@pytest.fixture
def process(shop):
    return make_process(code="Φ1", name="Φρέζα", needs_machine=True)


@pytest.fixture
def mill(process):
    return make_machine(process, code="Μ1", name="Μηχανή")


@pytest.fixture
def worker(process):
    user = make_user("operator", username="ελένη", full_name="Ελένη")
    permit(user, process)
    return user


@pytest.fixture
def friend(process):
    user = make_user("operator", username="νίκος", full_name="Νίκος")
    permit(user, process)
    return user


@pytest.fixture
def boss(process):
    user = make_user("supervisor", username="άννα", full_name="Άννα")
    permit(user, process, "can_supervise")
    return user


@pytest.fixture
def people(worker, friend, boss):
    return worker, friend, boss


@pytest.fixture
def maker(shop):
    return make_user("planner", username="μαρία", full_name="Μαρία")


@pytest.fixture
def job(maker):
    def make(*processes, **fields):
        given = {
            "customer": make_customer(name="Πελάτης"),
            "part": make_part(number=f"Α-{number()}", name="Κομμάτι", unit="τεμ"),
            "title": "Παραγγελία",
            "routing": make_routing(*processes, name="Δρόμος"),
        }
        return make_job(actor=maker, released=True, **given | fields)

    return make


@pytest.fixture
def steps(job, process, mill):
    """Steps of jobs that are late, due soon, due later and due some day, urgent and not."""
    days = (None, -3, 0, 1, 5)
    made = []
    for days_left, priority in zip(days, (*Priority, Priority.NORMAL), strict=True):
        due = None if days_left is None else today() + timedelta(days=days_left)
        each = job(process, process, due_date=due, priority=priority)
        made.append(each.steps.order_by("sequence").first())
    JobStep.objects.filter(job=made[0].job).update(instructions="Οδηγίες", planned_minutes=90)
    return made


def begun(step, user, machine, **fields):
    services.start_step(step.pk, actor=user, machine_id=machine.pk, **fields)


def test_an_operators_pages(walk, worker, friend, boss, steps, mill):
    _idle, set_up, running, paused, shared = steps
    walk.client.force_login(worker)
    walk.see(reverse("tasks"))
    begun(set_up, worker, mill, kind=LogKind.SETUP)
    begun(running, worker, mill)
    begun(paused, worker, mill)
    services.pause_step(paused.pk, Report(good=2), actor=worker)
    begun(shared, friend, mill)
    services.raise_help(actor=worker, step_id=running.pk, note="Βοήθεια")
    WorkLog.objects.filter(step=set_up).update(started_at=timezone.now() - timedelta(hours=13))
    walk.see(reverse("tasks"))
    for step in (*steps, running.job.steps.last()):
        walk.see(reverse("task", args=[step.pk]))
        for deed in ("report", "pause", "finish", "start", "help"):
            walk.see(reverse(f"task-{deed}", args=[step.pk]))
    walk.see(reverse("task-machine"))
    walk.see(reverse("machine-down", args=[mill.pk]))
    walk.see(reverse("end-of-shift"))
    start_downtime(mill.pk, reason=make_reason(ReasonKind.DOWNTIME, name="Βλάβη"), actor=boss)
    walk.see(reverse("tasks"))
    walk.see(reverse("task", args=[running.pk]))
    walk.see(reverse("task", args=[999_999]))
    assert set(walk.statuses) == {200, 302, 404}


def test_an_operator_with_nothing_to_do(walk, worker):
    walk.client.force_login(worker)
    walk.see(reverse("tasks"))
    walk.see(reverse("task-machine"))
    walk.see(reverse("end-of-shift"))


def test_what_operators_do_and_what_is_refused(walk, worker, friend, boss, steps, mill):
    walk.client.force_login(worker)
    scrap = make_reason(name="Γρατσουνιά")
    first, second, third, fourth, _fifth = (step.pk for step in steps)
    later = steps[0].job.steps.last().pk
    services.assign_step(second, friend, actor=boss)
    begun(steps[2], friend, mill)
    for step in (first, first, second, third, later):  # Done, twice, another's, at work, too soon.
        walk.send("task-start", step, machine=mill.pk)
    walk.send("task-start", third, join="1")
    walk.send("task-start", second, take_over="1")
    walk.send("task-start", fourth, machine="x", kind="ψ")
    for kind in ("setup", "run", "ω"):
        walk.send("task-kind", first, kind=kind)
    for deed in ("report", "pause", "finish"):
        walk.send(f"task-{deed}", fourth, quantity_good="1")  # Not begun.
        walk.send(f"task-{deed}", first, quantity_good="x", quantity_scrap="-1")
        walk.send(f"task-{deed}", first, quantity_good="100")
        walk.send(f"task-{deed}", first, quantity_good="99999999999")
        walk.send(f"task-{deed}", first, quantity_good="1", quantity_scrap="1")
        walk.send(f"task-{deed}", first, quantity_good="1", counter_start="9", counter_end="2")
    walk.send("task-undo", first)
    walk.send(
        "task-report",
        first,
        quantity_good="1",
        quantity_scrap="1",
        quantity_rework="1",
        scrap_reason=scrap.pk,
    )
    walk.send("task-undo", first)
    walk.send("task-still", first)
    walk.send("task-help", first, note="Ω" * 999)
    walk.send("task-help", first, note="Βοήθεια")
    walk.send("task-finish", first, quantity_good="10", anyway="1")
    walk.send("task-undo", first)
    assert {200, 302, 400, 409} <= set(walk.statuses)


def test_what_becomes_of_machines_and_of_jobs(walk, worker, steps, mill):
    walk.client.force_login(worker)
    down, fifth = make_reason(ReasonKind.DOWNTIME, name="Βλάβη"), steps[4].pk
    walk.send("machine-down", mill.pk)
    walk.send("machine-down", mill.pk, reason=down.pk)
    walk.send("task-start", fifth, machine=mill.pk)
    walk.send("machine-up", mill.pk)
    walk.send("task-machine", machine=mill.pk)
    walk.send("task-machine", machine="x")
    walk.send("task-machine", machine="")
    walk.send("end-of-shift")
    walk.send("task-start", 999_999)
    mill.is_active = False
    mill.save(update_fields=["is_active"])
    walk.send("task-start", fifth, machine=mill.pk)
    services.hold_job(steps[4].job_id, actor=make_user("manager", full_name="Όλα"))
    walk.send("task-start", fifth)
    assert {200, 302, 404, 409} <= set(walk.statuses)


def test_what_a_role_may_not(walk, worker, boss, steps, process):
    other = make_process(code="Φ2", name="Πριόνι")
    permit(boss, other, "can_view")
    permit(worker, other, "can_view")
    step = make_job(
        other, released=True, title="Άλλη", customer=make_customer(name="Πελάτης")
    ).steps.get()
    walk.client.force_login(worker)
    for deed in ("start", "report", "pause", "finish"):
        walk.send(f"task-{deed}", step.pk)
    worker.role.group.permissions.clear()
    settle()
    walk.send("task-help", steps[0].pk, note="Βοήθεια")
    walk.see(reverse("floor"))
    viewer = make_user("viewer", username="δες", full_name="Δες")
    walk.client.force_login(viewer)
    walk.see(reverse("tasks"))
    walk.client.force_login(boss)
    for name in ("assign", "move", "prioritise", "skip"):
        walk.send(f"floor-{name}", step.pk, priority=Priority.URGENT.value)


@pytest.mark.parametrize("code", ["JOB", "S", "M", "U", "A", "nothing"])
def test_what_a_scanner_is_told(walk, worker, friend, steps, mill, code):
    walk.client.force_login(worker)
    begun(steps[1], worker, mill)
    begun(steps[2], friend, mill)
    codes = {
        "JOB": [step.job.number for step in steps],
        "S": [f"S-{step.pk}" for step in steps],
        "M": [f"M-{mill.code}"],
        "U": ["U-ΑΒΓ"],
        "A": [
            f"A-{name}"
            for name in (
                *("start", "report", "pause", "resume", "complete", "setup", "run", "help"),
                *("down", "end", "what"),
            )
        ],
        "nothing": ["Ω", "S-999999", "JOB-999999"],
    }
    for each in codes[code]:
        for step in ("", *(str(step.pk) for step in steps)):
            fields = {"code": each, "step": step}
            answer = walk.client.post(reverse("task-scan"), fields, headers=walk.language | JSON)
            assert answer["Content-Type"].startswith("application/json")
            walk._keep(f"{each} at {step}", pseudo.untranslated_of_answer(answer.json()))


def test_a_supervisors_pages(walk, people, steps, mill, process):
    worker, friend, boss = people
    walk.client.force_login(boss)
    for page in ("floor", "shift"):
        walk.see(reverse(page))
    begun(steps[1], worker, mill, kind=LogKind.SETUP)
    begun(steps[2], friend, mill)
    services.pause_step(steps[2].pk, Report(good=2), actor=friend)
    services.assign_step(steps[3].pk, friend, actor=boss)
    services.raise_help(actor=worker, step_id=steps[1].pk, note="Βοήθεια")
    friend.last_login = timezone.now()
    friend.save(update_fields=["last_login"])
    second = make_machine(process, code="Μ2", name="Δεύτερη")
    start_downtime(second.pk, reason=make_reason(ReasonKind.DOWNTIME, name="Βλάβη"), actor=boss)
    for page in ("floor", "shift"):
        walk.see(reverse(page))
        walk.see(reverse(page), process=process.pk)
    for step in (*steps, steps[0].job.steps.last()):
        walk.see(reverse("floor-step", args=[step.pk]))
    for person in (worker, friend, boss):
        walk.see(reverse("floor-person", args=[person.pk]))
    walk.see(reverse("floor-step", args=[999_999]))


def test_what_supervisors_do_and_what_is_refused(walk, people, steps, mill):
    worker, friend, boss = people
    walk.client.force_login(boss)
    step = steps[0].pk
    second = make_machine(code="Μ2", name="Δεύτερη")
    walk.send("floor-assign", step, user=friend.pk)
    walk.send("floor-assign", step, user="")
    walk.send("floor-assign", step, user="999999")
    walk.send("floor-assign", step, user="x")
    walk.send("floor-assign", step, user=friend.pk, seen="1-2-3-4")
    stranger = make_user("viewer", username="ξένος", full_name="Ξένος")
    walk.send("floor-assign", step, user=stranger.pk)
    for machine in (mill.pk, second.pk, 999_999, "x", ""):
        walk.send("floor-move", step, machine=machine)
    for priority in ("3", "9", "x"):
        walk.send("floor-prioritise", step, priority=priority)
    begun(steps[1], worker, mill)
    for name in ("assign", "move", "skip"):
        walk.send(f"floor-{name}", steps[1].pk, machine=mill.pk, user=friend.pk)
    walk.send("floor-skip", step)
    walk.send("floor-skip", step)
    for person in (friend.pk, 999_999, worker.pk, stranger.pk):
        walk.send("floor-place", person, machine=mill.pk)
        walk.send("floor-place", person, machine=second.pk)
    call = services.raise_help(actor=worker, step_id=steps[1].pk, note="Βοήθεια")
    walk.send("floor-answer", call.pk)
    walk.send("floor-answer", 999_999)
    down = start_downtime(
        second.pk, reason=make_reason(ReasonKind.DOWNTIME, name="Βλάβη"), actor=boss
    )
    walk.send("floor-up", down.pk)
    walk.send("floor-up", 999_999)
    assert HelpCall.objects.filter(answered_by=boss).exists()


def test_signing_in_and_ones_own_secrets(walk, worker):
    for page in ("login", "password-forgot", "password-forgot-sent", "terminal"):
        walk.see(reverse(page))
    walk.send("login", username="", password="")
    for _try in range(7):
        walk.send("login", username="ελένη", password=WRONG)
    walk.see(reverse("password_reset_confirm", args=["x", "y-z"]))
    walk.client.force_login(worker)
    for page in ("password", "pin", "password-changed", "terminal-set-up"):
        walk.see(reverse(page))
    walk.send("password", old_password=WRONG, new_password1="1", new_password2="2")
    walk.send("pin", password=WRONG, new_pin="1", new_pin_again="2")
    walk.send("pin", password=WRONG, new_pin="1111", new_pin_again="1111")
    walk.see("/terminal/set-up/x/")
    walk.see("/nothing/")
    assert {200, 403, 404, 409, 429} == set(walk.statuses)


def test_a_shared_terminal(walk, worker):
    walk.client = Device(set_up("Πριόνι"))
    walk.see(reverse("terminal"))
    for fields in (
        {},
        {"badge": "Ω"},
        *[{"user": worker.pk, "pin": WRONG_PIN}] * 7,
    ):
        walk.send("terminal", **fields)
    walk.client.force_login(worker)
    walk.see(reverse("tasks"))
    walk.see(reverse("login"))


def test_a_page_is_kept_for_one_language_only(client, worker, language):
    client.force_login(worker)
    ours, theirs = client.get("/tasks/"), client.get("/tasks/", headers=language)

    assert (ours["Content-Language"], theirs["Content-Language"]) == ("en", pseudo.CODE)
    assert "Accept-Language" in ours["Vary"]
    assert translation.get_language() == "en"


def test_records_are_named_where_translators_see_it():
    models = [each for each in apps.get_models() if each.__module__.startswith("apps.")]
    asked = [
        each
        for each in models
        if not each._meta.proxy and each._meta.app_label not in {"background", "counters"}
    ]  # Of the others nobody is told.
    names = {
        str(name)
        for each in asked
        for name in (each._meta.verbose_name, each._meta.verbose_name_plural)
    }

    assert names <= NOUNS, names - NOUNS
