"""Whatever is typed into the office or its addresses, it answers and saves nothing by halves."""

import json
import os
from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.jobs.models import Job
from tests.backoffice.test_admin import NOT_ADDED
from tests.factories import make_job

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

APPS = {"accounts", "catalog", "customers", "jobs", "machines", "processes", "shop"}
OURS = [each for each in admin.site._registry.values() if each.opts.app_label in APPS]
LISTED = [each for each in OURS if each.opts.object_name != "Shop"]
ADDED = [each for each in LISTED if each.opts.object_name not in NOT_ADDED]
NAUGHTY = Path(__file__).parents[3] / "shared/data/naughty/blns.json"
OWN = [
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "x" * 65_536,
    "9" * 400,
]
OWN += ["'; DROP TABLE jobs; --", "%s%d{0}", "\u202e", "-1", "1e309", "NaN", "١٢٣", "0x10", "🙂"]


def strings():
    """Ours, and forty of the big list (all of it with ANDON_ALL) where that is at hand."""
    if not NAUGHTY.exists():
        return OWN
    listed = [text for text in json.loads(NAUGHTY.read_text()) if "\x00" not in text]
    return OWN + listed[:: 1 if os.environ.get("ANDON_ALL") else len(listed) // 40]


def url(each, page):
    return reverse(f"admin:{each.opts.app_label}_{each.opts.model_name}_{page}")


@pytest.mark.parametrize("each", LISTED, ids=lambda each: each.opts.object_name)
def test_no_address_breaks_a_list(each, client, administrator):
    client.force_login(administrator)
    queries = [
        {"o": "99.-1.x..--2"},
        {"p": "zzz"},
        {"p": "a:b:c"},
        {"q": "x" * 65_536},
        {"id__exact": "abc"},
        {"id__in": "1,2,x"},
        {"id__gt": "9" * 400},
        {"nowhere__exact": "1"},
        {"status__exact": "🙂"},
        {"is_active__exact": "maybe"},
        {"due_date__gte": "yesterday"},
        {"created_at__lt": "2026-13-45"},
        {"password__startswith": "md5"},
        {"o": "²"},
        {"o": "9" * 5_000},
        {"due_date__year": "0"},
        {"due_date__year": "99999999999"},
        {"status__regex": "("},
        {"number__regex": "("},
        {"all": ""},
        {"e": "1"},
    ]
    for query in queries:
        assert client.get(url(each, "changelist"), query, follow=True).status_code < 500, query


@pytest.mark.parametrize("each", LISTED, ids=lambda each: each.opts.object_name)
def test_no_choice_of_rows_breaks_an_action(each, client, administrator):
    client.force_login(administrator)
    for name in each.actions:
        for key in ("x", "²", "", "-1", "9" * 40):
            sent = {"action": name, "_selected_action": key, "index": "0"}
            answer = client.post(url(each, "changelist"), sent, follow=True)
            assert answer.status_code < 500, (name, key)


def test_an_address_compares_and_looks_for_no_pattern(client, administrator):
    client.force_login(administrator)
    page = reverse("admin:jobs_job_changelist")
    make_job(title="Bracket")

    assert client.get(page, {"due_date__gte": "2026-01-01"}).status_code == 200
    assert client.get(page, {"title__regex": "^B"}).status_code == 400
    assert client.get(page, {"title__icontains": "b"}).status_code == 400


@pytest.mark.parametrize("name", ["around", "until"])
@pytest.mark.parametrize("ahead", ["+23:59", "-23:59", "Z"])
@pytest.mark.parametrize("day", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_no_instant_breaks_the_trail(name, ahead, day, client, administrator):
    client.force_login(administrator)
    page = reverse("admin:audit_auditlog_changelist")
    assert client.get(page, {name: f"{day}{ahead}"}).status_code == 200


@pytest.mark.parametrize("pk", ["abc", "-1", "9" * 40, "1_00", "🙂", "1/../2"])
@pytest.mark.parametrize("each", OURS, ids=lambda each: each.opts.object_name)
def test_no_key_breaks_a_page(each, pk, client, administrator):
    client.force_login(administrator)
    for page in ("change", "delete", "history"):
        place = f"admin:{each.opts.app_label}_{each.opts.model_name}_{page}"
        for send in (client.get, client.post):
            assert send(reverse(place, args=[pk]), follow=True).status_code < 500, (page, send)


@pytest.mark.parametrize("each", ADDED, ids=lambda each: each.opts.object_name)
def test_no_string_breaks_a_form(each, client, administrator):
    client.force_login(administrator)
    page = client.get(url(each, "add"))
    names = list(page.context["adminform"].form.fields)
    for text in strings():
        data = dict.fromkeys(names, text)
        for formset in page.context["inline_admin_formsets"]:
            prefix = formset.formset.prefix
            data |= {f"{prefix}-TOTAL_FORMS": text, f"{prefix}-INITIAL_FORMS": "0"}
        assert client.post(url(each, "add"), data).status_code < 500, text[:40]


def test_no_action_breaks_a_list(client, administrator):
    client.force_login(administrator)
    job = make_job()
    for chosen in ("abc", "9" * 40, "-1", ""):
        for action in ("release", "explode", "delete_selected", ""):
            data = {"action": action, "_selected_action": [chosen, job.pk], "select_across": "9"}
            answer = client.post(reverse("admin:jobs_job_changelist"), data, follow=True)
            assert answer.status_code < 500, (chosen, action)
    assert Job.objects.filter(pk=job.pk).exists()


def test_no_autocomplete_is_broken(client, administrator):
    client.force_login(administrator)
    for field in ("customer", "part", "routing", "created_by", "nowhere"):
        for term in ("x" * 5_000, "%_\\", "🙂", "JOB-"):
            query = {"term": term, "app_label": "jobs", "model_name": "job", "field_name": field}
            query |= {"page": "-1"} if term == "JOB-" else {}
            assert client.get(reverse("admin:autocomplete"), query).status_code < 500, (field, term)
