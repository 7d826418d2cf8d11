"""The board shows the state of the shop at a bounded cost, and each role its own home."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs import services
from apps.machines.services import start_downtime
from apps.machines.states import ReasonKind
from apps.shop.selectors import today
from tests.factories import make_job, make_machine, make_process, make_reason, make_user, permit

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def tiles_of(answer) -> dict[str, str]:
    """Return the numbers that a page shows, by their words."""
    page = text_of(answer)
    tiles = page.split('<li class="tile')[1:]
    cut = [tile.split("tile__number", 1)[1].split(">", 1)[1] for tile in tiles]
    words = [tile.split("</svg>", 1)[1].split("</span>")[0].split("</a>")[0] for tile in tiles]
    return {
        word.rsplit(">", 1)[-1].strip(): number.split("<")[0]
        for word, number in zip(words, cut, strict=True)
    }


def test_the_signed_out_are_sent_to_sign_in(client):
    assert client.get("/").url == "/login/?next=/"


def test_tiles_say_what_needs_attention_and_what_was_made_today(sign_in, planner):
    day = today()
    process = make_process()
    permit(planner, process)
    for due in (None, day - timedelta(days=1), day):
        make_job(process, released=True, due_date=due, quantity=50)
    held = make_job(released=True, due_date=day - timedelta(days=3))
    services.hold_job(held.pk, actor=planner)
    worker = make_user("operator")
    permit(worker, process)
    step = make_job(process, released=True, quantity=50).steps.get()
    services.start_step(step.pk, actor=worker)
    lost = make_reason(ReasonKind.SCRAP)
    services.report_step(
        step.pk, services.Report(good=38, scrap=2, scrap_reason=lost), actor=worker
    )

    page = sign_in(planner).get("/")

    assert tiles_of(page) == {
        "active jobs": "4",
        "late": "2",
        "due this week": "1",
        "on hold": "1",
        "good today": "38",
        "scrap today": "2",
    }
    assert "5.0 %" in text_of(page)


def test_before_anything_is_made_the_scrap_rate_is_no_number(sign_in, planner):
    page = text_of(sign_in(planner).get("/"))

    assert '<span class="tile__note">–</span>' in page
    assert "icons.svg#nodata" in page


def test_lamps_say_what_runs_by_whom_and_why_one_is_down(sign_in, manager):
    process = make_process(name="Milling", needs_machine=True)
    running, broken = make_machine(process, name="Mill 7"), make_machine(name="Press 2")
    make_machine(name="Saw 1")
    step = make_job(process, released=True).steps.get()
    ayse = make_user("operator", full_name="Ayşe Kaya")
    permit(ayse, process)
    services.start_step(step.pk, actor=ayse, machine_id=running.pk)
    services.report_step(step.pk, services.Report(good=4), actor=ayse)
    reason = make_reason(ReasonKind.DOWNTIME, name="Tool change")
    at = timezone.now() - timedelta(minutes=22)
    start_downtime(broken.pk, reason=reason, actor=ayse, at=at)

    page = text_of(sign_in(manager).get("/"))

    assert f'{step.job}</a> <span class="lamp__process">Milling</span>' in page
    assert "40 %" in page
    assert "Ayşe Kaya" in page
    assert "<b>Tool change</b>" in page
    assert f'<time data-ago="{at.isoformat(timespec="seconds")}"></time>' in page
    for name, state in (("Mill 7", "Running"), ("Press 2", "Down"), ("Saw 1", "Idle")):
        lamp = page.split(f"{name}</span>")[1]
        assert lamp.index(state) < lamp.index("</div>")
    assert page.index("Press 2") < page.index("Mill 7") < page.index("Saw 1")
    assert [page.count(f"1 {state}") for state in ("down", "running", "idle")] == [1, 1, 1]


def test_late_jobs_come_with_how_late_and_ten_at_most_but_on_the_wall(sign_in, planner):
    jobs = [
        make_job(released=True, due_date=today() - timedelta(days=days)) for days in range(1, 12)
    ]
    services.hold_job(jobs[-1].pk, actor=planner)
    client = sign_in(planner)

    page, wall = text_of(client.get("/")), text_of(client.get("/?kiosk=1"))

    assert page.index(jobs[10].number) < page.index(jobs[1].number)
    assert jobs[0].number not in page
    assert jobs[0].number in wall
    assert "the 10 longest late of 11" in page
    assert page.index("11 days late") < page.index("on hold</span>") < page.index("10 days late")


def test_the_board_costs_the_same_for_two_of_everything_and_twenty(
    client, manager, operator, assert_flat
):
    process = make_process(needs_machine=True)
    permit(operator, process)
    reason = make_reason(ReasonKind.DOWNTIME)
    client.force_login(manager)

    def grow(rows: int) -> None:
        for _ in range(rows):
            machine, broken = make_machine(process), make_machine()
            late = make_job(process, released=True, due_date=today() - timedelta(days=1))
            services.start_step(late.steps.get().pk, actor=operator, machine_id=machine.pk)
            start_downtime(broken.pk, reason=reason, actor=operator)

    assert assert_flat(grow=grow, work=lambda: client.get("/")) == 5


def test_on_the_wall_there_is_nothing_to_press(sign_in, manager):
    make_machine()
    make_job(released=True, due_date=today() - timedelta(days=1))

    wall = text_of(sign_in(manager).get("/?kiosk=1"))

    links = wall.split("<body")[1].split("</noscript>")[-1].count("<a ")
    assert links == 3  # To the content, back to the board; to sign in, when signed out.
    assert "<form" not in wall
    assert "chart" not in wall


def test_without_a_script_the_wall_loads_itself_and_the_page_has_a_link(sign_in, manager):
    client = sign_in(manager)

    assert '<meta http-equiv="refresh" content="30">' in client.get("/?kiosk=1").content.decode()
    page = text_of(client.get("/"))
    assert "refresh" not in page
    assert "<noscript><a " in page


def test_an_operators_home_says_how_much_there_is(sign_in, operator):
    process = make_process()
    permit(operator, process)
    steps = [make_job(process, released=True).steps.get() for _ in range(4)]
    for step in steps[:2]:
        services.start_step(step.pk, actor=operator)
    services.pause_step(steps[0].pk, actor=operator)

    page = sign_in(operator).get("/")

    assert tiles_of(page) == {"running": "1", "paused": "1", "ready for you": "2"}
    assert reverse("tasks") in page.content.decode()


def test_an_operators_home_shows_nothing_of_the_shop(sign_in, operator):
    job = make_job(released=True, due_date=today() - timedelta(days=1))
    client = sign_in(operator)

    for address in ("/", "/?kiosk=1"):
        page = client.get(address).content.decode()
        assert job.number not in page
        assert "Office" not in page


def test_an_operators_home_costs_the_same_for_two_steps_and_twenty(client, operator, assert_flat):
    process = make_process()
    permit(operator, process)
    client.force_login(operator)

    def grow(rows: int) -> None:
        for _ in range(rows):
            make_job(process, released=True)

    assert assert_flat(grow=grow, work=lambda: client.get("/")) == 1


def test_each_role_is_led_to_the_places_it_may_enter(sign_in, planner, manager, administrator):
    for user in (planner, manager, administrator):
        client = sign_in(user)
        page = client.get("/")
        for _name, place in page.context["places"]:
            assert client.get(reverse(place)).status_code == 200, (user, place)


def test_each_tile_leads_to_the_jobs_it_counts(sign_in, planner):
    held, late = make_job(released=True), make_job(released=True, due_date=today() - timedelta(1))
    soon = make_job(released=True, due_date=today())
    services.hold_job(held.pk, actor=planner)
    client = sign_in(planner)
    jobs = reverse("admin:jobs_job_changelist")
    page = client.get("/").content.decode()

    found = {}
    for tile in page.split(f'<a href="{jobs}?')[1:]:
        query, word = tile.split('">', 1)
        listed = client.get(f"{jobs}?{query.replace('&amp;', '&')}").context["cl"].result_list
        found[word.split("<")[0]] = set(listed)

    assert found == {
        "active jobs": {late, soon},
        "late": {late},
        "due this week": {soon},
        "on hold": {held},
    }


def test_browsers_that_ask_for_an_icon_get_ours(client):
    assert client.get("/favicon.ico").url == "/static/core/favicon.svg"
