"""Compressed answers of the API, decoded again: which, in which coding, and how streams flow."""

import gzip
import json
import zlib

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from apps.core import compression
from apps.core.compression import (
    SHORTEST,
    Choice,
    CompressionMiddleware,
    KeptAnswer,
    choose,
)

LONG = json.dumps([{"id": number, "status": "active"} for number in range(100)]).encode()
DECODE = {"br": brotli.decompress, "gzip": gzip.decompress}
BOTH = "gzip, deflate, br"


def json_answer(content=LONG, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = named.pop("Content-Type", "application/json")
    return HttpResponse(content, content_type=kind, headers=named)


def answered(response, accepted=BOTH, path="/api/v1/jobs/", method="GET"):
    said = {} if accepted is None else {"HTTP_ACCEPT_ENCODING": accepted}
    request = RequestFactory().generic(method, path, **said)
    return CompressionMiddleware(lambda _request: response)(request)


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize(
    "kind", ["application/json", "application/problem+json", "application/json; charset=utf-8"]
)
def test_an_answer_comes_back_whole_and_shorter(coding, kind):
    response = answered(json_answer(Content_Type=kind), coding)
    assert response["Content-Encoding"] == coding
    assert DECODE[coding](response.content) == LONG
    assert int(response["Content-Length"]) == len(response.content) < len(LONG) / 4
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "coding", "is_must"),
    [
        ("", "identity", False),
        ("br", "br", False),
        ("gzip", "gzip", False),
        ("GZip", "gzip", False),
        ("gzip, br", "br", False),
        ("*", "br", False),
        ("br;q=0.5, gzip;q=0.8", "gzip", False),
        ("br;q=0.8, gzip;q=0.8", "br", False),
        ("br; q=0.800 , gzip ; Q = 0.9", "gzip", False),
        ("gzip;q=0", "identity", False),
        ("gzip;q=0.000", "identity", False),
        ("br;q=0, *", "gzip", False),
        ("*;q=0", "identity", False),
        ("gzip, *;q=0", "gzip", True),
        ("gzip, identity;q=0", "gzip", True),
        ("identity, gzip;q=0.5", "identity", False),
        ("identity;q=0.5, gzip;q=0.6", "gzip", False),
        ("identity;q=0.5, gzip;q=0.5", "gzip", False),
        ("identity;q=0", "identity", False),  # Nothing would do: better this than none.
        ("deflate, zstd", "identity", False),
        ("gzip;q=much, br;q=2", "identity", False),
        (";;,,=", "identity", False),
    ],
)
def test_the_caller_gets_the_coding_it_likes_best(accepted, coding, is_must):
    assert choose(accepted) == Choice(coding, is_must)


def test_an_answer_that_is_kept_is_compressed_once_in_each_coding(monkeypatch):
    made = []
    encoders = {
        name: lambda name=name, new=new: made.append(name) or new()
        for name, new in compression.ENCODERS.items()
    }
    monkeypatch.setattr(compression, "ENCODERS", encoders)
    compression._encoded_once.cache_clear()
    codings = ("br", "gzip", "br", "gzip")
    told = [answered(KeptAnswer(LONG, content_type="application/json"), each) for each in codings]
    assert made == ["br", "gzip"]
    for coding, response in zip(codings, told, strict=True):
        assert DECODE[coding](response.content) == LONG
    other = LONG.replace(b"active", b"paused")
    assert answered(KeptAnswer(other, content_type="application/json"), "br").content
    answered(json_answer(), "br")
    assert made == ["br", "gzip", "br", "br"]


def test_who_asks_for_none_gets_none_and_caches_learn_that_others_do():
    response = answered(json_answer(), None)
    assert response.content == LONG
    assert not response.has_header("Content-Encoding")
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("length", "is_encoded"), [(SHORTEST - 1, False), (SHORTEST, True), (0, False)]
)
def test_what_is_short_stays_as_it_is(length, is_encoded):
    response = answered(json_answer(b" " * length))
    assert response.has_header("Content-Encoding") == is_encoded
    assert response["Vary"] == "Accept-Encoding"


def test_what_is_short_is_encoded_for_who_refuses_it_otherwise():
    response = answered(json_answer(b"{}"), "gzip, identity;q=0")
    assert gzip.decompress(response.content) == b"{}"
    assert response["Content-Length"] == str(len(response.content))


def test_what_would_not_become_shorter_stays_as_it_is():
    noise = bytes(zlib.crc32(bytes([n % 256, n // 256])) % 256 for n in range(2 * SHORTEST))
    response = answered(json_answer(noise))
    assert response.content == noise
    assert not response.has_header("Content-Encoding")


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "no-store"},
        {"Cache_Control": "private, No-Store"},
        {"Cache_Control": "no-transform"},
        {"Content_Encoding": "gzip"},
        {"Content_Range": "bytes 0-1/2"},
        {"Content_Type": "text/html"},
        {"Content_Type": "image/png"},
    ],
    ids=str,
)
def test_secrets_and_what_is_not_ours_to_change_stay_as_they_are(headers):
    response = answered(json_answer(**headers), "br, identity;q=0")
    assert response.content == LONG
    assert not response.has_header("Vary")


def test_other_addresses_are_the_business_of_the_proxy():
    assert answered(json_answer(), path="/admin/jobs/").content == LONG


def test_a_strong_tag_becomes_weak_and_a_weak_one_stays():
    assert answered(json_answer(ETag='"7-abc"'))["ETag"] == 'W/"7-abc"'
    assert answered(json_answer(ETag='W/"7-abc"'))["ETag"] == 'W/"7-abc"'
    assert answered(json_answer(ETag='"7-abc"'), "identity")["ETag"] == '"7-abc"'
    assert answered(json_answer(b"{}", ETag='"7-abc"'))["ETag"] == '"7-abc"'


def test_an_unchanged_answer_bears_the_tag_of_the_one_in_full():
    response = answered(HttpResponse(status=304, headers={"ETag": '"7-abc"'}))
    assert (response.content, response["ETag"]) == (b"", 'W/"7-abc"')
    assert response["Vary"] == "Accept-Encoding"
    assert not response.has_header("Content-Encoding")


def test_what_varied_already_varies_still():
    assert answered(json_answer(Vary="Cookie"))["Vary"] == "Cookie, Accept-Encoding"


@pytest.fixture
def stream():
    """Lines that come one by one, what of them was asked for, and whether they were closed."""
    asked = []

    def lines():
        try:
            for number in range(3):
                asked.append(number)
                yield b'{"id": %d}\n' % number
        finally:
            asked.append("closed")

    response = StreamingHttpResponse(lines(), content_type="application/x-ndjson")
    response["Content-Length"] = "36"
    return response, asked


DECODERS = {
    "br": lambda: brotli.Decompressor().process,
    "gzip": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS).decompress,
}


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_each_chunk_of_a_stream_can_be_read_before_the_next_is_asked_for(stream, coding):
    response, asked = stream
    answer = answered(response, coding)
    assert (answer["Content-Encoding"], answer.has_header("Content-Length")) == (coding, False)
    decode, pieces = DECODERS[coding](), iter(answer)
    for number in range(3):
        assert decode(next(pieces)) == b'{"id": %d}\n' % number
        assert asked == list(range(number + 1))
    rest = b"".join(pieces)
    assert rest
    assert decode(rest) == b""


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_stream_is_a_whole_file_at_its_end(stream, coding):
    whole = b"".join(answered(stream[0], coding))
    assert DECODE[coding](whole) == b'{"id": 0}\n{"id": 1}\n{"id": 2}\n'


@pytest.mark.django_db  # What ends a request looks at the connection that others have opened.
def test_who_leaves_early_closes_the_source(stream):
    response, asked = stream
    answer = answered(response)
    next(iter(answer))
    answer.close()
    assert asked == [0, "closed"]


def test_a_stream_goes_as_it_is_to_who_asks_for_no_coding(stream):
    response, _asked = stream
    answer = answered(response, "identity")
    assert answer["Content-Length"] == "36"
    assert b"".join(answer) == b'{"id": 0}\n{"id": 1}\n{"id": 2}\n'
