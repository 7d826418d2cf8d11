"""Compressed answers of the API: brotli or gzip, streams as they flow.

Ours, because what there is does not fit: Django's GZipMiddleware knows neither brotli nor weights
(it takes ``gzip;q=0`` for a yes) and compresses answers with secrets; django-compression-middleware
had its last release in 2023. Pages are compressed by the proxy in front.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, cast

import brotli  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.core.headers import add_vary
from apps.core.programs import API

TYPES = {"application/json", "application/problem+json", "application/x-ndjson"}
REMEMBERED = 128  # Answers of one process.
SHORTEST = 1024  # Bytes; what is shorter travels in one packet anyway.
UNCOMPRESSED = {"no-store", "no-transform"}  # Cache-Control: secrets, and what must stay as it is.
# Of a page of 50 jobs, 9.9 kB, brotli 4 makes 1.3 kB in 0.15 ms, brotli 5 1.2 kB in 0.23 ms,
# gzip 6 1.5 kB in 0.19 ms, gzip 4 1.7 kB in as much.
BROTLI_QUALITY = 4
GZIP_LEVEL = 6
GZIP_FRAME = 16 + zlib.MAX_WBITS

_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*")


class KeptAnswer(HttpResponse):
    """An answer that is told again as it is: what it becomes in a coding is kept too."""


@dataclass(frozen=True, slots=True)
class _Encoder:
    """Takes bytes in; gives what is ready, all that it holds, or the rest and the end."""

    add: Callable[[bytes], bytes]
    flush: Callable[[], bytes]
    finish: Callable[[], bytes]


def _brotli() -> _Encoder:
    compressor = brotli.Compressor(quality=BROTLI_QUALITY)
    return _Encoder(compressor.process, compressor.flush, compressor.finish)


def _gzip() -> _Encoder:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_FRAME)
    return _Encoder(
        compressor.compress, lambda: compressor.flush(zlib.Z_SYNC_FLUSH), compressor.flush
    )


ENCODERS = {"br": _brotli, "gzip": _gzip}  # Of equals the first is taken.


class Choice(NamedTuple):
    """A coding, and whether the caller refuses the answer as it is."""

    coding: str
    is_must: bool


class CompressionMiddleware:
    """Compress an answer of the API that is long enough and holds no secret.

    Who sees the length of a secret compressed beside text of their own choice can guess it
    (BREACH), so answers that must not be stored (``Cache-Control: no-store``: tokens) stay plain.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the coding that the caller likes best."""
        response = self.get_response(request)
        if not request.path_info.startswith(API) or not _may_change(response):
            return response
        add_vary(response, "Accept-Encoding")
        choice = choose(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if choice.coding != "identity":
            _encode(response, choice)
        return response


@lru_cache(maxsize=256)
def choose(accepted: str) -> Choice:
    """Return the best of br, gzip and identity for an Accept-Encoding.

    Of equals brotli goes before gzip, and either before none. Source: RFC 9110, section 12.5.3.
    """
    weights = _weights(accepted)
    others = weights.get("*")
    plain = weights.get("identity", others)
    offered = {coding: weights.get(coding, others) or 0.0 for coding in ENCODERS}
    best = max(offered, key=lambda coding: offered[coding])
    if offered[best] == 0 or offered[best] < (plain or 0):
        return Choice("identity", is_must=False)
    return Choice(best, is_must=plain == 0)


def _weights(accepted: str) -> dict[str, float]:
    """Return the weight of each coding named; one whose weight cannot be read is refused."""
    weights = {}
    for each in accepted.lower().split(","):
        name, _, parameter = each.partition(";")
        said = _WEIGHT.fullmatch(parameter or "q=1")
        weights[name.strip()] = float(said[1]) if said else 0.0
    return weights


def _may_change(response: HttpResponseBase) -> bool:
    """Tell whether this is an answer that is compressed for who wants it so."""
    headers = response.headers
    is_of_ours = _is_of_our_types(headers.get("Content-Type", ""))
    if not is_of_ours and response.status_code != HTTPStatus.NOT_MODIFIED:
        return False
    if "Cache-Control" in headers and _forbids(headers["Cache-Control"]):
        return False
    return "Content-Encoding" not in headers and "Content-Range" not in headers


@lru_cache(maxsize=64)
def _is_of_our_types(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() in TYPES


@lru_cache(maxsize=64)
def _forbids(cache_control: str) -> bool:
    said = {each.strip().lower() for each in cache_control.split(",")}
    return bool(said & UNCOMPRESSED)


def _encode(response: HttpResponseBase, choice: Choice) -> None:
    """Put the answer into its coding; leave one that is short, or would not become shorter."""
    if isinstance(response, StreamingHttpResponse):
        chunks = cast("Iterator[bytes]", response.streaming_content)
        response.streaming_content = _flow(chunks, ENCODERS[choice.coding]())
        del response["Content-Length"]
        response["Content-Encoding"] = choice.coding
    elif isinstance(response, HttpResponse) and response.content:
        encode = _encoded_once if isinstance(response, KeptAnswer) else _encoded
        encoded = encode(response.content, choice)
        if encoded is None:
            return
        response.content = encoded
        response["Content-Length"] = str(len(encoded))
        response["Content-Encoding"] = choice.coding
    # Of a 304 too: it bears the tag that the answer in full would have.
    tag = response.get("ETag", "")
    if tag.startswith('"'):
        response["ETag"] = f"W/{tag}"


def _encoded(content: bytes, choice: Choice) -> bytes | None:
    if len(content) < SHORTEST and not choice.is_must:
        return None
    encoder = ENCODERS[choice.coding]()
    encoded = encoder.add(content) + encoder.finish()
    return encoded if len(encoded) < len(content) or choice.is_must else None


_encoded_once = lru_cache(maxsize=REMEMBERED)(_encoded)


def _flow(chunks: Iterable[bytes], encoder: _Encoder) -> Iterator[bytes]:
    """Yield each chunk as soon as it comes, so that a reader need not wait for the next."""
    for chunk in chunks:
        yield encoder.add(chunk) + encoder.flush()
    yield encoder.finish()
