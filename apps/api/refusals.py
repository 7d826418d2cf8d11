"""Every problem that a caller may meet, by its code: for the document and the page of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TypeVar

from django.utils.html import format_html, format_html_join
from django.utils.module_loading import autodiscover_modules
from django.utils.safestring import SafeString
from rest_framework import exceptions

from apps.api import problems
from apps.api.words import words_of
from apps.core.errors import DomainError

K = TypeVar("K")

KIT = "apps.api"
_NAMES = re.compile("`([^`]+)`")
# What Django REST framework refuses of itself.
FRAMEWORK: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "The body cannot be read.",
    exceptions.NotAuthenticated: "Nobody is signed in.",
    exceptions.PermissionDenied: "The CSRF token of the page is missing or wrong.",
    exceptions.MethodNotAllowed: "The address does not take this method; `Allow` names those.",
    exceptions.NotAcceptable: "The answer is asked for in a type that there is not.",
    exceptions.UnsupportedMediaType: "The body is of a type that is not read here.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem: ``app`` is the package whose rule it is."""

    code: str
    status: int
    words: str
    app: str

    @property
    def title(self) -> str:
        """Return the status in words."""
        return HTTPStatus(self.status).phrase

    @property
    def marked(self) -> SafeString:
        """Return the words as HTML, names among them marked as such."""
        parts = enumerate(_NAMES.split(self.words))
        return format_html_join(
            "", "{}", ((_code(part) if at % 2 else part,) for at, part in parts)
        )


@cache
def every_refusal() -> tuple[Refusal, ...]:
    """Return each code once, by status and code."""
    autodiscover_modules("errors")
    found = {refusal.code: refusal for refusal in (*_framework(), *_raised(), *_ours())}
    return tuple(sorted(found.values(), key=lambda each: (each.status, each.code)))


def _framework() -> Iterator[Refusal]:
    for kind, words in FRAMEWORK.items():
        yield Refusal(str(kind.default_code), kind.status_code, words, KIT)


def _raised() -> Iterator[Refusal]:
    yield Refusal("fault", HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of ours; it is logged.", KIT)
    yield Refusal(problems.UNKNOWN, HTTPStatus.BAD_REQUEST, "There is no such parameter.", KIT)
    for _, status, words, code in (*problems.OTHERS, problems.UNAVAILABLE):
        yield Refusal(code, status, words, KIT)


def _ours() -> Iterator[Refusal]:
    for kind in _kinds(DomainError):
        if "code" in vars(kind):
            app = ".".join(kind.__module__.split(".")[:2])
            yield Refusal(kind.code, kind.status, words_of(kind), app)


def _code(name: str) -> SafeString:
    return format_html("<code>{}</code>", name)


def _kinds(parent: type[K]) -> Iterator[type[K]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from _kinds(kind)
