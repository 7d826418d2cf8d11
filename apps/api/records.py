"""Endpoints of records: a list, a record, and what may be done with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.db import connection, models, transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import iri_to_uri
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.viewsets import ViewSetMixin

from apps.api.answers import NDJSON, answer, lines, nothing, versions_in
from apps.api.errors import Outdated, VersionRequired
from apps.api.filters import Filter
from apps.api.items import Item
from apps.api.listing import Asked, Listing, count
from apps.api.reading import JsonRenderer, LinesRenderer
from apps.api.rows import ID, VERSION, Row, Shape
from apps.api.views import ApiView
from apps.core.errors import DomainError, Invalid
from apps.core.nul_bytes import NUL
from apps.core.records import delete_record, find_or_new, require_record, save_record

EXTERNAL_ID_AT_MOST = 80

M = TypeVar("M", bound=models.Model)
Rows = models.QuerySet[Any, Any]


class RecordView(ViewSetMixin, ApiView, Generic[M]):
    """The records of a model: their list, and each by its key.

    ``reads`` says who may: who is ``permitted`` (Django's view permission, 403 without), who finds
    it ``visible`` (the model's ``visible_to``), or ``everyone`` signed in.
    """

    renderer_classes: Sequence[type[JsonRenderer]] = (JsonRenderer, LinesRenderer)
    lookup_field = "pk"
    lookup_url_kwarg = None
    lookup_value_converter = "int"
    model: ClassVar[type[models.Model]]
    row: ClassVar[type[Row]]
    orderings: ClassVar[Mapping[str, Sequence[str]]] = {"id": ("pk",)}
    filters: ClassVar[Mapping[str, Filter]] = {}
    searched: ClassVar[bool] = False
    usual_order: ClassVar[str] = ""
    fetch: ClassVar[Any] = None  # Where rows are read otherwise than by ``apps.api.fetching``.
    reads: ClassVar[str] = "permitted"
    listing: ClassVar[Listing]

    def __init_subclass__(cls, **options: Any) -> None:
        """Work the list out once."""
        super().__init_subclass__(**options)
        if hasattr(cls, "model") and hasattr(cls, "row"):
            cls.listing = Listing(
                cls.told_rows(cls.model._default_manager.all()),
                cls.row.shape(),
                cls.orderings,
                cls.filters,
                searched=cls.searched,
                usual=cls.usual_order,
                reads=cls.fetch,
            )

    # What may be read.

    def visible(self) -> Any:
        """Return the records that the caller may see. Raises: NotPermitted."""
        rows: Any = self.model._default_manager.all()
        if self.reads == "visible":
            rows = rows.visible_to(self.actor)
        if self.reads == "permitted":
            require_record("view", self.model, actor=self.actor)
        return rows

    @classmethod
    def told_rows(cls, rows: Rows) -> Rows:
        """Return all rows with what their telling needs besides columns."""
        return rows

    def hidden(self) -> Collection[str]:
        """Return the names that the caller is not told of any record."""
        return ()

    def list(self, request: Request) -> HttpResponseBase:
        """Answer a page, or stream all of it. Queries: 1 (2 at a boundary of ties or nulls)."""
        if request.accepted_renderer.media_type == NDJSON:
            return self.stream(request)
        listing = self.listing
        asked = self._without_hidden(listing.read(request.query_params))
        page, shape = listing.page(self.visible(), asked)
        told: dict[str, Any] = {
            "next": self.address(request, page.next),
            "previous": self.address(request, page.previous),
            "results": [*map(shape.build, page.rows)],
        }
        if asked.count:
            told["count"] = count(listing.rows(self.visible(), asked), asked.count)
        return answer(request._request, told)

    def stream(self, request: Request) -> HttpResponseBase:
        """Answer every record, a line each, in chunks that are read as the caller takes them."""
        asked = self._without_hidden(self.listing.read(request.query_params, paged=False))
        return lines(self.listing.chunks(self.visible(), asked, _let_go))

    def retrieve(self, request: Request, pk: int) -> HttpResponse:
        """Answer one record. Queries: 1."""
        return self.tell(pk)

    def tell(
        self, pk: int, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Answer a record as it is now. Raises: Http404. Queries: 1."""
        told, version = self.told(pk)
        return answer(self.request._request, told, status=status, version=version, headers=headers)

    def told(self, pk: int) -> tuple[dict[str, Any], int | None]:
        """Return a record as it is told, and its version. Raises: Http404. Queries: 1."""
        shape = self._shape_asked()
        found = self.listing.fetch(self.visible().filter(pk=pk), shape.paths)
        if not found:
            raise Http404
        values = found[0]
        has_version = VERSION in shape.paths
        return shape.build(values), values[shape.place(VERSION)] if has_version else None

    def told_all(self, keys: Sequence[int]) -> Sequence[dict[str, Any]]:
        """Return records as they are told, in the order of their keys. Queries: 1."""
        shape = self._shape_asked()
        rows = self.listing.fetch(self.visible().filter(pk__in=keys), shape.paths)
        told = {row[shape.place(ID)]: shape.build(row) for row in rows}
        return [told[key] for key in keys]

    def _shape_asked(self) -> Shape:
        fields = self.listing.read_fields(self.request.query_params)
        asked = self._without_hidden(Asked(self.listing.usual, fields=fields))
        extra = [VERSION] if VERSION in self.listing.shape.paths else []
        return self.listing.shape.only(asked.fields, extra)

    def _without_hidden(self, asked: Asked) -> Asked:
        hidden = self.hidden()
        if not hidden:
            return asked
        names = asked.fields or self.listing.shape.columns
        return replace(asked, fields=tuple(name for name in names if name not in hidden))

    @contextmanager
    def acting_on(self, pk: int) -> Iterator[None]:
        """Let a service act on a record: what the caller may not see is not there.

        Services ask for the permission, and whoever has it sees the record: so nothing is asked
        before, and only a refusal costs a query more.
        """
        try:
            yield
        except DomainError:
            if not self.visible().filter(pk=pk).exists():
                raise Http404 from None
            raise

    def address(self, request: Request, cursor: str | None) -> str | None:
        """Return the address of the list's page at a cursor."""
        if cursor is None:
            return None
        whole = request._request
        given = [(name, each) for name, each in whole.GET.lists() if name != "cursor"]
        query = urlencode([*given, ("cursor", cursor)], doseq=True)
        return f"{whole.scheme}://{whole.get_host()}{iri_to_uri(whole.path)}?{query}"


class Writes(RecordView[M]):
    """Records that programs change: ``item`` is what they send, the services do it."""

    item: ClassVar[type[Item]]
    change_item: ClassVar[type[Item] | None] = None  # Where a change takes other names.

    def permit(self, action: str) -> None:
        """Refuse early what no record would allow. Raises: NotPermitted."""
        require_record(action, self.model, actor=self.actor)

    def lock(self, pk: int) -> Any:
        """Lock the record that is about to change. Raises: Model.DoesNotExist."""
        return self.visible().select_for_update(of=("self",), no_key=True).get(pk=pk)

    def store(self, record: Any, fields: Sequence[str] | None) -> None:
        """Save a new record (fields None), or the given fields of a stored one."""
        save_record(record, actor=self.actor, fields=fields)

    def lock_version(self, pk: int) -> Any:
        """Lock a record of which the caller has the present version.

        Raises: VersionRequired, Outdated, Model.DoesNotExist.
        """
        if "If-Match" not in self.request.headers:
            raise VersionRequired("Say which version you have: send its ETag as If-Match.")
        record = self.lock(pk)
        self.require_version(record)
        return record

    def require_version(self, record: Any) -> None:
        """Refuse a change of another version than the present one, where one is named.

        Raises: Outdated.
        """
        versions = versions_in(self.request.headers.get("If-Match", "*"))
        if versions is not None and record.version not in versions:
            raise Outdated(
                "It was changed since you read it. Look at what it is now, and send it again.",
                current=self.told(record.pk)[0],
            )


class Creates(Writes[M]):
    """Records that programs add."""

    def create(self, request: Request) -> HttpResponse:
        """Add a record: 201, with its address."""
        self.permit("add")
        data = self.read(self.item)
        with transaction.atomic():
            record = self.make(data)
        return self.tell_new(record.pk)

    def make(self, data: dict[str, Any]) -> Any:
        """Store a new record of checked data; return it."""
        record = self.model(**data)
        self.store(record, None)
        return record

    def tell_new(self, pk: int) -> HttpResponse:
        """Answer 201 with a new record and its address."""
        location = f"{self.request._request.path.partition('/by-external-id/')[0].rstrip('/')}/"
        return self.tell(pk, status=201, headers={"Location": f"{location}{pk}/"})


class Changes(Writes[M]):
    """Records that programs change, each the version it has seen."""

    def partial_update(self, request: Request, pk: int) -> HttpResponse:
        """Change what is sent and nothing else."""
        self.permit("change")
        with transaction.atomic():
            record = self.lock_version(pk)
            item = self.change_item or self.item
            self.change(record, self.read(item, partial=True, instance=record))
            return self.tell(pk)

    def change(self, record: Any, data: dict[str, Any]) -> None:
        """Write what differs of checked data into a locked record."""
        if changed := put(record, data):
            self.store(record, changed)


class ByExternalId(Creates[M], Changes[M]):
    """Records that other systems know by keys of their own."""

    @action(detail=False, methods=["put"], url_path="by-external-id/<str:external_id>")
    def by_external_id(self, request: Request, external_id: str) -> HttpResponse:
        """Create the record of this key (201), or change what is sent of it (200).

        Sent again it changes nothing, so that a system may send what it has without asking what
        is there. ``If-Match`` is heeded where it is sent.
        """
        if len(external_id) > EXTERNAL_ID_AT_MOST or NUL in external_id:
            raise Http404
        with transaction.atomic():
            record = find_or_new(self.model, external_id)
            is_new = record._state.adding
            self.permit("add" if is_new else "change")
            if not is_new:
                self.require_version(record)
            data = self.read(self.item, partial=not is_new, instance=None if is_new else record)
            if data.pop("external_id", external_id) != external_id:
                raise Invalid("The address names another one.", field="external_id")
            if is_new:
                record = self.make(data | {"external_id": external_id})
            else:
                self.change(record, data)
            return self.tell_new(record.pk) if is_new else self.tell(record.pk)


def put(record: Any, data: Mapping[str, Any]) -> Sequence[str]:
    """Put values into a record, and return the names of those that differ from what it had."""
    changed = [name for name, value in data.items() if _differs(record, name, value)]
    for name in changed:
        setattr(record, name, data[name])
    return changed


def _differs(record: Any, name: str, value: Any) -> bool:
    stored = record._meta.get_field(name)
    now = getattr(record, stored.attname)
    return bool(now != (getattr(value, "pk", value) if stored.is_relation else value))


class Deletes(Writes[M]):
    """Records that programs delete, each the version it has seen."""

    def destroy(self, request: Request, pk: int) -> HttpResponse:
        """Delete a record that nothing refers to: 204."""
        self.permit("delete")
        with transaction.atomic():
            self.remove(self.lock_version(pk))
        return nothing()

    def remove(self, record: Any) -> None:
        """Delete a locked record."""
        delete_record(record, actor=self.actor)


def _let_go() -> None:
    """Give the connection back between chunks: a slow reader keeps none from others."""
    if not connection.in_atomic_block:
        connection.close()
