"""Cached reads: never stale once forgotten, and merely slower without Redis."""

import pytest
from django.core.cache import cache
from django.db import transaction

from apps.accounts.models import User
from apps.core import valkey
from apps.core.cache import CachedRead, one_moment
from apps.core.cache.memory import memory
from apps.core.kept import KeptRecord
from tests.factories import make_user, number, settle

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

    return CachedRead(f"tests.read{number()}", load)


def test_a_value_is_loaded_once_a_key(read, loads):
    assert [read(1), read(1), read(2)] == ["value 1", "value 1", "value 2"]
    assert loads == [1, 2]


def test_what_is_not_there_is_not_kept(loads):
    read = CachedRead(f"tests.none{number()}", loads.append)
    assert (read(1), read(1), loads) == (None, None, [1, 1])


def test_forgetting_takes_hold_with_the_commit_and_only_then(read):
    read(1)
    before = cache.get(read.key_of(1))
    read.forget(1)
    assert (read(1), read(1)) == ("value 2", "value 3")  # Only the writer sees it, uncached.
    assert cache.get(read.key_of(1)) == before
    settle()
    assert cache.get(read.key_of(1)) != before
    assert (read(1), read(1)) == ("value 4", "value 4")


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
            read.renew(1)  # Someone writes and forgets while this reader is still loading.
        return len(loads)

    read = CachedRead(f"tests.slow{number()}", load)
    assert (read(1), read(1)) == (1, 2)


def test_without_redis_every_read_loads(read, settings, loads):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert (read(1), read(1)) == ("value 1", "value 2")
    read.renew(1)
    with one_moment():
        assert (read(1), read(1)) == ("value 3", "value 4")


def ways(monkeypatch):
    """Count the ways to Valkey and back."""
    asked = []
    for place, name in ((cache, "get"), (cache, "get_many"), (valkey, "ask")):
        real = getattr(place, name)
        monkeypatch.setattr(
            place, name, lambda *args, real=real, **more: asked.append(args) or real(*args, **more)
        )
    return asked


def test_a_request_takes_one_way_to_valkey_for_all_that_the_process_holds(read, loads, monkeypatch):
    with one_moment():
        read(1), read(2)
    asked = ways(monkeypatch)
    with one_moment():
        assert [read(1), read(2), read(1)] == ["value 1", "value 2", "value 1"]
    assert (len(asked), loads) == (1, [1, 2])


@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_any_process_forgot_is_served_by_none(read, elsewhere):
    """Another process renews in Valkey alone: this one's memory is told by the pulse."""
    with one_moment():
        assert read(1) == "value 1"
        if not elsewhere:
            read.renew(1)
            assert read(1) == "value 2"
    if elsewhere:
        read.renew(1)
        with one_moment():
            assert read(1) == "value 2"


def test_what_another_key_forgot_is_confirmed_not_loaded(read, loads):
    with one_moment():
        read(1)
    read.renew(2)
    with one_moment():
        assert (read(1), loads) == ("value 1", [1])


def test_a_flushed_valkey_makes_every_process_ask_again(read, loads):
    with one_moment():
        read(1)
    cache.clear()
    with one_moment():
        assert (read(1), loads) == ("value 2", [1, 1])


def test_a_process_holds_so_many_values_and_no_more(read, loads, monkeypatch):
    monkeypatch.setattr("apps.core.cache.memory.ENTRIES_AT_MOST", 2)
    with one_moment():
        read(1), read(2), read(3)
    assert len(memory) <= 2


def test_the_orms_saves_and_deletions_forget_what_is_kept(django_capture_on_commit_callbacks):
    user = make_user("operator", full_name="Before")
    kept = KeptRecord(User, name=f"tests.user{number()}")
    assert kept(user.pk).full_name == "Before"
    with django_capture_on_commit_callbacks(execute=True):
        user.full_name = "After"
        user.save(update_fields=["full_name"])
    assert kept(user.pk).full_name == "After"
    with django_capture_on_commit_callbacks(execute=True):
        user.delete()
    assert kept(user.pk) is None


def test_each_reader_of_a_kept_record_has_an_instance_of_their_own():
    user = make_user("operator", full_name="Ayşe")
    kept = KeptRecord(User, without=("password",), name=f"tests.user{number()}")
    kept(user.pk).full_name = "Changed by one"
    assert kept(user.pk).full_name == "Ayşe"
    assert kept(user.pk).get_deferred_fields() == {"password"}
    assert kept(user.pk).password == user.password
