"""NUL bytes, where a real web process (tests/config/test_production.py) does not reach."""

import io

import pytest
from django.core.exceptions import BadRequest
from django.http import HttpResponse

from apps.core.nul_bytes import NulBytesMiddleware

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def middleware():
    return NulBytesMiddleware(lambda _request: HttpResponse("through"))


class Broken(io.BytesIO):
    """The body of a caller who has gone."""

    def read(self, *_size):
        raise OSError


def test_a_name_with_a_nul_byte_is_refused_too(middleware, rf):
    with pytest.raises(BadRequest):
        middleware.process_view(rf.post("/", "a%00=b", content_type=FORM), None)


def test_an_encoded_per_cent_sign_is_no_nul_byte(middleware, rf):
    assert middleware(rf.get("/?q=100%2500")).content == b"through"


def test_a_body_that_is_no_form_is_left_to_its_reader(middleware, rf):
    request = rf.post("/", {"note": "a\\u0000b"}, content_type="application/json")
    middleware.process_view(request, None)
    assert not request._read_started


def test_a_caller_who_has_gone_is_left_to_the_view(middleware, rf):
    request = rf.post("/", "a=b", content_type=FORM)
    request._stream = Broken()
    assert middleware.process_view(request, None) is None
