"""The trail for programs: what changed, when, by whom, through which door. Nobody writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from apps.api.answers import answer
from apps.api.fetching import Values
from apps.api.filters import Filter, choice, instant, number, reference, text
from apps.api.listing import Asked
from apps.api.operations import operation
from apps.api.problems import BadParameters
from apps.api.reading import JsonRenderer
from apps.api.records import RecordView
from apps.api.rows import Named, Row
from apps.audit.models import Action, AuditLog
from apps.audit.selectors import Question, ask, begins, soon
from apps.core.acting import Source


class AuditLogRow(Row):
    """One change of one record."""

    actor = Named(key="actor_id", paths={"name": "actor_name"})

    class Meta:
        model = AuditLog
        fields = (
            "id",
            "at",
            "actor",
            "source",
            "request_id",
            "table",
            "row_id",
            "action",
            "changes",
        )


class AuditPage(serializers.Serializer[Any]):
    """Changes, the latest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AuditLogRow(many=True)
    looked_back_to = serializers.DateTimeField(
        allow_null=True,
        help_text="Where conditions combine, only the latest changes are looked through: those"
        " before this are another question. Null: all that was asked for.",
    )


def _with_names(rows: Any) -> Any:
    users = get_user_model()._default_manager.filter(pk=OuterRef("actor_id"))
    return rows.annotate(actor_name=Subquery(users.values("full_name")))


def _read(chosen: QuerySet[Any, Any], paths: Sequence[str]) -> list[Values]:
    """Read changes in one go: what is partitioned by time is not looked up again by id."""
    return list(_with_names(chosen).values_list(*paths))


class AuditLogView(RecordView[AuditLog]):
    """Every change of every record, the latest first."""

    renderer_classes = (JsonRenderer,)
    model, row = AuditLog, AuditLogRow
    orderings = {"at": ("at",)}
    filters: ClassVar[Mapping[str, Filter]] = {
        "table": text(most=63),
        "row_id": number(),
        "actor": reference("actor_id"),
        "source": choice(Source),
        "action": choice(Action),
        "request_id": text(most=64),
        "at": instant(lookups=("gte", "lt")),
    }
    fetch = staticmethod(_read)

    @operation(tells=AuditPage)
    def list(self, request: Request) -> HttpResponse:
        """Answer a page of the changes for which all that is given holds."""
        asked = self.listing.read(request.query_params)
        self.visible()
        found = ask(_question(asked))
        page, shape = self.listing.page(found.rows, replace(asked, narrowed=()))
        told = {
            "next": self.address(request, page.next),
            "previous": self.address(request, page.previous),
            "results": [*map(shape.build, page.rows)],
            "looked_back_to": found.looked_back_to,
        }
        return answer(request._request, told)


def _question(asked: Asked) -> Question:
    """Return what is asked of the trail. Raises: BadParameters."""
    given: dict[str, Any] = {}
    for parameter, values in asked.narrowed:
        if len(values) > 1:
            raise BadParameters({parameter.name: "Give it once."})
        given[parameter.name] = values[0]
    span = {"starts": given.pop("at__gte", None) or begins(), "ends": given.pop("at__lt", None)}
    if asked.count:
        raise BadParameters({"count": "The trail is not counted."})
    if "row_id" in given and "table" not in given:
        raise BadParameters({"row_id": "Say of which table, too."})
    actor = given.pop("actor", None)
    return Question(**span | {"ends": span["ends"] or soon()}, actor_id=actor, **given)
