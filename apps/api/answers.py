"""Answers: JSON bytes with their ETag, told once and told again only when they changed.

Dates and instants are ISO 8601, instants in UTC; decimals are strings.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.http import parse_etags

from apps.core.compression import KeptAnswer

JSON = "application/json"
NDJSON = "application/x-ndjson"
SAFE = frozenset({"GET", "HEAD"})
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


def dumps(data: Any) -> bytes:
    """Return the data as JSON."""
    return orjson.dumps(data, _default, _OPTIONS)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it is kept and told again: its bytes with their ETag."""

    body: bytes
    tag: str


def keep(data: Any, *, version: int | None = None) -> Kept:
    """Return the data as an answer that can be kept.

    The ETag is ``"<hash>"``, or ``"<version>-<hash>"`` of a record: ``If-Match`` compares the
    version, ``If-None-Match`` all of it.
    """
    body = dumps(data)
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Kept(body, f'"{digest}"' if version is None else f'"{version}-{digest}"')


def tell(request: HttpRequest, kept: Kept) -> HttpResponse:
    """Return a kept answer; 304 when the caller has just that already."""
    return _tell(request, kept, KeptAnswer)


def answer(
    request: HttpRequest,
    data: Any,
    *,
    status: int = 200,
    version: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return the data with its ETag; 304 when the caller has just that already."""
    kept = keep(data, version=version)
    return _tell(request, kept, HttpResponse, status=status, headers=headers)


def _tell(
    request: HttpRequest,
    kept: Kept,
    kind: type[HttpResponse],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    said = {"ETag": kept.tag, **(headers or {})}
    known = request.META.get("HTTP_IF_NONE_MATCH") if request.method in SAFE else None
    if known and _is_known(kept.tag, known):
        return HttpResponse(status=304, headers=said)
    return kind(kept.body, content_type=JSON, status=status, headers=said)


def nothing(status: int = 204) -> HttpResponse:
    """Return an answer without a body."""
    return HttpResponse(status=status, headers={})


def lines(chunks: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """Return rows as they are read, a line a row, a chunk at a time."""
    return StreamingHttpResponse(
        (b"".join(dumps(row) + b"\n" for row in chunk) for chunk in chunks),
        content_type=NDJSON,
        headers={"X-Accel-Buffering": "no"},  # A proxy that collected it would fill its disk.
    )


def versions_in(if_match: str) -> set[int] | None:
    """Return the versions that an ``If-Match`` names; None for ``*``, which any version meets.

    A weak tag counts: what is compared is the version, which a compressing proxy leaves alone.
    """
    tags = parse_etags(if_match)
    if tags == ["*"]:
        return None
    heads = (tag.removeprefix("W/").strip('"').partition("-")[0] for tag in tags)
    return {int(head) for head in heads if re.fullmatch(r"[0-9]{1,10}", head)}


def _is_known(tag: str, known: str) -> bool:
    tags = parse_etags(known)
    return tags == ["*"] or tag in {each.removeprefix("W/") for each in tags}


def _default(value: Any) -> Any:
    if isinstance(value, (Decimal, Promise)):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError
