"""Calls to the API from pages of other origins: by setting, without cookies, nowhere else."""

import pytest

from config.components.api import api
from config.env import read

ERP = "https://erp.example"


@pytest.fixture
def allowed(settings):
    settings.CORS_ALLOWED_ORIGINS = [ERP]


def ask(client, path="/api/v1/nothing/", origin=ERP):
    return client.get(path, headers={"origin": origin})


def preflight(client, **headers):
    asked = {"origin": ERP, "access-control-request-method": "PATCH", **headers}
    return client.options("/api/v1/nothing/", headers=asked)


def test_by_default_no_other_origin_reads_an_answer(client, db):
    assert not ask(client).has_header("Access-Control-Allow-Origin")


def test_an_origin_of_the_setting_reads_answers_and_our_headers(client, db, allowed):
    response = ask(client)
    assert response["Access-Control-Allow-Origin"] == ERP
    assert "origin" in response["Vary"].lower().split(", ")
    exposed = {each.strip() for each in response["Access-Control-Expose-Headers"].split(",")}
    assert exposed == {
        "ETag",
        "Idempotency-Replayed",
        "Link",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-ID",
    }


def test_cookies_of_ours_are_of_no_use_from_another_origin(client, db, allowed):
    assert not ask(client).has_header("Access-Control-Allow-Credentials")


def test_an_origin_that_is_not_in_the_setting_reads_nothing(client, db, allowed):
    assert not ask(client, origin="https://erp.example.evil").has_header(
        "Access-Control-Allow-Origin"
    )


@pytest.mark.parametrize("path", ["/health/", "/login/", "/admin/", "/static/api/"])
def test_pages_are_read_from_no_other_origin(client, db, allowed, path):
    assert not ask(client, path).has_header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("name", ["authorization", "idempotency-key", "if-match", "x-request-id"])
def test_a_page_may_ask_whether_it_may_send_our_headers(client, allowed, name):
    response = preflight(client, **{"access-control-request-headers": name})
    assert response.status_code == 200
    assert name in response["Access-Control-Allow-Headers"]
    assert "PATCH" in response["Access-Control-Allow-Methods"]
    assert response["X-Content-Type-Options"] == "nosniff"  # As every answer has it.


def test_the_settings_are_what_the_variables_say(production_environ):
    for name, value in {
        "CORS_ALLOWED_ORIGINS": f"{ERP}, https://bi.example",
        "TRUSTED_PROXIES": "10.0.0.7, 10.0.1.0/24,unix",
        "RATE_LIMIT_USER": "7",
        "RATE_LIMIT_ADDRESS": "8",
        "RATE_LIMIT_AUTH": "9",
    }.items():
        production_environ.setenv(name, value)
    settings = api(read(production=True))
    assert settings["CORS_ALLOWED_ORIGINS"] == [ERP, "https://bi.example"]
    assert settings["TRUSTED_PROXIES"] == ["10.0.0.7", "10.0.1.0/24", "unix"]
    assert settings["RATE_LIMITS"] == {"user": 7, "address": 8, "auth": 9}
