"""What Silk records, and when the profiler runs."""

import sys

import pytest
from django.http import HttpResponse

from apps.observability.silk import SilkMiddleware, should_profile, should_record
from config.components.instruments import instruments


@pytest.fixture
def silk(settings):
    """Silk's settings as local has them, and a function that passes a request through ours."""
    made = instruments(settings.ANDON, [], [])
    for name, value in made.items():
        if name.startswith("SILKY"):
            setattr(settings, name, value)
    return settings


@pytest.fixture
def passed(rf):
    """Return the request as it comes out of our middleware."""

    def run(path):
        seen = []
        SilkMiddleware(lambda request: seen.append(request) or HttpResponse())(rf.get(path))
        return seen[0]

    return run


@pytest.mark.parametrize("percent", [0, 100])
def test_a_share_of_the_requests_is_recorded(silk, passed, percent):
    silk.SILKY_INTERCEPT_PERCENT = percent
    assert {should_record(passed("/tasks/")) for _ in range(200)} == {percent == 100}


def test_a_request_to_be_profiled_is_recorded_whatever_the_share(silk, passed):
    silk.SILKY_INTERCEPT_PERCENT = 0
    assert should_record(passed("/tasks/?silk_profile"))


@pytest.mark.parametrize(
    "path", ["/health/", "/health/ready/", "/static/a.css", "/silk/", "/__debug__/", "/favicon.ico"]
)
def test_what_is_left_out_is_not_even_profiled(silk, passed, path):
    assert not should_record(passed(f"{path}?silk_profile"))


def test_the_flag_alone_starts_the_profiler_and_the_page_does_not_see_it(silk, passed):
    plain, flagged = passed("/tasks/?page=2"), passed("/tasks/?silk_profile&page=2")
    assert not should_profile(plain)
    assert should_profile(flagged)
    assert flagged.get_full_path() == plain.get_full_path()
    assert flagged.GET == plain.GET


@pytest.mark.skipif(sys.version_info < (3, 12), reason="a process may have several profilers")
def test_no_second_profiler_is_started(silk, passed):
    sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "another")
    try:
        assert not should_profile(passed("/tasks/?silk_profile"))
    finally:
        sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)


def test_silk_never_runs_a_statement_twice_and_bounds_what_it_keeps(silk):
    assert silk.SILKY_ANALYZE_QUERIES is False
    assert silk.SILKY_MAX_RECORDED_REQUESTS == 2_000
    assert 0 < silk.SILKY_MAX_REQUEST_BODY_SIZE == silk.SILKY_MAX_RESPONSE_BODY_SIZE
    assert silk.SILKY_AUTHENTICATION
    assert silk.SILKY_AUTHORISATION
    assert silk.SILKY_META


def test_the_instruments_stand_where_they_can_work(settings):
    made = instruments(settings.ANDON, ["own"], list(settings.MIDDLEWARE))
    order = made["MIDDLEWARE"].index
    health = order("apps.observability.middleware.HealthMiddleware")
    silk = order("silk.middleware.SilkyMiddleware")
    users = order("apps.core.doors.AuthenticationMiddleware")
    toolbar = order("debug_toolbar.middleware.DebugToolbarMiddleware")
    assert order("apps.core.headers.PolicyMiddleware") < order(
        "apps.observability.silk.SilkMiddleware"
    )
    assert health < order("whitenoise.middleware.WhiteNoiseMiddleware") < silk < users < toolbar
    assert made["INSTALLED_APPS"] == ["own", "silk", "debug_toolbar"]
