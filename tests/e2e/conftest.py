"""A real Chromium, watched: what it complains of fails the test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Error, Page, sync_playwright

from apps.accounts.models import User
from tests.factories import PASSWORD

WIDE, PHONE = (1280, 800), (400, 800)
SMALLEST = (360, 740)
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


def chromium() -> str | None:
    """Return the browser's program, if there is one."""
    named = os.environ.get("ANDON_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A Chromium of the test's own.

    Playwright's sync interface keeps an event loop in the test's thread while it runs, and Django
    refuses the database under a loop unless told that nothing runs beside it.
    """
    program = chromium()
    if program is None:
        pytest.skip("NO CHROMIUM: the browser tests are left out. Name one in ANDON_CHROMIUM.")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=program, args=arguments)
        except Error as error:
            pytest.skip(f"CHROMIUM DOES NOT START: the browser tests are left out. {error}")
        yield started
        started.close()
        connections.close_all()  # Those made under the loop; without it Django has others.


class Watched:
    """A page, everything it complained of, and its pictures."""

    def __init__(self, page: Page, base: str, folder: str | None) -> None:
        self.page, self.base, self.folder = page, base, folder
        self.complaints: list[str] = []
        page.set_default_timeout(10_000)
        page.add_init_script(REPORT_VIOLATIONS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def sign_in(self, user: User) -> None:
        self.page.context.clear_cookies()
        self.open("/login/")
        self.page.get_by_label("Username").fill(user.username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def press(self, name: str, *, exact: bool = False) -> None:
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def shoot(self, name: str) -> None:
        """Keep pictures, wide and narrow, light and dark, in the folder ANDON_SCREENSHOTS."""
        if not self.folder:
            return
        for width, height in (WIDE, PHONE):
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                path = Path(self.folder) / f"{name}-{width}-{scheme}.png"
                self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        self.page.emulate_media(color_scheme="light")

    def assert_fits(self) -> None:
        """Assert that nothing has to be scrolled sideways on a phone."""
        for width, height in (PHONE, SMALLEST):
            self.page.set_viewport_size({"width": width, "height": height})
            over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{self.page.url} is {over} px too wide at {width}"
        self.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


@pytest.fixture
def watched(browser: Browser, committed: None, live_server: Any) -> Iterator[Watched]:
    """A page on the live server; at the end it must have complained of nothing."""
    folder = os.environ.get("ANDON_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    size = {"width": WIDE[0], "height": WIDE[1]}
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    page = Watched(context.new_page(), live_server.url, folder)
    yield page
    context.close()
    assert page.complaints == []
