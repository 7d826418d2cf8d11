"""Programs: who brings a token is judged by it alone, and no cookie counts."""

from django.http import HttpRequest

API, PROGRAMS = "/api/", "/api/v1/"


def is_program(request: HttpRequest) -> bool:
    """Whether a token is brought to where tokens count."""
    return "HTTP_AUTHORIZATION" in request.META and request.path_info.startswith(PROGRAMS)
