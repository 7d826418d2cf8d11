"""Programs with a token go past what pages need."""

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse

from apps.core.doors import CommonMiddleware, MessageMiddleware, SessionMiddleware
from apps.core.headers import CrossOriginMiddleware, add_vary
from apps.core.programs import is_program


@pytest.mark.parametrize(
    ("path", "headers", "said"),
    [
        ("/api/v1/jobs/", {"authorization": "Bearer x"}, True),
        ("/api/v1/jobs/", {}, False),
        ("/api/docs/", {"authorization": "Bearer x"}, False),
        ("/admin/", {"authorization": "Bearer x"}, False),
    ],
)
def test_who_brings_a_token_to_the_api_is_a_program(rf, path, headers, said):
    assert is_program(rf.get(path, headers=headers)) is said


def test_a_program_has_no_session_and_a_page_has_one(rf):
    requests = []
    middleware = SessionMiddleware(lambda request: requests.append(request) or HttpResponse())
    middleware(rf.get("/api/v1/jobs/", headers={"authorization": "Bearer x"}))
    middleware(rf.get("/api/v1/jobs/"))
    assert [hasattr(each, "session") for each in requests] == [False, True]


def test_a_host_that_is_ours_is_looked_at_once_and_another_each_time(rf, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["andon.example"]
    middleware = CommonMiddleware(lambda _request: HttpResponse("Hello"))
    ours, others = (rf.get("/", headers={"host": name}) for name in ("andon.example", "b.example"))
    assert middleware(ours)["Content-Length"] == "5"
    for _ in range(2):
        with pytest.raises(DisallowedHost):
            middleware(others)
    looked = []
    monkeypatch.setattr(type(ours), "get_host", looked.append)
    middleware(ours)
    assert not looked


def test_only_so_many_hosts_are_remembered(rf, settings, monkeypatch):
    settings.ALLOWED_HOSTS = [".andon.example"]
    monkeypatch.setattr("apps.core.doors.HOSTS_REMEMBERED", 3)
    middleware = CommonMiddleware(lambda _request: HttpResponse())
    for number in range(5):
        middleware(rf.get("/", headers={"host": f"shop{number}.andon.example"}))
    assert len(middleware._good) == 3


def test_what_else_django_looks_at_is_looked_at_each_time(rf, settings):
    settings.PREPEND_WWW = True
    middleware = CommonMiddleware(lambda _request: HttpResponse())
    request = rf.get("/", headers={"host": "andon.example"})
    assert [middleware(request).status_code for _ in range(2)] == [301, 301]


def test_messages_are_stored_by_who_writes_one_alone(rf, monkeypatch):
    opened = []
    monkeypatch.setattr("apps.core.doors.default_storage", opened.append)
    MessageMiddleware(lambda _request: HttpResponse())(rf.get("/"))
    assert not opened


def test_a_header_is_said_once_in_vary():
    response = HttpResponse(headers={"Vary": "X-Original"})
    for name in ("origin", "Cookie", "cookie"):
        add_vary(response, name)
    assert response["Vary"] == "X-Original, origin, Cookie"


def test_an_answer_to_who_names_no_origin_still_varies_by_it(rf):
    answer = CrossOriginMiddleware(lambda _request: HttpResponse())(rf.get("/api/v1/jobs/"))
    assert answer["Vary"] == "origin"
    assert "Access-Control-Allow-Origin" not in answer
