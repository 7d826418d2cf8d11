"""Every refusal as ``application/problem+json``: what went wrong, where, and what to do.

Source: RFC 9457. ``errors`` name each fault: ``pointer`` into the body (RFC 6901, as a URI
fragment) or ``parameter`` of the query, ``detail`` for people, ``code`` for programs.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions

from apps.api.answers import dumps
from apps.core import request_id
from apps.core.db import FOREIGN_KEY_VIOLATION, refusal
from apps.core.errors import DomainError, InUse

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="Andon"'  # Every 401 says how to sign in.
RETRY_AFTER = 5  # Seconds, when the database is lost or too slow.
NOT_FOUND = "There is no such record, or you may not see it."

# What Django raises, and what is said of it.
OTHERS: tuple[tuple[tuple[type[Exception], ...], HTTPStatus, str, str], ...] = (
    ((Http404, ObjectDoesNotExist), HTTPStatus.NOT_FOUND, NOT_FOUND, "not_found"),
    ((PermissionDenied,), HTTPStatus.FORBIDDEN, "You may not do this.", "not_permitted"),
    (
        (RequestDataTooBig,),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "That is too much at once.",
        "too_large",
    ),
    (
        (BadRequest, SuspiciousOperation, TooManyFilesSent),
        HTTPStatus.BAD_REQUEST,
        "The request cannot be read.",
        "unreadable",
    ),
)

UNAVAILABLE = (
    (OperationalError, InterfaceError),
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The database is busy or away. Try again in a moment.",
    "unavailable",
)
UNKNOWN = "unknown"  # A name in the query that nobody declared.

logger = logging.getLogger(__name__)


class BadParameters(exceptions.APIException):
    """A query that cannot be answered; each fault names its parameter."""

    status_code = HTTPStatus.BAD_REQUEST

    def __init__(self, faults: Mapping[str, str], code: str = "invalid") -> None:
        super().__init__("The query cannot be answered.", code)
        self.errors = [
            {"parameter": name, "detail": said, "code": code} for name, said in faults.items()
        ]


def problem(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    code: str = "",
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """Return a problem as an answer; ``more`` are members of its own."""
    phrase = HTTPStatus(status).phrase
    body = {
        "type": f"/api/docs/problems/#{code}" if code else "about:blank",
        "title": phrase,
        "status": status,
        "code": code or phrase.lower().replace(" ", "_"),
        "detail": detail,
        "instance": escape_uri_path(request.path),
        "request_id": request_id.current(),
        "errors": errors,
        **more,
    }
    return HttpResponse(
        dumps(body), content_type=CONTENT_TYPE, status=status, headers=dict(headers or {})
    )


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the problem that an exception is; None for a fault of ours, which stays one."""
    request: HttpRequest = context["request"]
    if isinstance(error, IntegrityError) and refusal(error).sqlstate == FOREIGN_KEY_VIOLATION:
        # Foreign keys are asked at the commit, after every service.
        error = InUse("Something that it refers to was deleted meanwhile.")
    if isinstance(error, DomainError):
        return _refusal(request, error)
    if isinstance(error, exceptions.APIException):
        return _api_exception(request, error)
    for kinds, status, detail, code in OTHERS:
        if isinstance(error, kinds):
            return problem(request, status, detail, code=code)
    if isinstance(error, UNAVAILABLE[0]):
        return _unavailable(request, error)
    return None


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("503 for %s %s: %s", request.method, request.path, error)
    _, status, detail, code = UNAVAILABLE
    return problem(
        request,
        status,
        detail,
        code=code,
        headers={"Retry-After": str(RETRY_AFTER)},
    )


def _refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    errors = []
    if error.field:
        place = {"pointer": pointer(error.field)}
        errors = [{**place, "detail": error.message, "code": error.code}]
    details = dict(error.details)
    headers = {}
    if "retry_after" in details:
        headers["Retry-After"] = str(details["retry_after"])
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    return problem(
        request,
        error.status,
        error.message,
        code=error.code,
        errors=errors,
        headers=headers,
        **({"details": details} if details else {}),
    )


def pointer(field: str) -> str:
    """Return a JSON pointer to a field, as a URI fragment. Source: RFC 6901."""
    return field if field.startswith("#") else f"#/{field}"


def _api_exception(request: HttpRequest, error: exceptions.APIException) -> HttpResponse:
    headers = {}
    if scheme := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    errors = getattr(error, "errors", None)
    if errors is None and isinstance(error, exceptions.ValidationError):
        errors = list(_faults(error.get_full_details(), "#"))
        return problem(
            request,
            HTTPStatus.BAD_REQUEST,
            "Some of what was sent cannot be taken.",
            code="invalid",
            errors=errors,
        )
    codes = error.get_codes()
    return problem(
        request,
        error.status_code,
        str(error.detail),
        code=codes if isinstance(codes, str) else "invalid",
        errors=errors or (),
        headers=headers,
    )


def _faults(details: Any, place: str) -> Iterator[dict[str, str]]:
    """Walk DRF's nested details: lists of ``{message, code}`` under names and places."""
    if isinstance(details, list):
        for number, one in enumerate(details):
            yield from _faults(one, place if _is_fault(one) else f"{place}/{number}")
    elif _is_fault(details):
        yield {"pointer": place, "detail": str(details["message"]), "code": str(details["code"])}
    else:
        for name, one in details.items():
            at = place if name == "non_field_errors" else f"{place}/{_escaped(str(name))}"
            yield from _faults(one, at)


def _is_fault(details: Any) -> bool:
    return (
        isinstance(details, dict)
        and details.keys() == {"message", "code"}
        and (isinstance(details["message"], str))
    )


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
