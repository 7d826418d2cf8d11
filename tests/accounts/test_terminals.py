"""Shared terminals: signing in by badge or PIN, switching, and what such a sign-in is not for."""

from datetime import timedelta
from functools import partial
from time import perf_counter, time
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts import terminals
from apps.accounts.models import SignInAttempts, User
from apps.accounts.services import revoke_terminal, set_pin, set_up_terminal
from apps.accounts.states import LOCK_GRACE, SHIFT, WRONG_PER_ADDRESS, WRONG_PER_NAME
from apps.accounts.terminals import TOUCHED, is_over, mark_touched
from apps.audit.models import AuditLog
from apps.jobs.models import WorkLog
from tests.accounts.devices import PIN, WRONG, Device, fresh, make_worker, set_up
from tests.factories import PASSWORD, make_job, make_process, make_step, make_user, permit

pytestmark = pytest.mark.django_db
TERMINAL = "/terminal/"


@pytest.fixture
def made():
    return set_up("Saw hall")


@pytest.fixture
def device(made):
    return Device(made)


@pytest.fixture
def worker():
    return make_worker()


def text(response):
    return response.content.decode()


# Who is here?


def test_a_name_and_a_pin_sign_in_with_one_redirect(device, worker):
    answer = device.show(worker)

    assert (answer.status_code, answer.url) == (302, "/tasks/")
    assert device.get(answer.url).status_code == 200
    assert device.signed_in == worker.pk


@pytest.mark.parametrize("label", ["{}", "U-{}"])
def test_a_badge_as_it_is_and_as_our_labels_say_it_with_a_pin(device, worker, label):
    device.show(badge=label.format(worker.badge_code))

    assert device.signed_in == worker.pk


def test_who_has_no_badge_types_the_sign_in_name(device):
    worker = make_worker(badge_code=None)

    device.show(badge=worker.username)

    assert device.signed_in == worker.pk


def test_a_badge_goes_before_the_name_of_another(device, worker):
    make_worker(username=worker.badge_code, pin=WRONG)

    device.show(badge=worker.badge_code)

    assert device.signed_in == worker.pk


def test_those_who_were_here_are_offered_the_last_one_first(device):
    first, second, left = make_worker(), make_worker(), make_worker()
    for worker in (first, left, second, first):
        device.show(worker)
    device.post(reverse("terminal-lock"))
    User.objects.filter(pk=left.pk).update(is_active=False)

    page = device.get(TERMINAL)

    assert page.context["form"].people == [first, second]
    assert f'value="{first.pk}"' in text(page)


def test_others_are_not_told_who_was_here(device, worker):
    device.show(worker)

    assert worker.full_name not in text(Device(set_up()).get(TERMINAL))


def test_a_badge_scanned_elsewhere_waits_for_its_pin_and_tells_no_name(device, worker):
    other = make_worker()
    device.show(other)
    device.post(reverse("task-scan"), {"code": f"U-{worker.badge_code}"})

    page = text(device.get(TERMINAL))

    assert f'value="{worker.badge_code}"' in page
    assert worker.full_name not in page
    assert device.signed_in == other.pk


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"pin": PIN}, "Choose your name, or scan your badge."),
        ({"badge": "B-1", "pin": ""}, "Type your PIN."),
        ({"user": "1", "pin": ""}, "Type your PIN."),
        ({"user": "x", "pin": PIN}, "Choose your name, or scan your badge."),
    ],
)
def test_what_is_missing_is_asked_for_and_costs_no_try(device, said, told):
    assert told in text(device.post(TERMINAL, said))
    assert not SignInAttempts.objects.exists()


def test_who_wanted_a_page_gets_it_and_no_other_site(device, worker):
    assert device.show(worker, next="/pin/").url == "/pin/"
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:x"):
        assert device.show(worker, next=elsewhere).url == "/tasks/"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("operator", "/tasks/"),
        ("administrator", "/tasks/"),
        ("planner", "/tasks/"),
        ("supervisor", "/floor/"),
        ("viewer", "/"),
    ],
)
def test_each_role_lands_on_its_own_home_but_for_the_office(device, role, home):
    assert device.show(make_worker(role)).url == home


@pytest.mark.django_db(transaction=True)
def test_the_page_costs_one_query_and_switching_no_more_with_more_people(device):
    people = [make_worker() for _ in range(12)]

    def cost(deed):
        deed()  # Warm caches.
        with CaptureQueriesContext(connection) as asked:
            deed()
        return len(asked)

    device.show(people[0])
    few = cost(lambda: device.show(people[1]))
    for each in people:
        device.show(each)
    many = cost(lambda: device.show(people[1]))

    assert few == many
    device.post(reverse("terminal-lock"))
    assert cost(lambda: device.get(TERMINAL)) == 1


# Nowhere else.


def test_a_pin_is_worth_nothing_on_another_device(worker):
    answer = Device().show(worker)

    assert answer.status_code == 403
    assert "This device is no shared terminal" in text(answer)
    assert not SignInAttempts.objects.exists()


def test_another_device_is_told_what_the_page_is_for(client):
    page = client.get(TERMINAL)

    assert page.status_code == 200
    assert reverse("login") in text(page)


def test_a_pin_is_no_password(client, worker):
    client.post(reverse("login"), {"username": worker.username, "password": PIN})

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("forged", ["1.secret", "1.secret:1tXyz0:sig", "x", ".", "1"])
def test_a_forged_mark_makes_no_terminal(worker, made, forged):
    device = Device()
    device.cookies["andon_terminal"] = forged.replace("1.", f"{made.terminal.pk}.")

    assert device.show(worker).status_code == 403


def test_a_device_that_was_replaced_is_a_terminal_no_more(device, worker, made):
    device.show(worker)

    other = Device(set_up(made.terminal.name))

    assert device.show(worker).status_code == 403
    assert other.show(worker).status_code == 302


# Whatever is wrong is answered alike.


def test_wrong_unknown_inactive_and_without_a_pin_are_answered_alike(device):
    without, gone = make_worker(pin=""), make_worker(is_active=False)
    answers = [
        device.show(badge=make_worker().badge_code, pin=WRONG),
        device.show(badge="B-unknown"),
        device.show(badge=without.badge_code),
        device.show(badge=gone.badge_code),
        device.show(user=gone),
    ]

    told = {text(answer).partition('role="alert">')[2].partition("</p>")[0] for answer in answers}
    assert len(told) == 1
    assert "That does not go together" in told.pop()
    assert {answer.status_code for answer in answers} == {200}
    assert device.signed_in is None


def test_all_of_them_take_as_long(device, monkeypatch):
    checked = []
    monkeypatch.setattr(
        "apps.accounts.pins.is_right", lambda _pin, kept: checked.append(bool(kept)) or False
    )
    device.show(make_worker())
    device.show(badge="B-unknown")
    device.show(make_worker(pin=""))
    device.show(make_worker(is_active=False))

    assert checked == [True, False, False, False]


def test_of_wrong_pins_five_are_looked_at_for_a_user_and_a_terminal(device, worker):
    for _ in range(WRONG_PER_ADDRESS):
        assert device.show(worker, WRONG).status_code == 200

    answer = device.show(worker)

    assert answer.status_code == 429
    assert 14 * 60 < int(answer["Retry-After"]) <= 15 * 60
    assert "Too many wrong PINs. Try again in 15 minutes" in text(answer)
    assert device.signed_in is None
    assert device.show(make_worker()).status_code == 302
    assert Device(set_up()).show(worker).status_code == 302


def test_an_unknown_badge_is_locked_like_a_known_one(device):
    answers = [device.show(badge="B-unknown").status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_of_wrong_pins_of_all_users_fifty_are_looked_at_at_a_terminal(device, monkeypatch):
    monkeypatch.setattr("apps.accounts.pins.is_right", lambda _pin, _kept: False)
    workers = [make_worker(pin="") for _ in range(WRONG_PER_NAME // WRONG_PER_ADDRESS + 1)]
    codes = [device.show(each).status_code for each in workers for _ in range(WRONG_PER_ADDRESS)]

    assert codes == [200] * WRONG_PER_NAME + [429] * WRONG_PER_ADDRESS
    monkeypatch.undo()
    assert Device(set_up()).show(make_worker()).status_code == 302


def test_a_right_pin_takes_back_the_wrong_ones(device, worker):
    for _ in range(3):
        for _ in range(WRONG_PER_ADDRESS - 1):
            device.show(worker, WRONG)
        assert device.show(worker).status_code == 302


def test_wrong_pins_lock_no_password_and_wrong_passwords_no_pin(device, worker, client):
    for _ in range(WRONG_PER_ADDRESS):
        device.show(worker, WRONG)
    name = f"PIN at {fresh_name(device)}"
    for tried in (worker.username, name):
        for _ in range(WRONG_PER_ADDRESS):
            client.post(reverse("login"), {"username": tried, "password": "wrong"})
    other = make_worker()

    said = {"username": worker.username, "password": PASSWORD}
    assert Device(REMOTE_ADDR="192.0.2.7").post(reverse("login"), said).status_code == 302
    assert device.show(other).status_code == 302


def fresh_name(device):
    return device.get(TERMINAL).context["form"].terminal.name.lower()


def test_the_office_unlocks_a_terminal(device, worker, client, administrator):
    for _ in range(WRONG_PER_ADDRESS):
        device.show(worker, WRONG)
    client.force_login(administrator)
    page = reverse("admin:accounts_signinattempts_changelist")
    (row,) = client.get(page).context["cl"].result_list
    assert (row.username, row.address) == ("PIN at saw hall", worker.username)

    client.post(page, {"action": "unlock", "_selected_action": [row.pk]})

    assert device.show(worker).status_code == 302


# A badge alone.


def test_a_badge_alone_is_not_enough_unless_the_terminal_says_so(device, worker):
    assert "Type your PIN." in text(device.show(badge=worker.badge_code, pin=""))
    assert device.signed_in is None


def test_a_badge_alone_signs_in_where_it_may_and_nothing_else_does(worker):
    device = Device(set_up(takes_badge_alone=True))
    assert device.show(worker, "").status_code == 200
    assert device.show(badge=worker.username, pin="").status_code == 200
    assert device.show(badge="B-unknown", pin="").status_code == 200
    assert device.show(badge=worker.badge_code, pin=WRONG).status_code == 200
    assert device.show(badge=make_worker(is_active=False).badge_code, pin="").status_code == 200
    assert device.signed_in is None

    assert device.show(badge=worker.badge_code, pin="").status_code == 302

    assert device.signed_in == worker.pk


# Switching.


def test_a_switch_ends_the_session_before_and_takes_under_two_seconds(device, worker):
    device.show(worker)
    before, token = device.session.session_key, device.cookies["csrftoken"].value
    other = make_worker()

    began = perf_counter()
    landed = device.get(device.show(other).url)
    seconds = perf_counter() - began

    print(f"switched in {1000 * seconds:.0f} ms, without the network")  # noqa: T201 - -rP shows it
    assert seconds < 2
    assert landed.wsgi_request.user == other
    assert device.session.session_key != before
    assert device.cookies["csrftoken"].value != token
    assert not Session.objects.filter(pk=before).exists()


def test_the_same_person_again_gets_another_session(device, worker):
    device.show(worker)
    before = device.session.session_key
    device.show(worker)

    assert device.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_a_wrong_pin_leaves_the_one_before_signed_in(device, worker):
    device.show(worker)
    device.show(make_worker(), WRONG)

    assert device.signed_in == worker.pk


def test_locking_ends_the_session_and_shows_who_is_here(device, worker):
    device.show(worker)
    before = device.session.session_key

    assert device.get(reverse("terminal-lock")).status_code == 405
    assert device.post(reverse("terminal-lock")).url == TERMINAL

    assert device.signed_in is None
    assert not Session.objects.filter(pk=before).exists()


def test_without_a_terminal_a_lock_leads_to_the_sign_in(client, operator):
    client.force_login(operator)

    assert client.post(reverse("terminal-lock")).url == reverse("login")


def test_forms_at_a_terminal_need_their_token(made, worker):
    device = Device(made, enforce_csrf_checks=True)

    assert device.show(worker).status_code == 403
    page = device.get(TERMINAL)
    token = str(page.context["csrf_token"])
    assert device.show(worker, csrfmiddlewaretoken=token).status_code == 302


def test_pages_of_a_terminal_lock_themselves_and_offer_to_switch(device, worker, client):
    device.show(worker)
    page = text(device.get("/tasks/"))
    assert 'data-lock-after="120"' in page
    assert f'data-lock="{reverse("terminal-lock")}"' in page
    assert "Switch" in page
    assert "Sign out" not in page

    client.force_login(worker)
    page = text(client.get("/tasks/"))
    assert "data-lock-after" not in page
    assert "Sign out" in page


def test_two_people_in_a_row_each_act_in_their_own_name(device):
    first, second = make_worker(), make_worker()
    steps = [make_step(), make_step()]
    for worker, step in zip((first, second), steps, strict=True):
        permit(worker, step.process)
        device.show(worker)
        device.post(reverse("task-start", args=[step.pk]))

    logs = list(WorkLog.objects.order_by("pk"))
    trail = AuditLog.objects.filter(table="work_logs", action="insert").order_by("pk")
    assert [log.user for log in logs] == [first, second]
    assert [(row.actor_id, row.source) for row in trail] == [
        (first.pk, "tasks"),
        (second.pk, "tasks"),
    ]


# How long, and where.


def test_a_session_ends_with_the_shift_however_busy(device, worker):
    device.show(worker)
    at_most = timezone.now() + SHIFT
    assert device.session.get_expiry_date() <= at_most
    session = device.session
    session["busy"] = True
    session.save()
    assert device.session.get_expiry_date() <= at_most
    assert timezone.now() + SHIFT - timedelta(minutes=1) < device.session.get_expiry_date()


def test_a_session_bears_its_terminal_and_does_not_leave_it(device, worker, made):
    device.show(worker)
    assert device.session["terminal"] == made.terminal.pk
    key = device.cookies["sessionid"].value

    for elsewhere in (Device(), Device(set_up())):
        elsewhere.cookies["sessionid"] = key
        assert elsewhere.get("/tasks/").status_code == 302
        assert not Session.objects.filter(pk=key).exists()


def test_revoking_signs_out_whoever_is_there(device, worker, made):
    device.show(worker)
    revoke_terminal(made.terminal.pk, actor=make_user("administrator"))

    assert device.get("/tasks/").url.startswith(reverse("login"))
    assert device.signed_in is None
    assert device.show(worker).status_code == 403


def test_who_has_left_is_signed_out(device, worker):
    device.show(worker)
    worker.is_active = False
    worker.save(update_fields=["is_active"])

    assert device.get("/tasks/").status_code == 302


def test_strangers_at_a_terminal_are_asked_who_they_are(device):
    answer = device.get("/tasks/", follow=True)

    assert answer.redirect_chain[-1][0] == f"{TERMINAL}?next=%2Ftasks%2F"
    assert 'name="next" value="/tasks/"' in text(answer)
    assert f"{reverse('login')}?with=password" in text(answer)


def test_the_last_sign_in_is_noted(device, worker, made):
    assert fresh(made.terminal).last_seen_at is None
    device.show(worker)

    seen = fresh(made.terminal)
    assert timezone.now() - seen.last_seen_at < timedelta(minutes=1)
    assert seen.version == made.terminal.version


# A PIN is weaker than a password.


@pytest.mark.parametrize("role", ["administrator", "supervisor"])
@pytest.mark.parametrize("page", ["/admin/", "/admin/accounts/user/", "/password/"])
def test_the_office_and_the_password_ask_for_the_password(device, role, page):
    worker = make_worker(role)
    device.show(worker)

    asked = device.get(page, follow=True)

    assert "What you asked for needs your password." in text(asked)
    assert f'value="{worker.username}"' in text(asked)
    form = {"username": worker.username, "password": PASSWORD, "next": page}
    before = device.session.session_key
    assert device.post(reverse("login"), form).url == page
    assert device.session[BACKEND_SESSION_KEY] != terminals.BACKEND
    assert device.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()
    if role == "administrator":
        assert device.get(page).status_code == 200


def test_with_a_password_too_a_terminal_locks_and_ends_with_the_shift(device):
    worker = make_worker("administrator")
    device.post(
        f"{reverse('login')}?with=password", {"username": worker.username, "password": PASSWORD}
    )

    assert device.session.get_expiry_date() <= timezone.now() + SHIFT
    assert "data-lock-after" in text(device.get("/tasks/"))
    assert 'id="switch"' in text(device.get("/admin/"))


def test_the_office_is_not_offered_to_who_has_shown_a_pin(device):
    device.show(make_worker("administrator"))

    assert "/admin/" not in text(device.get("/"))


def test_no_other_device_is_made_a_terminal_with_a_pin(device):
    device.show(make_worker("supervisor"))

    assert device.get(reverse("terminal-set-up")).url.startswith(reverse("login"))


def test_the_api_reads_and_works_with_a_pin_and_changes_no_record(device):
    worker = make_worker("administrator")
    device.show(worker)
    me = f"/api/v1/users/{worker.pk}/"
    told = device.get("/api/v1/auth/me/").json()
    assert (told["is_staff"], told["scopes"]) == (False, ["read", "work"])
    tag = device.get(me).headers["ETag"]

    refused = device.patch(
        me, {"password": "staple battery horse"}, "application/json", headers={"If-Match": tag}
    )

    assert refused.status_code == 403
    assert "lacks the scope" in refused.json()["detail"]
    worker.refresh_from_db()
    assert worker.check_password(PASSWORD)


def test_one_s_pin_can_be_changed_at_a_terminal_with_the_password(device, worker):
    device.show(worker)
    said = {"password": PASSWORD, "new_pin": "8350", "new_pin_again": "8350"}

    assert device.post(reverse("pin"), said).url == reverse("landing")
    assert device.show(worker, "8350").status_code == 302


def test_a_new_password_ends_the_sign_in_at_a_terminal(device, worker):
    device.show(worker)
    worker.set_password("staple battery horse")
    worker.save(update_fields=["password"])

    assert device.get("/tasks/").status_code == 302


@pytest.mark.parametrize("pin", ["8350", ""])
def test_another_pin_or_none_ends_the_sign_ins_that_the_last_one_began(device, worker, pin):
    device.show(worker)
    with_password = Device()
    with_password.force_login(worker)

    set_pin(worker, pin, actor=make_user("administrator"))

    assert device.get("/tasks/").status_code == 302
    assert device.signed_in is None
    assert with_password.get("/tasks/").status_code == 200


def test_who_sets_a_pin_of_their_own_stays_signed_in_here_and_nowhere_else(device, worker):
    elsewhere = Device(set_up())
    for each in (device, elsewhere):
        each.show(worker)

    device.post(reverse("pin"), {"password": PASSWORD, "new_pin": "8350", "new_pin_again": "8350"})

    assert device.get("/tasks/").status_code == 200
    assert elsewhere.get("/tasks/").status_code == 302


def test_what_stands_for_a_pin_is_known_under_the_key_before(worker, settings):
    worker.at_terminal = True
    before = worker.get_session_auth_hash()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "x" * 64

    assert [*worker.get_session_auth_fallback_hash()] == [before]
    worker.pin = ""
    assert [*worker.get_session_auth_fallback_hash()] != [before]


# Left alone.


@pytest.fixture
def later(monkeypatch):
    """Let seconds pass for what signs by the clock."""
    ahead = 0

    def passes(seconds):
        nonlocal ahead
        ahead += seconds
        clock = SimpleNamespace(time=lambda: time() + ahead)
        monkeypatch.setattr("django.core.signing.time", clock)

    return passes


@pytest.fixture
def patience(made):
    """How many seconds a terminal waits for somebody to touch it, the grace with it."""
    return made.terminal.lock_after_seconds + LOCK_GRACE.total_seconds()


def with_password(device, worker):
    said = {"username": worker.username, "password": PASSWORD}
    return device.post(f"{reverse('login')}?with=password", said)


@pytest.mark.parametrize("sign_in", [Device.show, with_password])
def test_a_terminal_left_alone_asks_again_who_is_there(device, worker, later, patience, sign_in):
    sign_in(device, worker)
    key = device.cookies["sessionid"].value
    later(patience + 2)

    answer = device.get("/tasks/")

    assert answer.url.startswith(reverse("login"))
    assert not Session.objects.filter(pk=key).exists()


def test_a_terminal_in_use_does_not_lock_and_is_written_to_now_and_then(
    device, worker, later, patience
):
    device.show(worker)
    written = []
    for seconds in (patience - 5, 2, patience - 5):
        later(seconds)
        answer = device.get("/tasks/")
        assert answer.status_code == 200
        written.append(TOUCHED in answer.cookies)

    assert written == [True, False, True]


def test_without_its_mark_a_session_at_a_terminal_is_over(device, worker):
    device.show(worker)
    del device.cookies[TOUCHED]

    assert device.get("/tasks/").status_code == 302


def test_the_mark_of_one_does_not_keep_the_session_of_another(device, worker):
    device.show(worker)
    left = device.cookies["sessionid"].value
    other = Device()
    other.cookies.update(device.cookies)
    other.show(make_worker())
    other.cookies["sessionid"] = left
    device.show(worker)

    other.cookies["sessionid"] = device.cookies["sessionid"].value
    assert other.get("/tasks/").status_code == 302


def test_what_waited_for_the_network_is_done_once_after_the_pin(device, worker, later, patience):
    process = make_process()
    permit(worker, process)
    step = make_job(process, released=True).steps.get()
    device.show(worker)
    later(patience + 2)
    headers = {"Accept": "application/json", "Idempotency-Key": str(uuid4())}
    send = partial(device.post, f"/tasks/{step.pk}/start/", {"by": str(worker.pk)}, headers=headers)

    refused = send()
    device.show(make_worker())
    not_theirs = send()
    device.show(worker)
    done = [send().status_code for _ in range(2)]

    assert (refused.status_code, refused.json()["signed_out"]) == (401, True)
    assert not_theirs.status_code == 401
    assert (done, WorkLog.objects.get().user) == ([200, 200], worker)


def test_being_touched_costs_no_query_and_no_way_to_the_cache(
    device, worker, later, made, monkeypatch
):
    device.show(worker)
    device.get("/tasks/")
    request = RequestFactory().get("/tasks/")
    request.COOKIES = {name: morsel.value for name, morsel in device.cookies.items()}
    request.session = {"_auth_user_id": str(worker.pk), "terminal": made.terminal.pk}
    request._terminal = made.terminal
    monkeypatch.setattr("django.core.cache.cache.get", None)
    later(30)

    with CaptureQueriesContext(connection) as asked:
        assert not is_over(request)
        answer = HttpResponse()
        mark_touched(request, answer)

    assert (len(asked), [*answer.cookies]) == (0, [TOUCHED])


def test_setting_up_the_same_device_again_forgets_who_was_there(device, worker, made):
    device.show(worker)
    again = set_up_terminal(made.terminal.name, actor=make_user("administrator"))

    assert again.terminal == made.terminal
    assert Device(again).get(TERMINAL).context["form"].people == []
