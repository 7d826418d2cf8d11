"""Components: rows as they are told, items as they are taken."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, append_meta, force_instance
from rest_framework.serializers import ListSerializer

from apps.api.filters import BIGGEST_KEY
from apps.api.items import Item, Key
from apps.api.rows import Made, Row
from apps.api.schema.headers import HEADERS
from apps.api.words import a, words_of

Schema = dict[str, Any]
KEY: Schema = {"type": "integer", "format": "int64", "minimum": 1, "maximum": BIGGEST_KEY}


class Components(AutoSchema):
    """What the library does not know of our serializers."""

    view: Any
    registry: Any

    def register(self, kind: str, name: str, schema: Schema) -> Schema:
        """Keep a component of the document; return the reference to it."""
        component = ResolvedComponent(name, kind, schema, object=name)
        self.registry.register_on_missing(component)
        return dict(component.ref)

    def headers(self, *names: str) -> Schema:
        """Return headers by name, each one's definition kept once."""
        return {
            name: self.register("headers", name.replace("-", ""), HEADERS[name]) for name in names
        }

    def fields_of(self, row: Row, *, whole: bool) -> Schema:
        """Return the reference to a row, or to some of its names: what ``fields`` asked for."""
        ref: Schema = self.resolve_serializer(row, "response").ref
        if whole:
            return ref
        name = self._get_serializer_name(row, "response")
        said = self.registry[name, "schemas"].schema
        some = {
            "type": "object",
            "description": f"Some names of {a(_noun(row))}: those that `fields` asked for.",
            "properties": said["properties"],
            "minProperties": 1,
        }
        return self.register("schemas", f"{name}Fields", some)

    def _get_serializer_name(
        self, serializer: Any, direction: str, bypass_extensions: bool = False
    ) -> str:
        """Return ``Job`` for a JobRow, ``JobItem`` for what is sent, ``JobItemPatch`` in part."""
        child = getattr(serializer, "child", serializer)
        name = type(child).__name__.removesuffix("Row").removesuffix("Serializer")
        return f"{name}Patch" if direction == "request" and child.partial else name

    def get_serializer_identity(self, serializer: Any, direction: str) -> Any:
        """Tell what is sent from what is told: two of one name would be a fault."""
        return (type(serializer), direction)

    def _map_serializer_field(
        self, field: Any, direction: str, bypass_extensions: bool = False
    ) -> Any:
        if isinstance(field, Made):
            meta = self._get_serializer_field_meta(field, direction)
            return append_meta(super()._map_serializer_field(field.shown, direction), meta)
        if isinstance(field, Key):
            referred = vars(field)["queryset"].model
            noun = str(referred._meta.verbose_name)
            meta = {"description": f"The id of {a(noun)}."}
            meta |= self._get_serializer_field_meta(field, direction)
            return append_meta(dict(KEY), meta)
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(field, ListSerializer) and schema:
            many: Any = field
            least = many.min_length or (None if many.allow_empty else 1)
            bounds = {"minItems": least, "maxItems": many.max_length}
            schema |= {name: each for name, each in bounds.items() if each is not None}
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        serializer = force_instance(serializer)
        if isinstance(serializer, Row):
            _tell_nulls(serializer)
        schema = super()._map_basic_serializer(serializer, direction)
        schema.pop("description", None)
        if words := _description(serializer):
            schema["description"] = words
        required = schema.pop("required", [])
        if isinstance(serializer, Row):
            required = _told_always(serializer, schema)
        if isinstance(serializer, Item):
            schema["additionalProperties"] = False
            required = () if serializer.partial else required
        if getattr(serializer, "partial", False) or isinstance(serializer, Row):
            _without_defaults(schema)
        if names := [name for name in schema.get("properties", {}) if name in required]:
            schema["required"] = names
        return schema


def _told_always(row: Row, schema: Schema) -> set[str]:
    """Return every name that nobody is refused."""
    withheld: Sequence[str] = getattr(row.Meta, "withheld", ())
    return {*schema["properties"]} - {*withheld}


def _without_defaults(schema: Schema) -> None:
    """Take out what would be put in where a name is left out: here nothing is."""
    for each in schema.get("properties", {}).values():
        each.pop("default", None)


def _noun(row: Any) -> str:
    return str(row.Meta.model._meta.verbose_name)


def _description(serializer: Any) -> str:
    if words := words_of(type(serializer)):
        return words
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    if model is None or not isinstance(serializer, Row):
        return ""
    words = words_of(model).partition("\n\n")[0]  # What a row is; the rest is for its writers.
    return "" if words.startswith(f"{model.__name__}(") else words  # Django's own.


def _tell_nulls(row: Row) -> None:
    """Say of each field what the columns on its way say: a declaration repeats none of that."""
    for name, column in type(row).shape().columns.items():
        nullable = _is_nullable(row.Meta.model, column.path)
        if nullable is not None:
            row.fields[name].allow_null = nullable


def _is_nullable(model: type[Model], path: str) -> bool | None:
    """Return whether a path may end in null; None where it is no column's."""
    for part in path.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        if getattr(field, "null", True):
            return True
        model = field.related_model or model
    return False
