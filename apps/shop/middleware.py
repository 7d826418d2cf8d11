"""Times are shown in the shop's zone, to people: programs are told UTC."""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from psycopg_pool import PoolTimeout

from apps.shop.selectors import current_shop

PROGRAMS = "/api/"


class ShopZoneMiddleware:
    """Activate the shop's time zone for a page. Queries: 0 while cached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the shop's zone; in UTC while the database is away, and the view says so."""
        if request.path_info.startswith(PROGRAMS):
            return self.get_response(request)
        try:
            timezone.activate(current_shop().zone)
        except (DatabaseError, InterfaceError, PoolTimeout):
            timezone.deactivate()
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
