"""The look is what it says: contrasts computed, colours named once, pages without a context."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.views import defaults

from apps.core.templatetags.look import LOOKS, NO_DATA
from apps.jobs.states import JobStatus, StepStatus
from apps.machines.states import MachineStatus

STATIC = Path(settings.STATICFILES_DIRS[0])
TOKENS = (STATIC / "core" / "tokens.css").read_text()
STATES = ("running", "ready", "attention", "stopped", "done", "idle")
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab|lch|hwb|color)a?\(", re.IGNORECASE)
OURS = [path for path in STATIC.rglob("*.css") if path.name != "tokens.css"]


def block(opening: str) -> dict[str, str]:
    """Return the tokens that stand after ``opening``, up to the next brace."""
    body = TOKENS.split(opening, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


LIGHT = block(":root {")
DARK = block(':root[data-theme="dark"] {')


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((text, ground) for text in ("text", "muted") for ground in ("bg", "surface", "raised")),
    ("accent", "surface"),
    ("on-accent", "accent"),
    *((f"{state}-text", f"{state}-tint") for state in STATES),
    *((f"on-{state}-lamp", f"{state}-lamp") for state in STATES),
]


@pytest.mark.parametrize("theme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_seven_to_one(theme, text, ground):
    assert contrast(theme[text], theme[ground]) >= 7


@pytest.mark.parametrize("theme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface"])
def test_lines_that_must_be_seen_stand_out_three_to_one(theme, ground):
    assert contrast(theme["line"], theme[ground]) >= 3


def test_dark_is_the_same_by_the_systems_wish_and_by_choice():
    assert block(':root:not([data-theme="light"]) {') == DARK
    assert DARK.keys() <= LIGHT.keys()


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_nothing_but_the_tokens_names_a_colour(path):
    assert COLOUR.findall(path.read_text()) == []


def test_every_token_that_is_used_exists():
    sheets = [TOKENS, *(path.read_text() for path in OURS)]
    known = {name for sheet in sheets for name in re.findall(r"(--[\w-]+):", sheet)}
    used = {name for sheet in sheets for name in re.findall(r"var\((--[\w-]+)", sheet)}
    assert used <= known


def test_every_status_has_a_look_and_every_icon_is_drawn():
    statuses = {*JobStatus.values, *StepStatus.values, *MachineStatus.values}
    sprite = (STATIC / "core" / "icons.svg").read_text()

    assert statuses <= LOOKS.keys()
    for colour, icon in (*LOOKS.values(), NO_DATA):
        assert f'id="{icon}"' in sprite
        assert colour in {*STATES, "none"}


def test_no_data_does_not_look_like_idle():
    assert NO_DATA not in LOOKS.values()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500", "503"])
def test_error_pages_need_no_context(code):
    page = render_to_string(f"{code}.html")

    assert "<h1>" in page
    assert 'href="/"' in page


def test_a_fault_is_told_with_what_to_quote():
    response = defaults.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "To be quoted:" in response.content.decode()


@pytest.mark.parametrize("path", sorted(Path(settings.TEMPLATES[0]["DIRS"][0]).rglob("*.html")))
def test_no_template_of_ours_has_inline_style_or_script(path):
    markup = path.read_text()

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", markup)
