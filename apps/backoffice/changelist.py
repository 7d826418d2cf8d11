"""An admin list whose cost does not grow with its table."""

from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.core.paging import COUNT_AT_MOST, BadCursor, Order, Page, Query, count_rows, get_page


class KeysetChangeList(ChangeList):
    """Pages by position: the page parameter carries a signed cursor instead of a number."""

    page: Page[Model]
    counted_exactly: bool

    def get_results(self, request: HttpRequest) -> None:
        """Read one page; count no more than is cheap."""
        rows: QuerySet[Model] = self.queryset
        order = Order.of(self.model, self.get_ordering(request, rows))
        listed: Query[Model] = Query(rows, order, str(sorted(self.filter_params.items())))
        cursor = request.GET.get(PAGE_VAR)
        try:
            page = get_page(listed, limit=self.list_per_page, cursor=cursor)
        except BadCursor:  # A bookmark from another filter: begin again.
            page = get_page(listed, limit=self.list_per_page)
        self.page = page
        self.multi_page = bool(page.previous or page.next)
        self.result_count, self.counted_exactly = (
            self.count(rows) if self.multi_page else (len(page.rows), True)
        )
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = bool(page.rows)
        self.result_list = page.rows
        self.can_show_all = False
        self.paginator = Paginator(page.rows, self.list_per_page)

    def count(self, rows: QuerySet[Model]) -> tuple[int, bool]:
        """Return how many rows the list has, and whether that is exact."""
        return count_rows(rows)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:  # noqa: ARG002 - Django's signature
        """Return the chosen columns, or the default; always names, for a cursor to rest on."""
        chosen: list[Any] = [*(self.model_admin.get_ordering(request) or self.opts.ordering or ())]
        if "o" in self.params:
            chosen = self._chosen_columns() or chosen
        return [name for name in chosen if name not in {"pk", "-pk"}] or chosen

    def _chosen_columns(self) -> list[str]:
        """Read ``o=-2.1``: the numbers of sortable columns, the minus for descending."""
        names, places = [], {str(place) for place in range(len(self.list_display))}
        for part in str(self.params["o"]).split("."):
            _, minus, number = part.rpartition("-")
            if number not in places:
                continue
            column = self.list_display[int(number)]
            field = self.get_ordering_field(column) if column in (self.sortable_by or ()) else None
            if field:
                flipped = minus and str(field).startswith("-")
                names.append(str(field).lstrip("-") if flipped else f"{minus}{field}")
        return names

    @property
    def is_narrowed(self) -> bool:
        """Whether less than all is asked for."""
        return bool(self.query or self.filter_params)

    @property
    def first_url(self) -> str:
        """Where the list begins."""
        return self.get_query_string(remove=[PAGE_VAR])

    @property
    def previous_url(self) -> str:
        """The page before."""
        return self.get_query_string({PAGE_VAR: self.page.previous})

    @property
    def next_url(self) -> str:
        """The page after."""
        return self.get_query_string({PAGE_VAR: self.page.next})

    @property
    def showing(self) -> str:
        """Say what the page shows of how much."""
        noun = self.opts.verbose_name if self.result_count == 1 else self.opts.verbose_name_plural
        if self.counted_exactly:
            return f"{self.result_count:,} {noun}"
        bounded = self.result_count <= COUNT_AT_MOST
        return f"{'more than' if bounded else 'about'} {self.result_count:,} {noun}"
