"""Headers that Django has no setting for, or says at a price."""

from collections.abc import Callable
from typing import cast

from corsheaders.middleware import CorsMiddleware
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from apps.core.programs import API, is_program

PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"


class SecurityHeadersMiddleware:
    """Switch off what no page of ours uses; keep pages with people's data out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers, leaving what a view has set."""
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        is_of_people = is_program(request) or getattr(request, "user", None) is not None
        if is_of_people and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-cache"
        return response


class PolicyMiddleware(CSPMiddleware):
    """The pages' Content-Security-Policy; an answer that has one of its own is left alone."""

    def process_request(self, request: HttpRequest) -> None:
        """Prepare no nonce: no page of ours has a script of its own inside."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the policy where there is none: working out what is not said cost programs 3 %."""
        if HEADER in response:
            return response
        return super().process_response(request, response)


class CrossOriginMiddleware(CorsMiddleware):
    """What pages of other origins may read of the API; a request of none is told nothing."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; only who names an origin is looked up."""
        if "HTTP_ORIGIN" in request.META:
            return cast("HttpResponseBase", super().__call__(request))
        response = cast("HttpResponseBase", self.get_response(request))
        if request.path_info.startswith(API):
            add_vary(response, "origin")
        return response


def add_vary(response: HttpResponseBase, name: str) -> None:
    """Say that the answer depends on a header of the request."""
    said = response.headers.get("Vary")
    if said and name.lower() in said.lower():  # There, or a part of another name.
        patch_vary_headers(response, [name])
    else:
        response.headers["Vary"] = f"{said}, {name}" if said else name
