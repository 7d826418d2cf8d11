"""Bodies: JSON in, refused with words when it is none."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from apps.api.answers import JSON, NDJSON, dumps

# Levels of a body. The deepest of ours has five.
DEEPEST = 20


class JsonParser(BaseParser):
    """Strict JSON: no NaN, no lone surrogates, no bottomless nesting, no more than is allowed."""

    media_type = JSON

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says. Raises: ParseError, RequestDataTooBig."""
        body = parser_context["request"]._request.body if parser_context else stream.read()
        if not body:
            return {}
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is no JSON: {error}.") from error
        if body.count(b"[") + body.count(b"{") > DEEPEST:
            _require_shallow(said)
        return said


def _require_shallow(said: Any) -> None:
    """Refuse what is nested too deep to be walked, or shown in a fault. Raises: ParseError."""
    level = [said]
    for _ in range(DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [item for items in inner for item in items if isinstance(item, (dict, list))]
        if not level:
            return
    raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")


class JsonRenderer(BaseRenderer):
    """Names the type for the negotiation; answers are made by ``apps.api.answers``."""

    media_type = JSON
    format = "json"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the data as JSON."""
        return dumps(data)


class LinesRenderer(JsonRenderer):
    """A stream: a line a record."""

    media_type = NDJSON
    format = "ndjson"
