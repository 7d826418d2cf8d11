"""One search over what a shop looks for most."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.models import User
from apps.api.answers import answer
from apps.api.asking import Argument
from apps.api.listing import TERM_AT_MOST, found, read_term
from apps.api.operations import operation
from apps.api.rows import Row
from apps.api.views import ApiView
from apps.customers.models import Customer
from apps.dashboards.api.serializers import (
    Found,
    FoundCustomerRow,
    FoundJobRow,
    FoundMachineRow,
)
from apps.jobs.models import Job
from apps.machines.models import Machine

EACH_AT_MOST = 10
TERM = Argument(
    "q",
    read_term,
    {"type": "string", "minLength": 1, "maxLength": TERM_AT_MOST, "pattern": r"\S"},
    "Words that the record holds, or the beginning of a job's number.",
    required=True,
)

Rows = QuerySet[Any, Any]
# What is searched: what a user may see of it, in which order it is told, and how.
PLACES: dict[str, tuple[Callable[[User], Rows], tuple[str, ...], type[Row]]] = {
    "customers": (Customer.objects.visible_to, ("name", "pk"), FoundCustomerRow),
    "jobs": (Job.objects.visible_to, ("-pk",), FoundJobRow),
    "machines": (lambda _user: Machine.objects.all(), ("code",), FoundMachineRow),
}


class SearchView(ApiView):
    """Customers, jobs and machines by a term."""

    @operation(tells=Found, asks=(TERM,))
    def get(self, request: Request) -> HttpResponse:
        """Find customers, jobs and machines: at most ten of each that one may see. Queries: 3."""
        term = self.asked()[TERM.name]
        return answer(request._request, {name: self._find(name, term) for name in PLACES})

    def _find(self, name: str, term: str) -> list[dict[str, Any]]:
        visible, order, row = PLACES[name]
        shape = row.shape()
        rows = found(visible(self.actor), term).order_by(*order).values_list(*shape.paths)
        return [*map(shape.build, rows[:EACH_AT_MOST])]
