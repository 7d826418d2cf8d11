"""A page of the browser, watched: everything it complains of is kept."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from apps.accounts.models import User
from tests.factories import PASSWORD

WIDE, PHONE = (1280, 800), (400, 800)
SMALLEST = (360, 740)
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


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
