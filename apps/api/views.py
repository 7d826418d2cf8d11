"""The base of every endpoint: who asks, how often, through what scope, and once."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.exceptions import (
    AuthenticationFailed,
    NotAuthenticated,
    UnsupportedMediaType,
)
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request, is_form_media_type
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from apps.api.answers import JSON
from apps.api.asking import read_arguments
from apps.api.errors import LengthRequired, OutOfScope, TooManyRequests
from apps.api.operations import operation_of
from apps.api.reading import JsonParser, JsonRenderer
from apps.background.idempotency import Stored, once
from apps.core import limits
from apps.core.addresses import client_address, limit_key

READ, WORK, WRITE = "read", "work", "write"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
ANYTHING = "*/*"
UNPARTICULAR = frozenset({ANYTHING, JSON})  # Accept, of who takes JSON and says no more.
KEY_HEADER = "Idempotency-Key"
KEY_VARIABLE = "HTTP_IDEMPOTENCY_KEY"  # As the server hands it on.
POLICY = "default-src 'none'; frame-ancestors 'none'"  # No answer of ours is a page.

Handler = Callable[..., HttpResponseBase]
S = TypeVar("S", bound=BaseSerializer[Any])


class ApiView(APIView):
    """One address. Handlers raise refusals; ``apps.api.problems`` tells them.

    ``scopes`` names, by action or method, what a token must allow besides the rights of its user.
    """

    permission_classes = (IsAuthenticated,)
    parser_classes: Sequence[type[BaseParser]] = (JsonParser,)
    renderer_classes: Sequence[type[JsonRenderer]] = (JsonRenderer,)
    metadata_class = None
    throttle_classes = ()
    format_kwarg = None  # No address ends in a format.
    scopes: ClassVar[Mapping[str, str]] = {}
    limit_per_address: ClassVar[str] = ""  # Counted before all else, signed in or not.
    keeps_answers: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, once where the caller says so, or tell why not."""
        self.args, self.kwargs = args, kwargs
        self.said: dict[str, str] = {}  # Headers for whatever the answer is.
        self._counted: list[limits.Taken] = []
        self.request = asked = self.initialize_request(request, *args, **kwargs)
        self.headers = {}
        response: HttpResponseBase
        try:
            self.initial(asked, *args, **kwargs)
            handler = getattr(self, (request.method or "").lower(), self.http_method_not_allowed)
            response = self._answer(asked, handler)
        except Exception as error:  # noqa: BLE001 - handed on: what is no refusal is raised again
            response = self.handle_exception(error)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                response["Allow"] = ", ".join(self.allowed_methods)
        for name, value in {**self.said, "Content-Security-Policy": POLICY}.items():
            if name not in response.headers:
                response.headers[name] = value
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the request, find who asks, and refuse what the token is not for."""
        if self.limit_per_address:
            self._count(self.limit_per_address, limit_key(client_address(request._request)))
        try:
            self._find_out(request)
        except (NotAuthenticated, AuthenticationFailed):
            self._count("address", limit_key(client_address(request._request)))
            raise
        if request.user.is_authenticated:
            self._count(limits.USER, str(request.user.pk))
        self._require_scope(request)
        self._require_readable(request)

    def _find_out(self, request: Request) -> None:
        """Find what to answer in, who asks, and whether they may: as DRF does, but for versions."""
        accepted = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = accepted
        request._authenticate()  # type: ignore[attr-defined]  # as ``request.user`` does, slowly
        self.check_permissions(request)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002 - DRF's
        """Return what to answer in, and its type; what nearly everybody says is not looked into."""
        if request._request.META.get("HTTP_ACCEPT", ANYTHING) in UNPARTICULAR:
            return self.get_renderers()[0], JSON
        return super().perform_content_negotiation(request, force)

    # Of these one of each is enough: none of them remembers a request.

    def get_authenticators(self) -> Any:
        """Return what finds out who asks."""
        return _one_of_each(tuple(self.authentication_classes))

    def get_parsers(self) -> Any:
        """Return what reads bodies."""
        return _one_of_each(tuple(self.parser_classes))

    def get_renderers(self) -> Any:
        """Return what there is to answer in."""
        return _one_of_each(tuple(self.renderer_classes))

    def get_permissions(self) -> Any:
        """Return what decides who may."""
        return _one_of_each(tuple(self.permission_classes))

    def get_content_negotiator(self) -> Any:
        """Return what chooses what to answer in."""
        return _one_of_each((self.content_negotiation_class,))[0]

    @property
    def actor(self) -> Any:
        """Return the signed-in user."""
        return self.request.user

    def read(self, item: type[S], *, partial: bool = False, instance: Any = None) -> Any:
        """Return the body as an item says it. Raises: ValidationError, ParseError."""
        said = item(
            instance, data=self.request.data, partial=partial, context={"request": self.request}
        )
        said.is_valid(raise_exception=True)
        return said.validated_data

    def asked(self) -> dict[str, Any]:
        """Return what the query says, as the handler's mark declares it. Raises: BadParameters."""
        request = self.request._request
        said = operation_of(getattr(self, (request.method or "").lower()))
        asks = said.asks if said else ()
        if not asks and not request.META.get("QUERY_STRING"):
            return {}
        return read_arguments(request.GET, asks)

    def _answer(self, request: Request, handler: Handler) -> HttpResponseBase:
        if self._is_asked_anew(request._request):
            return handler(request, *self.args, **self.kwargs)
        made: list[HttpResponse] = []

        def effect() -> Stored:
            made.append(cast("HttpResponse", handler(request, *self.args, **self.kwargs)))
            answer = made[0]
            headers = {name: answer[name] for name in KEPT_HEADERS if name in answer.headers}
            return Stored(answer.status_code, headers, answer.content)

        stored = once(
            user_id=self.actor.pk,
            method="POST",
            path=request.path,
            key=request._request.META[KEY_VARIABLE],
            fingerprint=fingerprint(request),
            effect=effect,
        )
        if not stored.is_replayed:
            return made[0]
        replayed = {**stored.headers, "Idempotency-Replayed": "true"}
        return HttpResponse(stored.body, status=stored.status, headers=replayed)

    def _is_asked_anew(self, request: HttpRequest) -> bool:
        return (
            request.method != "POST" or KEY_VARIABLE not in request.META or not self.keeps_answers
        )

    def _count(self, name: str, key: str) -> None:
        taken = limits.hit_once(self.request._request, limits.limit_of(name), key)
        self._counted.append(taken)
        self.said.update(limits.headers(*self._counted))
        if not taken.allowed:
            raise TooManyRequests(
                "That is too often. Wait, and try again.", retry_after=taken.reset_after
            )

    def _require_scope(self, request: Request) -> None:
        scopes = getattr(request.auth, "scopes", None)
        if scopes is None:
            return
        name = getattr(self, "action", None) or (request.method or "").lower()
        needed = READ if request.method in SAFE else self.scopes.get(name, WRITE)
        if needed not in scopes and WRITE not in scopes:
            raise OutOfScope(
                f"What you are signed in with is not for that: it lacks the scope “{needed}”."
            )

    def _require_readable(self, request: Request) -> None:
        """Refuse a form where none is read.

        What looked through it before has taken it off the wire: left alone, it would pass for an
        empty body, and a step be completed with nothing.

        Raises: UnsupportedMediaType, LengthRequired.
        """
        said = request._request.META
        is_empty = said.get("CONTENT_LENGTH", "") in {"", "0"}
        if is_empty and "HTTP_TRANSFER_ENCODING" in said:
            raise LengthRequired("Say how long the body is, in Content-Length.")
        if (
            is_empty
            or request._request.method in SAFE
            or not is_form_media_type(request.content_type)
        ):
            return
        if self.get_content_negotiator().select_parser(request, self.get_parsers()) is None:
            raise UnsupportedMediaType(request.content_type)


@cache
def _one_of_each(kinds: tuple[type[Any], ...]) -> tuple[Any, ...]:
    return tuple(kind() for kind in kinds)


def fingerprint(request: Request) -> bytes:
    """Return what tells one request's query and body from another's, files included."""
    digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode())
    form: Any = request.data
    if not isinstance(form, QueryDict):
        digest.update(request._request.body)
        return digest.digest()
    for name, values in sorted(form.lists()):
        for value in values:
            digest.update(f"\0{name}\0".encode())
            chunks = value.chunks() if hasattr(value, "chunks") else [str(value).encode()]
            for chunk in chunks:
                digest.update(chunk)
    return digest.digest()
