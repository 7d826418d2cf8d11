"""The document for programs and for people: its bytes, two pages that show it, and its problems.

Open to whoever reaches the address: it is the same in every shop and tells nothing of one, and the
tools that read it (generators, gateways) bring no sign-in.
"""

from hashlib import blake2b
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition, require_safe

from apps.api.refusals import every_refusal
from apps.api.schema.document import as_json, as_yaml

JSON, YAML = "application/json", "application/yaml"
YAMLS = frozenset({YAML, "application/vnd.oai.openapi", "text/yaml"})

# Redoc searches in a worker that it makes of a blob. It makes two elements of style as well: an
# empty one that it fills by script, and its scroll bars'. Swagger UI gets by with our policy.
EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
SCROLL_BARS = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
REDOC_POLICY = {"style-src": [SELF, EMPTY, SCROLL_BARS], "worker-src": [SELF, "blob:"]}


def _type_of(request: HttpRequest) -> str:
    asked = request.GET.get("format") or request.headers.get("Accept", "")
    is_yaml = asked == "yaml" or any(name in asked for name in YAMLS)
    return YAML if is_yaml else JSON


def _body_of(request: HttpRequest) -> bytes:
    return as_yaml() if _type_of(request) == YAML else as_json()


def _etag(request: HttpRequest) -> str:
    return f'"{blake2b(_body_of(request), digest_size=8).hexdigest()}"'


@require_safe
@condition(etag_func=_etag)
def schema(request: HttpRequest) -> HttpResponse:
    """Answer the document: JSON, or YAML where ``Accept`` or ``?format=yaml`` asks for it."""
    answer = HttpResponse(_body_of(request), content_type=_type_of(request))
    patch_vary_headers(answer, ["Accept"])
    return answer


@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    """Show the document where it can be tried out."""
    return render(request, "api/swagger.html")


@require_safe
@csp_update(REDOC_POLICY)
def redoc(request: HttpRequest) -> HttpResponse:
    """Show the document to read."""
    return render(request, "api/redoc.html")


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Show every problem with its words: ``type`` of a problem leads here."""
    by_status: dict[int, list[Any]] = {}
    for each in every_refusal():
        by_status.setdefault(each.status, []).append(each)
    return render(request, "api/problems.html", {"groups": by_status})
