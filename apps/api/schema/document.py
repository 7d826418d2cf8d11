"""The document as a whole: its last touches, and its bytes, made once a process."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from apps.api.answers import JSON, NDJSON, dumps
from apps.api.records import RecordView
from apps.api.schema.examples import Examples
from apps.api.words import words_of

Schema = dict[str, Any]

# The library's marks: what is read only is not in what is sent, and so says nothing here.
MARKS = frozenset({"readOnly", "writeOnly", "x-spec-enum-id"})


@cache
def document() -> Schema:
    """Return the document."""
    told: Schema = SchemaGenerator().get_schema(public=True)
    return told


@cache
def as_json() -> bytes:
    """Return the document as JSON."""
    return dumps(document())


@cache
def as_yaml() -> bytes:
    """Return the document as YAML."""
    told: bytes = OpenApiYamlRenderer().render(document())
    return told


def finish(result: Schema, generator: Any, **_: Any) -> Schema:
    """Take the library's marks out, add examples and the words of each area."""
    told: Schema = _without_marks(result)
    examples = Examples(told["components"])
    for _path, operation in _operations(told):
        for bodies in _bodies(operation):
            for media in bodies.values():
                if "examples" not in media:
                    media["example"] = examples.of(media["schema"])
            if NDJSON in bodies:
                rows = bodies[JSON]["example"]["results"]
                bodies[NDJSON]["example"] = "".join(f"{dumps(row).decode()}\n" for row in rows)
    told["tags"] = [*_tags(generator)]
    return told


def _without_marks(told: Any) -> Any:
    if isinstance(told, dict):
        if (
            "$ref" in (alone := told.get("allOf", [{}])[0])
            and MARKS.union(["allOf"]) >= told.keys()
        ):
            return alone
        return {name: _without_marks(each) for name, each in told.items() if name not in MARKS}
    if isinstance(told, list):
        return [_without_marks(each) for each in told]
    return told


def _operations(told: Schema) -> Iterator[tuple[str, Schema]]:
    for path, methods in told["paths"].items():
        for operation in methods.values():
            yield path, operation


def _bodies(operation: Schema) -> Iterator[Schema]:
    yield operation.get("requestBody", {}).get("content", {})
    for answer in operation["responses"].values():
        yield answer.get("content", {})


def _tags(generator: Any) -> Iterator[Schema]:
    """Yield each area with its words: of the records, or of the package that has it."""
    seen: dict[str, str] = {}
    for path, _, _, callback in generator.endpoints:
        area = path.removeprefix("/api/v1/").partition("/")[0]
        view = callback.cls
        if area not in seen:
            package = import_module(view.__module__.rpartition(".")[0])
            seen[area] = words_of(view if issubclass(view, RecordView) else package)
    for area in sorted(seen):
        yield {"name": area, "description": seen[area]}
