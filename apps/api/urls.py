"""The document and its pages."""

from django.urls import path

from apps.api import docs

urlpatterns = [
    path("schema/", docs.schema, name="api-schema"),
    path("docs/", docs.swagger, name="api-docs"),
    path("docs/redoc/", docs.redoc, name="api-redoc"),
    path("docs/problems/", docs.problems, name="api-problems"),
]
