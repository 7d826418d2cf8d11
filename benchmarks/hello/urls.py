"""The one address."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def hello(_: HttpRequest) -> HttpResponse:
    """Say hello."""
    return HttpResponse(b"Hello", content_type="text/plain")


urlpatterns = [path("hello/", hello)]
