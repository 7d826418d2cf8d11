"""Security headers that Django has no setting for."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"


class SecurityHeadersMiddleware:
    """Switch off what no page of ours uses; keep pages with people's data out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers, leaving what a view has set."""
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        if getattr(request, "user", None) is not None and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-cache"
        return response


class PolicyMiddleware(CSPMiddleware):
    """The pages' Content-Security-Policy; an answer that has one of its own is left alone."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the policy where there is none: working out what is not said cost programs 3 %."""
        if HEADER in response:
            return response
        return super().process_response(request, response)
