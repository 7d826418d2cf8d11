"""The floor's pages in a language whose words are long: nothing is cut, overlaps or is too wide."""

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import expect

from apps.accounts.models import User
from apps.machines.models import Machine
from tests import pseudo
from tests.e2e.measures import measure
from tests.e2e.scene import make_scene
from tests.e2e.tablet import Tablet
from tests.factories import make_user

pytestmark = pytest.mark.browser

SIZES = ((400, 800), (360, 740), (1280, 800))
# Text that is wider than the box it stands in, where the box hides or lets out what is over.
CUT = """
[...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.closest(".sr, .skip, svg, option, select"))
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((each) => getComputedStyle(each).display !== "inline")
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent.replace(/\\s+/g, " ").trim().slice(0, 60))
"""


@pytest.fixture
def language(settings):
    with pseudo.spoken(settings, pseudo.Longer):
        yield


@pytest.fixture
def tablet(new, language) -> Tablet:
    return new(locale=pseudo.Longer.code)


def sign_in(tablet: Tablet, user: User) -> None:
    """Sign in without a word."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    tablet.context.clear_cookies()
    tablet.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": tablet.base}]
    )


def test_longer_words_fit_every_page(tablet):
    scene = make_scene()
    mine, machine = f"/tasks/{scene.running.pk}/", Machine.objects.get(name="Laser 1")
    pages = {
        scene.operator: [
            "/tasks/",
            mine,
            *(f"/tasks/{each.pk}/" for each in (scene.ready, scene.taken)),
        ]
        + [f"{mine}{deed}/" for deed in ("finish", "report", "pause", "help")]
        + ["/tasks/machine/", f"/tasks/machine/{machine.pk}/down/", "/tasks/end/"],
        make_user("manager"): [
            "/floor/",
            "/floor/shift/",
            f"/floor/steps/{scene.ready.pk}/",
            f"/floor/people/{scene.operator.pk}/",
        ],
    }
    found = {}
    sign_in(tablet, scene.operator)
    tablet.open("/tasks/")
    expect(tablet.page.locator("h1")).to_have_text(pseudo.longer("My work"))
    for user, addresses in pages.items():
        sign_in(tablet, user)
        for address in addresses:
            tablet.open(address)
            tablet.shoot(f"long{address.replace('/', '-').rstrip('-')}")
            for width, height in SIZES:
                tablet.page.set_viewport_size({"width": width, "height": height})
                wrong = measure(tablet.page) | {"cut": tablet.page.evaluate(CUT)}
                wrong["too wide"] = tablet.page.evaluate(
                    "Math.max(document.documentElement.scrollWidth - innerWidth, 0)"
                )
                if any(wrong.values()):
                    found[f"{address} at {width}"] = {name: of for name, of in wrong.items() if of}

    assert found == {}
