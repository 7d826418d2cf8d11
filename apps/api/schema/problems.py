"""The problems that an operation may meet, each status with what it is told as."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from apps.api.problems import CONTENT_TYPE
from apps.api.refusals import Refusal, every_refusal
from apps.api.schema.components import Components

Schema = dict[str, Any]

EVERYWHERE = ("apps.api", "apps.core", "apps.background")
WORDS: dict[int, str] = {
    400: "What was sent cannot be read or taken; `errors` name each fault.",
    401: "Nobody is signed in, or the token counts no more.",
    403: "The caller, or the token, may not do this.",
    404: "There is no such record, or the caller may not see it.",
    406: "The answer is asked for in a type that there is not.",
    409: "The state of things does not allow it.",
    412: "The record changed since; `details.current` is how it is now.",
    413: "That is too much at once.",
    411: "The body does not say how long it is.",
    415: "The body is of a type that is not read here.",
    422: "The idempotency key came before, with another request.",
    428: "A change must name the version it is of: send `If-Match`.",
    429: "Too often: wait as long as `Retry-After` says.",
    503: "Something that this needs is away or too busy: try again after `Retry-After`.",
}
HEADERS = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}

TEXT: Schema = {"type": "string"}
FAULT: Schema = {
    "type": "object",
    "description": "One fault: where it is, in words and as a code.",
    "properties": {
        "pointer": {**TEXT, "description": "Where in the body (RFC 6901, as a URI fragment)."},
        "parameter": {**TEXT, "description": "Which parameter of the query."},
        "detail": {**TEXT, "description": "For people."},
        "code": {**TEXT, "description": "For programs."},
    },
    "required": ["detail", "code"],
}
PROBLEM: Schema = {
    "type": "object",
    "description": "Why something was not done (RFC 9457).",
    "properties": {
        "type": {**TEXT, "format": "uri-reference", "description": "Where the code is explained."},
        "title": {**TEXT, "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {**TEXT, "description": "What went wrong, for programs: it stays as it is."},
        "detail": {**TEXT, "description": "What went wrong, for people."},
        "instance": {**TEXT, "format": "uri-reference", "description": "What was asked."},
        "request_id": {**TEXT, "description": "Name it when you ask for help."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        "details": {"type": "object", "description": "Facts that a program may want."},
    },
    "required": [
        "type",
        "title",
        "status",
        "code",
        "detail",
        "instance",
        "request_id",
        "errors",
    ],
}


def answer_of(schema: Components, status: int, app: str) -> Schema:
    """Return the reference to what a status is told as, with the codes of an app and the kit's."""
    own = [each for each in every_refusal() if each.status == status and each.app == app]
    kit = [each for each in every_refusal() if each.status == status and each.app in EVERYWHERE]
    name = HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")
    if own:
        name = f"{app.rpartition('.')[2].title()}{name}"
    return schema.register("responses", name, _answer(schema, status, [*own, *kit]))


def _answer(schema: Components, status: int, refusals: Iterable[Refusal]) -> Schema:
    schema.register("schemas", "Fault", FAULT)
    problem = schema.register("schemas", "Problem", PROBLEM)
    examples = {
        each.code: schema.register("examples", f"problem_{each.code}", _example(each))
        for each in refusals
    }
    return {
        "description": WORDS[status],
        "headers": schema.headers("X-Request-ID", *HEADERS.get(status, ())),
        "content": {CONTENT_TYPE: {"schema": problem, "examples": examples}},
    }


def _example(refusal: Refusal) -> Schema:
    body = {
        "type": f"/api/docs/problems/#{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.words,
        "instance": "/api/v1/jobs/812/",
        "request_id": "3f2c9a51c1f54d0fb2f5b8a0a7c6a6de",
        "errors": [],
    }
    return {"summary": refusal.words.partition("\n")[0], "value": body}
