"""How the installation is, at a glance: in the office, for who looks after it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.observability import entries, overview
from apps.observability.api.serializers import PREFIX_AT_MOST
from apps.observability.entries import Entries
from apps.observability.errors import CacheAway
from apps.observability.overview import Overview

WELL, WARNED, FAILED = "running", "attention", "stopped"  # As the look's colours are called.


@dataclass(frozen=True, slots=True)
class Lamp:
    """One thing that is well or not: its colour, and the word that says the same."""

    label: str
    colour: str
    word: str


@require_http_methods(["GET", "HEAD", "POST"])
def health(request: HttpRequest) -> HttpResponse:
    """Show how everything is; forget what is kept below a prefix."""
    return admin.site.admin_view(_clear if request.method == "POST" else _show)(request)


def _show(request: HttpRequest) -> HttpResponse:
    seen = overview.look()
    told = {
        "seen": seen,
        "lamps": tuple(_lamps(seen)),
        "cache": _cache(),
        "as_of": timezone.now(),
        "may_clear": getattr(request.user, "is_superuser", False),
    }
    if "part" in request.GET:
        return render(request, "observability/health_part.html", told)
    asked = request.GET.get("clear") if told["may_clear"] else None
    page = {**admin.site.each_context(request), "title": _("Health"), "asked": asked}
    return render(request, "observability/health.html", {**page, **told})


def _clear(request: HttpRequest) -> HttpResponse:
    if not getattr(request.user, "is_superuser", False):
        raise PermissionDenied
    try:
        cleared = entries.clear_entries(request.POST.get("prefix", "")[:PREFIX_AT_MOST]).cleared
    except CacheAway as away:
        messages.error(request, str(away))
    else:
        said = ngettext("%(n)s entry is cleared.", "%(n)s entries are cleared.", cleared)
        messages.success(request, said % {"n": f"{cleared:,}"})
    return redirect("health")


def _cache() -> Entries | None:
    try:
        return entries.count_entries()
    except CacheAway:
        return None


def _lamps(seen: Overview) -> Iterator[Lamp]:
    names = {
        "database": _("Database"),
        "migrations": _("Migrations"),
        "cache": _("Cache"),
        "broker": _("Broker"),
    }
    for name, fault in seen.checks.items():
        yield Lamp(names[name], FAILED if fault else WELL, fault or _("in order"))
    codes = {warned.code for warned in seen.warnings}
    if seen.connections is not None:
        yield _lamp(
            _("Connections"), {"pool_full", "pool_waiting", "pool_slow", "server_full"}, codes
        )
    yield _lamp(_("Workers"), {"no_worker", "worker_silent", "queue_long"}, codes)
    yield _lamp(_("Beat"), {"no_beat", "many_beats"}, codes)
    yield _lamp(_("Disk"), {"disk_full"}, codes)
    if seen.counters is not None:
        yield _lamp(_("Counters"), {"counters_behind", "counters_wrong"}, codes)


def _lamp(label: str, about: set[str], codes: set[str]) -> Lamp:
    wrong = bool(about & codes)
    return Lamp(label, WARNED if wrong else WELL, _("see below") if wrong else _("in order"))
