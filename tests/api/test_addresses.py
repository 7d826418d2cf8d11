"""Addresses are found by their first part, and are what they were."""

import pytest
from django.urls import Resolver404, URLResolver, get_resolver, resolve, reverse

FOUND = (
    "/api/v1/jobs/",
    "/api/v1/jobs/17/",
    "/api/v1/jobs/by-external-id/x/",
    "/api/v1/dashboard/stats/",
    "/api/v1/auth/me/",
    "/api/v1/scan/a/b/",
    "/api/v1/health/",
)


def the_api():
    return next(each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/")


@pytest.mark.parametrize("path", FOUND)
def test_it_is_what_trying_each_in_turn_finds(path):
    found = the_api().resolve(path.removeprefix("/"))
    due = URLResolver.resolve(the_api(), path.removeprefix("/"))
    assert (found.func, found.args, found.kwargs) == (due.func, due.args, due.kwargs)
    assert (found.url_name, found.route) == (due.url_name, due.route)


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing/", "/api/v1/jobs/x/y/z/"])
def test_what_there_is_not_is_not_found(path):
    with pytest.raises(Resolver404):
        resolve(path)


def test_names_lead_to_addresses():
    assert reverse("api-stats") == "/api/v1/dashboard/stats/"
