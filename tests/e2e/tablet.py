"""A tablet at a machine: touched, held in gloves, on a poor network, with a scanner beside it."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Error,
    Locator,
    Page,
    Route,
    expect,
)

from apps.accounts.models import User
from apps.background.models import IdempotencyKey
from apps.jobs.models import JobStep
from tests.e2e.watched import Watched
from tests.factories import make_job, make_process, permit

SIZE = {"width": 800, "height": 1280}
# What a hall of steel leaves of a mobile network: 1.6 Mbit/s down, 0.75 up, 150 ms.
POOR = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SENT_WITHIN = 15  # Seconds.
# How many actions are on the device's disk (static/floor/store.js).
KEPT = """
() => new Promise((tell) => {
  const stored = () => tell(JSON.parse(localStorage.getItem("andon.outbox") ?? "[]").length);
  let opening;
  try { opening = indexedDB.open("andon", 1); } catch { return stored(); }
  opening.onupgradeneeded = () =>
    opening.result.createObjectStore("outbox", { keyPath: "id", autoIncrement: true });
  opening.onerror = stored;
  opening.onsuccess = () => {
    const counting = opening.result.transaction("outbox").objectStore("outbox").count();
    counting.onsuccess = () => { opening.result.close(); tell(counting.result); };
  };
})
"""
SLOWEST = 5  # Seconds that pressing the keys of a code may take the test itself.
SCANNERS_PACE = 4  # Milliseconds a key.
PEOPLES_PACE = 110

expect.set_options(timeout=15_000)  # The machine that tests may have more to do than that.


class Tablet(Watched):
    """A page on a touched device. Refusals are part of its day: what they log is no complaint."""

    def __init__(self, context: BrowserContext, base: str, folder: str | None) -> None:
        super().__init__(context.new_page(), base, folder)
        self.context = context
        self.taps = 0
        self.clock = 0.0
        self.sessions: dict[Page, CDPSession] = {}
        self.posts: list[tuple[str, str]] = []
        context.on("request", self._on_request)

    def _on_request(self, request: Any) -> None:
        key = request.headers.get("idempotency-key")
        if key:
            self.posts.append((request.url.removeprefix(self.base), key))

    def _on_console(self, message: Any) -> None:
        if not message.text.startswith("Failed to load resource"):
            super()._on_console(message)

    def session(self) -> CDPSession:
        """Return the page's own session: where one ends, the network that is cut comes back."""
        if self.page not in self.sessions:
            self.sessions[self.page] = self.context.new_cdp_session(self.page)
        return self.sessions[self.page]

    def slow_down(self) -> None:
        self.session().send("Network.emulateNetworkConditions", POOR)

    def scan(self, code: str) -> None:
        self.clock += 1  # Second since the scan before.
        self.type(f"{code}\r", pace=SCANNERS_PACE)

    def type(self, text: str, *, pace: float) -> None:
        """Press keys, each so many milliseconds after the one before, however slow the test is."""
        session = self.session()
        self.clock = max(self.clock, time.time() - SLOWEST)
        for character in text:
            self.clock += pace / 1000
            key = {"key": "Enter", "code": "Enter"} if character == "\r" else {"key": character}
            at = {"timestamp": self.clock, "text": character} | key
            session.send("Input.dispatchKeyEvent", {"type": "keyDown"} | at)
            session.send("Input.dispatchKeyEvent", {"type": "keyUp"} | at)

    def tap(self, name: str, within: Locator | None = None, *, role: Any = "button") -> None:
        """Tap what has the name, and count it."""
        place = within or self.page.locator("main")
        place.get_by_role(role, name=name, exact=True).first.tap()
        self.taps += 1

    def card(self, step: JobStep) -> Locator:
        return self.page.locator("main .card").filter(
            has=self.page.locator(f'a[href="/tasks/{step.pk}/"]')
        )

    @property
    def found(self) -> Locator:
        """The panel of what was scanned."""
        return self.page.locator("#found")

    @property
    def unsent(self) -> Locator:
        """The button in the top bar that says how many are not sent."""
        return self.page.locator(".unsent")

    @property
    def said(self) -> Locator:
        return self.page.locator("#said")

    def is_all_sent(self) -> None:
        """Wait until nothing is kept: a page that has just opened does not show yet what is."""
        until = time.monotonic() + SENT_WITHIN
        while self._keeps_some() and time.monotonic() < until:
            self.page.wait_for_timeout(50)
        expect(self.unsent).to_be_hidden()

    def _keeps_some(self) -> bool:
        try:
            return bool(self.page.evaluate(KEPT))
        except Error:  # The page went on to another meanwhile.
            return True

    def answer_posts(self, answer: Callable[[Route], None]) -> None:
        """Have actions answered by something between the tablet and the server."""

        def handle(route: Route) -> None:
            if "idempotency-key" in route.request.headers:
                answer(route)
            else:
                route.fallback()

        self.context.route("**/tasks/**", handle)

    def answer_no_more(self) -> None:
        self.context.unroute_all(behavior="wait")


def new_tablet(browser: Browser, base: str, folder: str | None, **options: Any) -> Tablet:
    context = browser.new_context(viewport=SIZE, has_touch=True, reduced_motion="reduce", **options)
    return Tablet(context, base, folder)


def ready_steps(operator: User, planner: User, number: int, **fields: Any) -> list[JobStep]:
    """Make steps done by hand that the operator may start, in the order of the page."""
    process = make_process(name="Deburring")
    permit(operator, process)
    jobs = [make_job(process, actor=planner, released=True, **fields) for _ in range(number)]
    return [job.steps.get() for job in jobs]


def paths_done() -> list[str]:
    """Return what the server did, in its order: an address for each key that it keeps."""
    return list(IdempotencyKey.objects.order_by("created_at", "pk").values_list("path", flat=True))
