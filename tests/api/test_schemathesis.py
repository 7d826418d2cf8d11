"""Every operation, asked as its document says and as it does not: what comes back is documented.

Short by default; ``ANDON_ALL=1`` asks ten times as much, and follows the links between operations.
"""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import TestCase
from django.urls import resolve
from schemathesis.config import SchemathesisConfig

from apps.accounts.models import User
from apps.accounts.services import open_api_session
from apps.api.items import Item, Key
from apps.api.schema.document import document
from tests.factories import (
    make_customer,
    make_job,
    make_machine,
    make_part,
    make_process,
    make_reason,
    make_routing,
    permit,
)

WHOLE = bool(os.environ.get("ANDON_ALL"))
EXAMPLES = 100 if WHOLE else 10
# What a shop's rules refuse is no fault of the document: it says what a body may be, and the
# services what makes sense. JSON of another type that can only mean one thing is taken.
JUDGED_ELSEWHERE = (
    "positive_data_acceptance",
    "negative_data_rejection",
)  # What a request without a header that it needs may get.
REFUSED = (400, 401, 403, 404, 428)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def asking(*left_out: str) -> Any:
    """Return what asks the API, judging by every check but some."""
    config = {
        "generation": {
            "max-examples": EXAMPLES,
            "deterministic": True,
            "no-shrink": True,
            "database": "none",
            "mode": "all",
        },
        "phases": {"coverage": {"enabled": WHOLE}},
        "checks": {
            "missing_required_header": {"expected-statuses": [*REFUSED]},
            **{name: {"enabled": False} for name in (*JUDGED_ELSEWHERE, *left_out)},
        },
    }
    loaded = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig.from_dict(config))
    loaded.app = get_wsgi_application()
    return loaded


api = asking()


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's transaction, which a request would leave by closing the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def bearer(settings: Any, one_connection: None, administrator: User) -> dict[str, str]:
    """What an administrator asks with, without end, in a shop that has some of everything."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 10**9)
    process = make_process(needs_machine=False)
    permit(administrator, process, "can_supervise")
    make_machine(process)
    make_reason()
    make_routing(process, part=make_part())
    make_job(process, released=True)
    make_job(customer=make_customer())
    pair = open_api_session(administrator, address="127.0.0.1", user_agent="schemathesis")
    return {"Authorization": f"Bearer {pair.access}", "Accept-Encoding": "identity"}


def kinds(parent: type) -> list[type]:
    return [each for kind in parent.__subclasses__() for each in (kind, *kinds(kind))]


def models_by_name() -> dict[str, Any]:
    """Return which records the keys of bodies are of."""
    return {
        name: field.queryset.model
        for item in kinds(Item)
        if hasattr(item, "Meta") or item._declared_fields
        for name, field in item._declared_fields.items()
        if isinstance(field, Key)
    }


def existing(model: Any, number: int) -> int:
    """Return a key for any number: of a record that there is, or for one of all the number."""
    keys = [*model._default_manager.order_by("pk").values_list("pk", flat=True)[:20]]
    place = number % (len(keys) + 1)
    return keys[place] if place < len(keys) else number


def point(case: Any) -> None:
    """Have keys that were made up mean records that there are."""
    given = case.path_parameters or {}
    if isinstance(given.get("id"), int):
        view = resolve(case.path.replace("{id}", "1")).func
        given["id"] = existing(view.cls.model, given["id"])
    if isinstance(case.body, dict):
        for name, model in models_by_name().items():
            if type(case.body.get(name)) is int:
                case.body[name] = existing(model, case.body[name])


@api.parametrize()
@hypothesis.settings(suppress_health_check=[*hypothesis.HealthCheck], deadline=None)
def test_what_comes_back_is_documented(case, bearer):
    point(case)
    case.call_and_validate(headers=bearer)


@pytest.mark.skipif(not WHOLE, reason="long: bin/test --all follows the links")
def test_what_follows_from_what_is_documented(bearer):
    # Whoever follows links is given a token by us, which is taken for one made up.
    class Following(asking("ignored_auth").as_state_machine()):
        def setup(self):
            cache.clear()
            self.scenario = TestCase._enter_atomics()

        def teardown(self):
            TestCase._rollback_atomics(self.scenario)
            super().teardown()

        def get_call_kwargs(self, _case):
            return {"headers": bearer}

        def before_call(self, case):
            if len(case.path_parameters) == 0:
                point(case)

    some = hypothesis.settings(
        max_examples=EXAMPLES,
        stateful_step_count=8,
        deadline=None,
        derandomize=True,
        suppress_health_check=[*hypothesis.HealthCheck],
    )
    Following.run(settings=some)
