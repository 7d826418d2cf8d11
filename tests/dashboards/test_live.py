"""The live part of the board changes when the shop does, and says nothing of who looks."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from apps.core.cache import states
from apps.dashboards import drawing, selectors
from apps.dashboards.lamps import Lamp
from apps.shop.selectors import today
from tests.factories import make_job, make_user, settle

LIVE = "/board/"


def lamps(down: int = 0, running: int = 0, idle: int = 0) -> list[Lamp]:
    shown = ["down"] * down + ["running"] * running + ["idle"] * idle
    return [Lamp(n, f"M{n}", f"M{n}", state, None, "", "", ()) for n, state in enumerate(shown)]


@pytest.mark.django_db
def test_who_is_signed_out_or_may_not_see_all_is_told_so_without_a_page(client, sign_in, operator):
    assert client.get(LIVE).status_code == 401
    answer = sign_in(operator).get(LIVE)
    assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.django_db
def test_a_board_that_is_as_it_was_costs_a_304(sign_in, planner):
    make_job(released=True)
    client = sign_in(planner)
    tag = client.get(LIVE)["ETag"]

    same = client.get(LIVE, headers={"If-None-Match": tag})
    weakened = client.get(LIVE, headers={"If-None-Match": f"W/{tag}"})

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    assert weakened.status_code == 304


@pytest.mark.django_db
def test_a_change_in_the_shop_is_another_board(sign_in, planner):
    client = sign_in(planner)
    tag = client.get(LIVE)["ETag"]
    job = make_job(released=True, due_date=today() - timedelta(days=1))

    answer = client.get(LIVE, headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert answer["ETag"] != tag
    assert job.number in answer.content.decode()


@pytest.mark.django_db
def test_the_page_has_the_live_part_that_its_script_would_be_told(sign_in, planner):
    make_job(released=True, due_date=today() - timedelta(days=1))
    client = sign_in(planner)

    page, live = client.get("/").content.decode(), client.get(LIVE)

    assert live.content.decode() in page
    assert f'data-tag="{escape(live["ETag"])}"' in page


@pytest.mark.django_db
def test_time_that_passes_changes_nothing(planner):
    make_job(released=True, due_date=today() - timedelta(days=1))
    board, sight = selectors.board(), drawing.Sight(today(), "en")

    later = replace(board, as_of=board.as_of + timedelta(minutes=9))

    assert drawing.draw(later, sight) == drawing.draw(board, sight)


@pytest.mark.django_db
def test_it_is_one_for_all_who_see_the_same(sign_in, planner, manager):
    make_job(released=True, due_date=today() - timedelta(days=1))
    office = reverse("admin:jobs_job_changelist")

    first, second = (sign_in(user).get(LIVE).content.decode() for user in (planner, manager))
    wall = sign_in(planner).get(f"{LIVE}?kiosk=1").content.decode()
    elsewhere = drawing.live(has_office=False, is_wall=False).body  # At a shared terminal.

    assert first == second
    assert office in first
    assert office not in wall + elsewhere


@pytest.mark.parametrize(
    ("found", "closeness", "columns"),
    [
        (lamps(running=1), "few", 2),
        (lamps(down=1, running=1, idle=1), "few", 2),
        (lamps(running=12), "few", 6),
        (lamps(down=1, running=12, idle=17), "some", 6),
        (lamps(down=4, running=50, idle=46), "some", 14),
        (lamps(down=15, running=265, idle=220), "crowd", 16),
        (lamps(running=500), "crowd", 16),
        ([], "few", 2),
    ],
)
def test_the_more_machines_there_are_the_closer_they_stand(found, closeness, columns):
    assert drawing.closeness_of(found) == closeness
    assert drawing.columns_of(found) == columns


def test_every_number_of_columns_has_its_style():
    style = (Path(settings.STATICFILES_DIRS[0]) / "dashboards/wall.css").read_text()

    for columns in range(2, drawing.COLUMNS_AT_MOST + 1, 2):
        assert f".floor--in-{columns} {{" in style


def test_with_another_release_it_is_another(monkeypatch):
    drawing.release.cache_clear()
    before = drawing.release()
    monkeypatch.setattr(drawing, "static", lambda name: f"/static/{name}.new")
    drawing.release.cache_clear()

    assert drawing.release() != before
    drawing.release.cache_clear()


def test_while_nothing_changes_it_is_kept_for_all_and_a_change_shows_in_a_quarter_of_a_second(
    committed, monkeypatch
):
    # A state that jobs alone change: other tests commit to the same server meanwhile.
    monkeypatch.setattr(states, "SNAPSHOT", "SELECT format('1:%s:', 1 + count(*)) FROM jobs")
    cache.clear()
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(make_user("manager"))
    settle()
    tag = clients[0].get(LIVE)["ETag"]
    clients[1].get(LIVE)

    with CaptureQueriesContext(connection) as captured:
        same = clients[1].get(LIVE, headers={"If-None-Match": tag})
    assert not [query for query in captured if query["sql"] != states.SNAPSHOT]
    make_job(released=True, due_date=today() - timedelta(days=1))
    sleep(0.3)
    other = clients[1].get(LIVE, headers={"If-None-Match": tag})

    assert (same.status_code, other.status_code) == (304, 200)
