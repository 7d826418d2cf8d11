"""Making a device a shared terminal: by a link, by a supervisor, and taking it away again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier
from time import time

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from apps.accounts import services
from apps.accounts.errors import LinkOver, SignInLocked, WrongPin
from apps.accounts.models import SignInAttempts, Terminal
from apps.accounts.states import LINK_HOLDS, WRONG_PER_ADDRESS, TerminalState
from apps.audit.models import AuditLog
from apps.core.errors import Invalid, NotPermitted
from tests.accounts.devices import WRONG, Device, fresh, make_worker, set_up
from tests.factories import make_user

pytestmark = pytest.mark.django_db
HERE = "/terminal/set-up/"


def linked(name="Saw hall"):
    terminal = Terminal.objects.create(name=name)
    return terminal, services.link_terminal(terminal.pk, actor=make_user("administrator"))


# On the device itself.


@pytest.mark.parametrize("role", ["supervisor", "manager", "administrator"])
def test_a_supervisor_makes_the_device_at_hand_a_terminal(role):
    who, worker, device = make_user(role), make_worker(), Device()
    device.force_login(who)
    assert device.get(HERE).status_code == 200

    answer = device.post(HERE, {"name": "Saw hall"})

    assert answer.url == "/terminal/"
    assert device.signed_in is None
    assert device.show(worker).status_code == 302
    terminal = Terminal.objects.get()
    assert (terminal.name, terminal.state) == ("Saw hall", TerminalState.IN_USE)
    (row,) = AuditLog.objects.filter(table="terminals", row_id=terminal.pk)
    assert (row.actor_id, row.action, row.changes["name"]) == (who.pk, "insert", [None, "Saw hall"])
    assert "secret_digest" not in row.changes


@pytest.mark.parametrize("role", ["operator", "viewer", "planner"])
def test_nobody_else_does(client, role):
    client.force_login(make_user(role))

    assert client.get(HERE).status_code == 403
    assert client.post(HERE, {"name": "Saw hall"}).status_code == 403
    assert not Terminal.objects.exists()


def test_a_stranger_is_asked_to_sign_in_first(client):
    assert client.get(HERE).url.startswith(reverse("login"))


def test_the_mark_is_for_programs_of_ours_alone_and_lasts():
    device = Device()
    device.force_login(make_user("supervisor"))
    mark = device.post(HERE, {"name": "Saw hall"}).cookies["andon_terminal"]

    assert (mark["httponly"], mark["samesite"]) == (True, "Lax")
    assert mark["max-age"] == timedelta(days=400).total_seconds()
    assert fresh(Terminal.objects.get()).secret_digest not in mark.value
    assert device.get("/terminal/").cookies["andon_terminal"]["max-age"] == mark["max-age"]


def test_the_mark_is_sent_over_tls_alone_where_sessions_are(settings):
    settings.SESSION_COOKIE_SECURE = True

    assert Device(set_up()).cookies["andon_terminal"]["secure"] is True


def test_a_device_in_its_place_takes_the_name_over():
    old = set_up("Saw hall")
    new = set_up("Saw hall")

    assert new.terminal == old.terminal
    assert new.secret != old.secret


# By a link.


def test_a_link_asks_once_and_makes_the_device_a_terminal():
    terminal, token = linked()
    worker, device = make_worker(), Device()
    page = reverse("terminal-link", args=[token])
    assert "It becomes “Saw hall”" in device.get(page).content.decode()
    assert fresh(terminal).state is TerminalState.WAITING

    assert device.post(page).url == "/terminal/"

    assert fresh(terminal).state is TerminalState.IN_USE
    assert device.show(worker).status_code == 302


def test_a_link_holds_once():
    _, token = linked()
    page = reverse("terminal-link", args=[token])
    Device().post(page)
    late = Device()

    for answer in (late.get(page), late.post(page)):
        assert answer.status_code == 409
        assert "This link no longer holds" in answer.content.decode()
    assert late.show(make_worker()).status_code == 403


def test_a_link_holds_for_a_day_and_until_the_terminal_is_changed(time_passes):
    terminal, token = linked()
    services.named_by_link(token)
    with time_passes(LINK_HOLDS + timedelta(seconds=1)), pytest.raises(LinkOver):
        services.named_by_link(token)

    services.revoke_terminal(terminal.pk, actor=make_user("administrator"))
    with pytest.raises(LinkOver):
        services.set_up_by_link(token)


@pytest.fixture
def time_passes(monkeypatch):
    @contextmanager
    def run(by):
        with monkeypatch.context() as patched:
            patched.setattr("django.core.signing.time.time", lambda: time() + by.total_seconds())
            yield

    return run


@pytest.mark.parametrize("token", ["x", "WzEsMV0", "WzEsMV0:1tXyz0:forged", "a" * 4_000, "%00"])
def test_no_forged_link_holds(client, token):
    assert client.get(f"/terminal/set-up/{token}/").status_code in {400, 409}


@pytest.mark.race
def test_of_two_devices_that_bring_a_link_at_once_one_is_the_terminal(committed):
    _, token = linked()
    barrier = Barrier(2)

    def bring(_):
        barrier.wait(20)
        try:
            return services.set_up_by_link(token).secret
        except LinkOver:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        secrets = list(threads.map(bring, range(2)))

    assert sorted(secret is None for secret in secrets) == [False, True]


# In the office.


def test_the_office_makes_a_terminal_and_shows_its_link_once(client, administrator):
    client.force_login(administrator)
    said = {"name": "Press hall", "lock_after_seconds": 60}

    answer = client.post(reverse("admin:accounts_terminal_add"), said)

    page = answer.content.decode()
    token = page.partition("/terminal/set-up/")[2].partition("/")[0]
    assert "no-store" in answer["Cache-Control"]
    assert "http://testserver/terminal/set-up/" in page
    assert Device().post(reverse("terminal-link", args=[token])).url == "/terminal/"


def test_the_office_renames_lists_and_revokes(client, administrator):
    made = set_up("Saw hall")
    client.force_login(administrator)
    change = reverse("admin:accounts_terminal_change", args=[made.terminal.pk])
    listed = reverse("admin:accounts_terminal_changelist")
    said = {"name": "Saw hall, door", "takes_badge_alone": "on", "lock_after_seconds": 300}
    assert client.post(change, said).status_code == 302
    renamed = fresh(made.terminal)
    assert (renamed.name, renamed.takes_badge_alone) == ("Saw hall, door", True)
    assert "In use" in client.get(listed).content.decode()

    client.post(listed, {"action": "revoke", "_selected_action": [made.terminal.pk]})

    assert "Revoked" in client.get(listed).content.decode()
    assert fresh(made.terminal).secret_digest == ""
    last = AuditLog.objects.filter(table="terminals", row_id=renamed.pk).order_by("-pk")[0]
    assert (last.actor_id, last.changes["is_active"]) == (administrator.pk, [True, False])


def test_a_revoked_terminal_comes_back_by_a_link_alone(client, administrator):
    made = set_up("Saw hall")
    services.revoke_terminal(made.terminal.pk, actor=administrator)
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:accounts_terminal_changelist"),
        {"action": "link", "_selected_action": [made.terminal.pk]},
    )

    assert fresh(made.terminal).state is TerminalState.WAITING
    token = answer.content.decode().partition("/terminal/set-up/")[2].partition("/")[0]
    assert services.named_by_link(token) == made.terminal


def test_a_link_is_made_for_one(client, administrator):
    chosen = [set_up().terminal.pk for _ in range(2)]
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:accounts_terminal_changelist"),
        {"action": "link", "_selected_action": chosen},
        follow=True,
    )

    assert "Choose one" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_changed_setting_holds_at_once():
    made, worker = set_up(), make_worker()
    device = Device(made)
    device.show(worker)
    made.terminal.lock_after_seconds = 45
    made.terminal.save(update_fields=["lock_after_seconds"])

    assert 'data-lock-after="45"' in device.get("/tasks/").content.decode()


# What the database refuses.


@pytest.mark.parametrize("seconds", [0, 14, 3_601])
def test_a_terminal_locks_in_a_time_that_makes_sense(seconds):
    with pytest.raises(DatabaseError), transaction.atomic():
        Terminal.objects.create(name="x", lock_after_seconds=seconds)


def test_a_revoked_terminal_has_no_device():
    with pytest.raises(DatabaseError), transaction.atomic():
        Terminal.objects.create(name="x", is_active=False, secret_digest="y")  # noqa: S106


def test_two_terminals_have_two_names(client, administrator):
    set_up("Saw hall")
    client.force_login(administrator)

    page = client.post(
        reverse("admin:accounts_terminal_add"), {"name": "Saw hall", "lock_after_seconds": 60}
    )

    assert "Another terminal has this name." in page.content.decode()


def test_who_may_only_add_takes_no_terminal_over(planner):
    set_up("Saw hall")
    with pytest.raises(NotPermitted):
        services.set_up_terminal("Saw hall", actor=planner)


@pytest.mark.parametrize("name", ["", " ", "x" * 81])
def test_a_name_that_is_none_is_asked_for_again(client, supervisor, name):
    client.force_login(supervisor)

    assert "field__error" in client.post(HERE, {"name": name}).content.decode()
    assert not Terminal.objects.exists()


def test_a_name_taken_meanwhile_is_told(supervisor, monkeypatch):
    Terminal.objects.create(name="Saw hall")
    monkeypatch.setattr(Terminal.objects, "locked", Terminal.objects.none)

    with pytest.raises(Invalid, match="Another terminal has this name"), transaction.atomic():
        services.set_up_terminal("Saw hall", actor=supervisor)


# Guesses at once.


@pytest.mark.race
def test_of_fifty_wrong_pins_at_once_five_are_looked_at(committed, monkeypatch):
    terminals, worker = [set_up().terminal for _ in range(2)], make_worker()
    looked_at = []
    check = services.terminals.pins.is_right
    monkeypatch.setattr(
        "apps.accounts.pins.is_right",
        lambda pin, kept: looked_at.append(pin) or check(pin, kept),
    )
    barrier = Barrier(16)

    def guess(terminal, share):
        barrier.wait(20)
        ended = []
        try:
            for _ in range(share, 50, 16):
                try:
                    services.sign_in_at_terminal(terminal, WRONG, user_id=worker.pk)
                except (SignInLocked, WrongPin) as refusal:
                    ended.append(type(refusal))
        finally:
            connection.close()
        return ended

    with ThreadPoolExecutor(16) as threads:
        shares = threads.map(lambda share: guess(terminals[0], share), range(16))
        ended = [each for share in shares for each in share]

    assert len(ended) == 50
    assert len(looked_at) == ended.count(WrongPin) == WRONG_PER_ADDRESS
    assert ended.count(SignInLocked) == 50 - WRONG_PER_ADDRESS
    assert services.sign_in_at_terminal(terminals[1], "4711", user_id=worker.pk) == worker
    assert SignInAttempts.objects.full().count() == 1


@pytest.mark.race
def test_right_pins_at_once_lock_nobody(committed):
    terminal, workers = set_up().terminal, [make_worker() for _ in range(8)]
    barrier = Barrier(8)

    def enter(worker):
        barrier.wait(20)
        try:
            return services.sign_in_at_terminal(terminal, "4711", user_id=worker.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(enter, workers)) == workers

    assert [row.taken for row in SignInAttempts.objects.all()] == [0]
