"""A real Chromium, watched: what it complains of fails the test."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, Error, sync_playwright

from tests.e2e.tablet import Tablet, new_tablet
from tests.e2e.watched import WIDE, Watched

PATIENCE = 5.0  # Seconds for the server to be done.
STEP, LOOKS = 0.02, 3  # Seconds between two looks at it; so many that find it quiet.


def chromium() -> str | None:
    """Return the browser's program, if there is one."""
    named = os.environ.get("ANDON_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of the module's own; each test has a context of its own in it.

    Playwright's sync interface keeps an event loop in the test's thread while it runs, and Django
    refuses the database under a loop unless told that nothing runs beside it.
    """
    program = chromium()
    if program is None:
        pytest.skip("NO CHROMIUM: the browser tests are left out. Name one in ANDON_CHROMIUM.")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        try:
            started = playwright.chromium.launch(executable_path=program, args=arguments)
        except Error as error:
            pytest.skip(f"CHROMIUM DOES NOT START: the browser tests are left out. {error}")
        yield started
        started.close()
        connections.close_all()  # Those made under the loop; without it Django has others.


@pytest.fixture
def watched(browser: Browser, committed: None, live_server: Any) -> Iterator[Watched]:
    """A page on the live server; at the end it must have complained of nothing."""
    size = {"width": WIDE[0], "height": WIDE[1]}
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    page = Watched(context.new_page(), live_server.url, _folder())
    yield page
    context.close()
    let_the_server_finish()
    assert page.complaints == []


@pytest.fixture
def new(browser: Browser, committed: None, live_server: Any) -> Iterator[Callable[..., Tablet]]:
    """Return what makes tablets; at the end none of them must have complained of anything."""
    tablets: list[Tablet] = []

    def make(**options: Any) -> Tablet:
        tablets.append(new_tablet(browser, live_server.url, _folder(), **options))
        return tablets[-1]

    yield make
    for each in tablets:
        each.context.close()
    let_the_server_finish()
    assert [each.complaints for each in tablets if each.complaints] == []


@pytest.fixture
def tablet(new: Callable[..., Tablet]) -> Tablet:
    """A tablet at a machine."""
    return new()


def let_the_server_finish() -> None:
    """Wait for what the pages asked last: it may hold tables that are emptied next."""
    quiet, until = 0, time.monotonic() + PATIENCE
    while quiet < LOOKS and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            quiet = quiet + 1 if cursor.fetchone()[0] == 0 else 0
        time.sleep(STEP)


def _folder() -> str | None:
    folder = os.environ.get("ANDON_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return folder
