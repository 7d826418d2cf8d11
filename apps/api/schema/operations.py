"""One operation of the document, read from the view, its list and its handler's mark."""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.drainage import error
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import Direction
from rest_framework.authentication import SessionAuthentication
from rest_framework.serializers import FileField

from apps.api.answers import JSON, NDJSON
from apps.api.operations import Operation, operation_of
from apps.api.records import ByExternalId, Changes, Creates, Deletes, RecordView
from apps.api.rows import Row
from apps.api.schema import parameters, security
from apps.api.schema.components import Components
from apps.api.schema.problems import answer_of
from apps.api.words import a, summary_of, words_of

Schema = dict[str, Any]

MULTIPART = "multipart/form-data"
SENDS = frozenset({"POST", "PUT", "PATCH"})
# The kit's own handlers, and what they are called.
IDS = {
    "partial_update": "update",
    "destroy": "delete",
    "by_external_id": "put",
}
SUMMARIES = {
    "list": "List {many}",
    "retrieve": "Read {one}",
    "create": "Create {one}",
    "partial_update": "Change {one}",
    "destroy": "Delete {one}",
    "by_external_id": "Create or change {one} by the key of another system",
}
KITS = (RecordView, Creates, Changes, Deletes, ByExternalId)
NAMES_VERSION = frozenset({"partial_update", "destroy"})


class ApiSchema(Components):
    """One operation. Nothing here knows an endpoint."""

    @property
    def action(self) -> str:
        """Return the handler's name."""
        return getattr(self.view, "action", None) or self.method.lower()

    @property
    def handler(self) -> Callable[..., Any]:
        """Return what answers."""
        found: Callable[..., Any] = getattr(type(self.view), self.action)
        return found

    @property
    def operation(self) -> Operation | None:
        """Return what the handler is marked with; None for the kit's own."""
        return operation_of(self.handler)

    @property
    def is_kits(self) -> bool:
        """Return whether the kit's declarations say what is taken and told."""
        return self.operation is None and self.action in SUMMARIES

    @property
    def is_open(self) -> bool:
        """Return whether nobody has to be signed in."""
        return not self.view.authentication_classes

    @property
    def app(self) -> str:
        """Return the package whose endpoint it is."""
        return ".".join(type(self.view).__module__.split(".")[:2])

    # Names and words.

    def get_operation_id(self) -> str:
        """Return ``jobs_list``, ``job_steps_start``, ``auth_token``."""
        if isinstance(self.view, RecordView):
            name = f"{self.view.basename}_{IDS.get(self.action, self.action)}"
        else:
            parts = [part for part in self._parts() if not part.startswith("{")]
            methods = set(self.view.allowed_methods) - {"OPTIONS", "HEAD"}
            name = "_".join([*parts, *([self.action] if len(methods) > 1 else [])])
        return name.replace("-", "_")

    def get_tags(self) -> list[str]:
        """Return the area: what follows the version in the address."""
        return [self._parts()[0]]

    def get_summary(self) -> str:
        """Return what it does, in a line."""
        return self._words()[0]

    def get_description(self) -> str:  # type: ignore[override]  # as the library has it
        """Return the rest of what is said of it."""
        return self._words()[1]

    def _words(self) -> tuple[str, str]:
        said = words_of(self.handler)
        if self.action not in SUMMARIES or self.handler not in _kits_own(self.action):
            return summary_of(said)
        noun = self.view.model._meta
        summary = SUMMARIES[self.action].format(
            one=a(str(noun.verbose_name)), many=noun.verbose_name_plural
        )
        return summary, said

    def _parts(self) -> list[str]:
        return [part for part in self.path.removeprefix("/api/v1/").split("/") if part]

    def get_auth(self) -> list[Schema]:
        """Return the ways to sign in; none where it is open."""
        kinds: Sequence[type] = self.view.authentication_classes
        names = ["accessToken", "apiToken"] if kinds else []
        if any(issubclass(kind, SessionAuthentication) for kind in kinds):
            names.append("sessionCookie")
        for name in names:
            self.register("securitySchemes", name, security.SCHEMES[name]())
        return [{name: []} for name in names] or [{}]

    # What is sent.

    def _get_parameters(self) -> list[Schema]:
        path = self._resolve_path_parameters(
            [part[1:-1] for part in self._parts() if part.startswith("{")]
        )
        return [*path, *self._queried(), *map(self._shared, self._shared_names())]

    def _queried(self) -> Iterator[Schema]:
        said = self.operation
        yield from map(parameters.of_argument, said.asks if said else ())
        if not self._tells_listing():
            return
        listing = self.view.listing
        if self.action == "retrieve":
            yield parameters.fields(listing)
            return
        yield from map(self._shared, ("Limit", "Cursor", "Count"))
        if listing.searched:
            yield self._shared("Search")
        yield from parameters.of_list(listing)

    def _shared_names(self) -> Iterator[str]:
        if self.method == "GET":
            yield "IfNoneMatch"
        if self.is_kits and self.action in NAMES_VERSION:
            yield "IfMatch"
        if self.is_kits and self.action == "by_external_id":
            yield "IfMatchWhereKnown"
        if self._is_once():
            yield "IdempotencyKey"
        yield "RequestId"

    def _shared(self, name: str) -> Schema:
        return self.register("parameters", name, parameters.SHARED[name])

    def _is_once(self) -> bool:
        return self.method == "POST" and self.view.keeps_answers and not self.is_open

    def _tells_listing(self) -> bool:
        return isinstance(self.view, RecordView) and self.action in {"list", "retrieve"}

    def _get_request_body(self, direction: Direction = "request") -> Schema | None:
        item = self._taken()
        if item is None or self.method not in SENDS:
            return None
        component = self.resolve_serializer(item, direction)
        if not component:  # Nothing to say.
            return None
        has_file = any(isinstance(each, FileField) for each in item.fields.values())
        media = MULTIPART if has_file else JSON
        required = bool(component.schema.get("required")) or item.partial
        return {"content": {media: {"schema": component.ref}}, "required": required}

    def _taken(self) -> Any:
        said = self.operation
        if said is not None:
            return force_instance(said.takes) if said.takes else None
        item = getattr(self.view, "item", None)
        if self.action == "partial_update":
            item = self.view.change_item or item
        if item is None or self.action not in {"create", "partial_update", "by_external_id"}:
            return None
        return item(partial=self.action != "create")

    # What is told.

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        told = {str(status): answer for status, answer in self._successes()}
        if self.method == "GET":
            told["304"] = {
                "description": "You have what there is.",
                "headers": self.headers("X-Request-ID", "ETag"),
            }
        refused = sorted({*self._any_refusals(), *self._own_refusals()})
        return told | {str(each): answer_of(self, each, self.app) for each in refused}

    def _successes(self) -> Iterator[tuple[int, Schema]]:
        said = self.operation
        if said is not None:
            told = self._file() if said.tells_file else self._told(said.tells, said.status)
            yield said.status, told
        elif self.action == "list":
            yield 200, self._list()
        elif self.action == "retrieve":
            yield 200, self._answer(200, JSON, self._one(fields=True))
        elif self.action == "destroy":
            yield 204, self._nothing()
        elif self.action in SUMMARIES:
            if self.action != "create":
                yield 200, self._answer(200, JSON, self._one())
            if self.action != "partial_update":
                yield 201, self._answer(201, JSON, self._one())
        else:
            error(f"{self.view!r}: {self.action} is not marked with @operation.")

    def _told(self, tells: Any, status: int) -> Schema:
        if tells is None:
            return self._nothing()
        serializer = force_instance(tells)
        many = getattr(serializer, "many", False)
        told = self.resolve_serializer(serializer.child if many else serializer, "response")
        if self._tells_listing() and "results" in told.schema["properties"]:
            told.schema["properties"]["results"]["items"] = self._one(fields=True)
        ref = told.ref
        return self._answer(status, JSON, {"type": "array", "items": ref} if many else ref)

    def _file(self) -> Schema:
        told = self._answer(200, "*/*", {"type": "string", "format": "binary"})
        return told | {"description": "The bytes, in the type that the record tells."}

    def _one(self, *, fields: bool = False) -> Schema:
        """Return a record: all of it, or what ``fields`` asked for."""
        row: Row = self.view.row()
        whole = self.fields_of(row, whole=True)
        return {"anyOf": [whole, self.fields_of(row, whole=False)]} if fields else whole

    def _list(self) -> Schema:
        one = self._one(fields=True)
        name = f"{self._get_serializer_name(self.view.row(), 'response')}List"
        address = {"type": ["string", "null"], "format": "uri"}
        later = f"https://andon.example{self.path}?cursor=eyJrIjpbODEyXX0"
        page = {
            "type": "object",
            "description": "A page of the list.",
            "properties": {
                "next": {
                    **address,
                    "description": "The next page; null on the last.",
                    "examples": [later],
                },
                "previous": {
                    **address,
                    "description": "The page before; null on the first.",
                    "examples": [None],
                },
                "results": {"type": "array", "items": one},
                "count": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "How many there are, where `count` asked for it.",
                },
            },
            "required": ["next", "previous", "results"],
        }
        told = self._answer(200, JSON, self.register("schemas", name, page))
        if NDJSON not in self.map_renderers("media_type"):
            return told
        lines = "Every record that matches, a JSON object a line; `limit` and `cursor` are refused."
        told["content"][NDJSON] = {"schema": {"type": "string", "description": lines}}
        return told

    def _answer(self, status: int, media: str, schema: Schema) -> Schema:
        names = ["X-Request-ID", "RateLimit-Policy", "RateLimit", "ETag"]
        if status == HTTPStatus.CREATED and self.is_kits:
            names.append("Location")
        if self._is_once():
            names.append("Idempotency-Replayed")
        return {
            "description": "Done." if self.method in SENDS else "As asked.",
            "headers": self.headers(*names),
            "content": {media: {"schema": schema}},
        }

    def _nothing(self) -> Schema:
        names = ("X-Request-ID", "RateLimit-Policy", "RateLimit")
        return {
            "description": "Done; there is nothing to tell.",
            "headers": self.headers(*names),
        }

    # What is refused.

    def _any_refusals(self) -> Iterator[int]:
        yield from (400, 406, 429, 503)
        if not self.is_open:
            yield from (401, 403)
        if "{" in self.path:
            yield 404
        if self.method in SENDS:
            yield from (411, 413, 415)
        if self._is_once():
            yield from (409, 422)

    def _own_refusals(self) -> Iterator[int]:
        said = self.operation
        if said is not None:
            yield from said.refusals
            return
        if self.method != "GET":
            yield 409
        if self.action in NAMES_VERSION:
            yield from (412, 428)
        if self.action == "by_external_id":
            yield 412


def _kits_own(action: str) -> Iterator[Any]:
    return (vars(kit)[action] for kit in KITS if action in vars(kit))
