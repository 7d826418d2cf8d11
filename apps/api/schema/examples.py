"""Examples that look like a shop's: from what a serializer declares, else from names and types.

``Meta.examples`` of a serializer, by field, goes before what is here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from apps.api.filters import BIGGEST_KEY

Schema = Mapping[str, Any]

# What a text is, by its name; by its owner's and its own where the name alone would mislead.
TEXTS: dict[str, str] = {
    "username": "ayse.yilmaz",
    "password": "correct-horse-battery",
    "full_name": "Ayşe Yılmaz",
    "first_name": "Ayşe",
    "last_name": "Yılmaz",
    "email": "ayse.yilmaz@example.com",
    "phone": "+90 212 555 01 23",
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJ0eXAiOiJhY2Nlc3MifQ.c2lnbmF0dXJl",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJ0eXAiOiJyZWZyZXNoIn0.c2lnbmF0dXJl",
    "number": "JOB-000812",
    "title": "Brackets for the north hall",
    "name": "Aksoy Makina",
    "code": "LASER-1",
    "external_id": "web-10017",
    "notes": "Deliver on pallets.",
    "note": "Counted twice by mistake.",
    "instructions": "Deburr both sides.",
    "description": "Bracket, 3 mm, galvanised.",
    "revision": "C",
    "unit": "pcs",
    "city": "İzmir",
    "country": "TR",
    "q": "aksoy",
    "customer.name": "Aksoy Makina",
    "customer.code": "AKSOY",
    "part.number": "B-17",
    "part.name": "Bracket B-17",
    "routing.name": "Cut, bend, paint",
    "process.name": "Laser cutting",
    "process.code": "CUT",
    "machine.name": "Laser 1",
    "role.name": "Operator",
    "role.code": "operator",
    "created_by.name": "Bilge Demir",
    "assigned_to.name": "Ayşe Yılmaz",
    "user.name": "Ayşe Yılmaz",
    "reason.name": "Tool change",
    "scrap_reason.name": "Scratched",
}
FORMATS: dict[str, str] = {
    "date": "2026-03-31",
    "date-time": "2026-03-31T08:00:00Z",
    "time": "08:00:00",
    "email": "ayse.yilmaz@example.com",
    "uri": "https://andon.example/api/v1/jobs/?cursor=WzgxMl0",
    "uuid": "3f2c9a51-c1f5-4d0f-b2f5-b8a0a7c6a6de",
    "decimal": "12.50",
    "binary": "(the bytes of the file)",
}
NUMBERS: dict[str, int] = {
    "version": 7,
    "quantity": 200,
    "quantity_planned": 200,
    "quantity_good": 120,
    "quantity_scrap": 2,
    "quantity_rework": 0,
    "planned_minutes": 45,
    "steps_total": 6,
    "steps_done": 2,
    "sequence": 10,
    "days_late": 3,
    "p50_days": 6,
    "p90_days": 14,
    "waiting_minutes": 1_260,
    "waiting_steps": 21,
    "running_minutes": 90,
    "running_steps": 2,
    "good": 4_820,
    "scrap": 61,
    "rework": 12,
}
RATES: dict[str, float] = {"rate": 0.0125}
SOME = 17
SORTS = frozenset({"Item", "Fields", "List", "Patch", "Change"})
CHOICES = ("normal", "active", "in_progress")


class Examples:
    """Makes examples of schemas whose references lead into ``components``."""

    def __init__(self, components: Mapping[str, Mapping[str, Any]]) -> None:
        self.components = components

    def of(self, schema: Schema, name: str = "", owner: str = "") -> Any:
        """Return a value that the schema allows, as a caller may meet it."""
        if "examples" in schema:
            return schema["examples"][0]
        for told in ("const", "default"):
            if told in schema and schema[told] is not None:
                return schema[told]
        if "$ref" in schema:
            target = schema["$ref"].rpartition("/")[2]
            return self.of(self.components["schemas"][target], name or _subject(target), owner)
        for combined in ("anyOf", "oneOf", "allOf"):
            if combined in schema:
                return self.of(schema[combined][0], name, owner)
        if "enum" in schema:
            return next((each for each in CHOICES if each in schema["enum"]), schema["enum"][0])
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        return getattr(self, f"_{kind}")(schema, name, owner)

    def _object(self, schema: Schema, name: str, _: str) -> dict[str, Any]:
        properties = schema.get("properties", {})
        if not properties and isinstance(schema.get("additionalProperties"), dict):
            return {"Operator": self.of(schema["additionalProperties"], name)}
        required = schema.get("required", ())
        # Of records that are told or not, none is as good an example as any.
        told = {each: said for each, said in properties.items() if _is_told(each, said, required)}
        return {each: self.of(said, each, name) for each, said in told.items()}

    def _array(self, schema: Schema, name: str, owner: str) -> list[Any]:
        return [self.of(schema["items"], name, owner)]

    def _string(self, schema: Schema, name: str, owner: str) -> str:
        text = TEXTS.get(f"{owner}.{name}") or FORMATS.get(schema.get("format", ""))
        text = text or TEXTS.get(name) or name.replace("_", " ").capitalize() or "Text"
        return text[: schema.get("maxLength", len(text))]

    def _integer(self, schema: Schema, name: str, owner: str) -> int:
        if name == "id" or schema.get("maximum") == BIGGEST_KEY:
            return _key(owner if name == "id" else name)
        number = NUMBERS.get(name, SOME)
        return int(max(schema.get("minimum", number), min(number, schema.get("maximum", number))))

    def _number(self, schema: Schema, name: str, owner: str) -> float:
        return RATES.get(name) or float(self._integer(schema, name, owner))

    def _boolean(self, _schema: Schema, _name: str, _owner: str) -> bool:
        return True

    def _null(self, _schema: Schema, _name: str, _owner: str) -> None:
        return None


def _is_told(name: str, schema: Schema, required: Sequence[str]) -> bool:
    return name in required or not ("$ref" in schema or "allOf" in schema)


def _subject(component: str) -> str:
    """Return what a component tells of: ``job_step`` of a JobStepFields."""
    words = re.findall("[A-Z][a-z]*", component)
    return "_".join(word.lower() for word in words if word not in SORTS)


def _key(of: str) -> int:
    """Return a key: the same for the same thing wherever it is named."""
    return 100 + crc32(of.encode()) % 900
