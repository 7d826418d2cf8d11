"""What stands in the head of an answer."""

from typing import Any

Schema = dict[str, Any]


def _header(words: str, example: str, **more: Any) -> Schema:
    return {
        "description": words,
        "schema": {"type": "string"},
        "example": example,
        **more,
    }


HEADERS: dict[str, Schema] = {
    "X-Request-ID": _header(
        "The id of the request, yours or one made for it: name it when you ask for help.",
        "3f2c9a51c1f54d0fb2f5b8a0a7c6a6de",
        required=True,
    ),
    "RateLimit-Policy": _header(
        "How many requests (`q`) are allowed in how many seconds (`w`).", '"user";q=600;w=60'
    ),
    "RateLimit": _header(
        "How many are left (`r`), and in how many seconds all are again (`t`).",
        '"user";r=588;t=42',
    ),
    "ETag": _header(
        "What was told, in short: for `If-None-Match`, and of a record for `If-Match`.",
        '"7-5b1c0e8f3a2d4c61"',
        required=True,
    ),
    "Location": _header("The address of the new record.", "/api/v1/jobs/812/", required=True),
    "Retry-After": {
        "description": "In how many seconds to try again.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 18,
        "required": True,
    },
    "Idempotency-Replayed": {
        "description": "The answer is that to an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    },
    "WWW-Authenticate": _header("How to sign in.", 'Bearer realm="Andon"'),
    "Allow": _header("The methods that there are.", "GET, POST", required=True),
}
