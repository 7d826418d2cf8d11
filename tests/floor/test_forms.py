"""What people type, read as they mean it; what cannot be read, told as words."""

import json
import os

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from apps.floor.quantities import QuantityField
from apps.jobs import services
from config.env import ROOT
from tests.factories import make_job, make_process, permit

NAUGHTY = ROOT.parent / "shared" / "data" / "naughty" / "blns.json"
AT_ONCE = 40


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("", 0),
        (" ", 0),
        ("0", 0),
        ("12", 12),
        (" 12\t", 12),
        ("+12", 12),
        ("007", 7),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("1\u202f200", 1200),
        ("1,200", 1200),
        ("1.200", 1200),
        ("1'200", 1200),
        ("1’200", 1200),
        ("1,200,300", 1_200_300),
        ("١٢", 12),
        ("10000000", 10_000_000),
    ],
)
def test_a_quantity_is_read_as_people_write_it(typed, pieces):
    assert QuantityField().clean(typed) == pieces


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("-1", "negative"),
        ("−5", "negative"),
        ("10000001", "huge"),
        ("9" * 39, "huge"),
        ("9" * 65_536, "huge"),
        ("1.5", "invalid"),
        ("1,20", "invalid"),
        ("1,200.300", "invalid"),
        ("12 00", "invalid"),
        ("twelve", "invalid"),
        ("1e3", "invalid"),
        ("0x10", "invalid"),
        ("²", "invalid"),
        ("1\x002", "invalid"),
        ("NaN", "invalid"),
        ("x" * 65_536, "invalid"),
    ],
)
def test_what_is_no_quantity_is_told_apart(typed, code):
    with pytest.raises(ValidationError) as refused:
        QuantityField().clean(typed)

    assert refused.value.code == code


def naughty() -> list[str]:
    """Some of the strings that broke other people's programs; all of them in the long run."""
    own = [
        "\x00",
        "a\x00b",
        "9" * 30,
        "-9" * 20,
        "x" * 65_536,
        "1" * 5_000,
        "İstanbul ß 𝔘",
        "\ud7ff",
    ]
    if not NAUGHTY.exists():
        return own
    strings = json.loads(NAUGHTY.read_text())
    step = 1 if os.environ.get("ANDON_ALL") else max(len(strings) // AT_ONCE, 1)
    return own + strings[::step]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("deed", "fields"),
    [
        ("start", ("kind", "machine", "join", "take_over")),
        (
            "report",
            ("quantity_good", "quantity_scrap", "scrap_reason", "version", "anyway", "pallets"),
        ),
        ("help", ("note",)),
    ],
)
@pytest.mark.slow
def test_no_string_breaks_a_page(client, operator, deed, fields):
    process = make_process()
    permit(operator, process)
    step = make_job(process, released=True).steps.get()
    if deed != "start":
        services.start_step(step.pk, actor=operator)
    client.force_login(operator)
    url = reverse(f"task-{deed}", args=[step.pk])

    answers = {
        text: client.post(url, dict.fromkeys(fields, text)).status_code for text in naughty()
    }

    wrong = {text[:40]: status for text, status in answers.items() if status >= 500}
    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["-3", "lots", "99999999999999999999"])
def test_a_wrong_quantity_is_told_beside_its_field_and_kept(client, operator, typed):
    process = make_process()
    permit(operator, process)
    step = make_job(process, released=True).steps.get()
    services.start_step(step.pk, actor=operator)
    client.force_login(operator)

    response = client.post(
        reverse("task-finish", args=[step.pk]), {"quantity_good": "2", "quantity_rework": typed}
    )

    page = response.content.decode()
    assert response.status_code == 400
    assert 'id="id_quantity_rework_error"' in page
    assert f'value="{typed}"' in page
    step.refresh_from_db()
    assert (step.status, step.quantity_good) == ("in_progress", 0)


@pytest.mark.django_db
def test_an_empty_report_is_asked_for_a_number(client, operator):
    process = make_process()
    permit(operator, process)
    step = make_job(process, released=True).steps.get()
    services.start_step(step.pk, actor=operator)
    client.force_login(operator)

    response = client.post(reverse("task-report", args=[step.pk]), {"quantity_good": "0"})

    assert response.status_code == 400
    assert "Write how many were made." in response.content.decode()
