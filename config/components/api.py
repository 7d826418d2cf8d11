"""The API's surroundings: who calls from where, from which pages, and how often."""

from typing import Any

from corsheaders.defaults import default_headers

from config.env import Environment

DESCRIPTION = """\
Everything that a person can do in Andon, a program can do.

- **Lists** are paged by position: follow `next`. Ask for what you need with filters, `search`,
  `ordering` and `fields`; a parameter that there is not is refused by its name. With
  `Accept: application/x-ndjson` all of a list comes in one stream, a record a line.
- **Records** have an ETag. A change or a deletion names the version it is of, as `If-Match`:
  without it 428, of an older version 412. `If-None-Match` answers 304 where nothing changed.
- **Posts** may bring an `Idempotency-Key`: sent twice, done once.
- **Refusals** are `application/problem+json`, each with a `code` that stays as it is.
- Instants are ISO 8601 in UTC, decimals are strings.
"""


def api(env: Environment) -> dict[str, Any]:
    """Return the settings of proxies, cross-origin calls, rate limits and the API itself."""
    return {
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": [
                "apps.accounts.authentication.BearerAuthentication",
                "apps.accounts.authentication.SessionAuthentication",
            ],
            "DEFAULT_SCHEMA_CLASS": "apps.api.schema.ApiSchema",
            "EXCEPTION_HANDLER": "apps.api.problems.handle",
            "LIST_SERIALIZER_ERRORS_AS_DICT": True,  # Each fault by its place in the list.
            "URL_FORMAT_OVERRIDE": None,
            "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
        },
        "SPECTACULAR_SETTINGS": {
            "OAS_VERSION": "3.1.1",
            "TITLE": "Andon",
            "VERSION": "1",
            "DESCRIPTION": DESCRIPTION,
            "LICENSE": {"name": "MIT", "identifier": "MIT"},
            "SERVERS": [{"url": "/", "description": "Here"}],
            "EXTERNAL_DOCS": {"url": "/api/docs/problems/", "description": "Every problem"},
            "SERVE_URLCONF": None,
            "SCHEMA_PATH_PREFIX": "/api/v1",
            "PREPROCESSING_HOOKS": [],
            "POSTPROCESSING_HOOKS": ["apps.api.schema.document.finish"],
            "COMPONENT_SPLIT_REQUEST": True,
            "COMPONENT_SPLIT_PATCH": False,  # Ours have names of their own.
            "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # It would say each word twice.
            "SORT_OPERATION_PARAMETERS": False,
            "PATH_CONVERTER_OVERRIDES": {
                "int": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1},
                "str": {"type": "string", "minLength": 1, "pattern": "^[^/\\x00]+$"},
            },
            "ENABLE_DJANGO_DEPLOY_CHECK": False,  # A test does it, and asks for more.
        },
        "TRUSTED_PROXIES": env.trusted_proxies,
        "RATE_LIMITS": {  # Requests a minute.
            "user": env.rate_limit_user,
            # Of requests that nobody is signed in for. A whole shop with its tablets and machines
            # calls from one address: who is signed in is counted by user alone.
            "address": env.rate_limit_address,
            # Signing in costs a slow digest each time; nobody needs it twice a second.
            "auth": env.rate_limit_auth,
        },
        # Without credentials: a page of another origin brings a token, never our cookies.
        "CORS_ALLOWED_ORIGINS": env.cors_allowed_origins,
        "CORS_URLS_REGEX": r"^/api/",
        "CORS_ALLOW_HEADERS": (
            *default_headers,
            "idempotency-key",
            "if-match",
            "if-none-match",
            "x-request-id",
        ),
        "CORS_EXPOSE_HEADERS": (
            "ETag",
            "Idempotency-Replayed",
            "Link",
            "Location",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "X-Request-ID",
        ),
    }
