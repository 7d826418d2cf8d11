"""Cached reads: never stale once forgotten, and merely slower without Redis."""

import pytest
from django.core.cache import cache
from django.db import transaction

from apps.core.cache import CachedRead

pytestmark = pytest.mark.django_db


@pytest.fixture
def loads():
    return []


@pytest.fixture
def read(loads):
    cache.clear()

    def load(key):
        loads.append(key)
        return f"value {len(loads)}"

    return CachedRead("tests.read", load)


def test_a_value_is_loaded_once_a_key(read, loads):
    assert [read(1), read(1), read(2)] == ["value 1", "value 1", "value 2"]
    assert loads == [1, 2]


def test_a_cached_none_is_a_hit(loads):
    read = CachedRead("tests.none", loads.append)
    assert (read(1), read(1), loads) == (None, None, [1])


def test_forgetting_takes_hold_with_the_commit_and_only_then(
    read, django_capture_on_commit_callbacks
):
    read(1)
    with django_capture_on_commit_callbacks(execute=True):
        read.forget(1)
        assert read(1) == "value 1"
    assert read(1) == "value 2"


def forget_and_fail(read):
    with transaction.atomic():
        read.forget(1)
        raise ZeroDivisionError


def test_a_rolled_back_change_forgets_nothing(read, django_capture_on_commit_callbacks):
    read(1)
    with (
        django_capture_on_commit_callbacks(execute=True) as callbacks,
        pytest.raises(ZeroDivisionError),
    ):
        forget_and_fail(read)
    assert (read(1), callbacks) == ("value 1", [])


def test_a_slow_reader_stores_its_stale_value_where_nobody_looks(loads):
    cache.clear()

    def load(_key):
        loads.append(1)
        if len(loads) == 1:
            read._renew(1)  # Someone writes and forgets while this reader is still loading.
        return len(loads)

    read = CachedRead("tests.slow", load)
    assert (read(1), read(1)) == (1, 2)


def test_without_redis_every_read_loads(read, settings, loads):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert (read(1), read(1)) == ("value 1", "value 2")
    read._renew(1)
