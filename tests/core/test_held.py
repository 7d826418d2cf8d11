"""What a process makes of cached reads: exact, and nobody alters another's."""

import pytest

from apps.accounts.models import User
from apps.accounts.selectors import known_user
from apps.core.cache import CachedRead, HeldRead, one_moment
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("committed")


def test_it_is_made_once_while_nothing_changes_and_again_after():
    made = []
    source = CachedRead("tests.held.source", lambda key: key)
    held = HeldRead("tests.held", lambda key: made.append(key) or source(key))
    for _ in range(3):
        with one_moment():
            assert held(7) == 7
    assert made == [7]
    source.renew(7)
    with one_moment():
        held(7)
    assert made == [7, 7]
    assert held.last(7) == 7
    assert held.last(8) is None


def test_outside_a_request_it_is_made_each_time():
    made = []
    held = HeldRead("tests.held.outside", lambda key: made.append(key) or key)
    assert (held(1), held(1)) == (1, 1)
    assert made == [1, 1]


def test_who_alters_a_user_alters_their_own_alone():
    key = make_user("operator").pk
    with one_moment():
        first = known_user(key)
        first.full_name, first.role.name = "Another", "Another"
    with one_moment():
        second = known_user(key)
    assert second.full_name != "Another"
    assert second.role.name != "Another"
    assert second.role_id == second.role.pk
    assert not second._state.adding


def test_a_kept_user_is_saved_like_one_from_the_database():
    key = make_user("operator").pk
    with one_moment():
        known_user(key)
        user = known_user(key)
    user.full_name = "Grace Hopper"
    user.save(update_fields=["full_name"])
    assert User.objects.get(pk=key).full_name == "Grace Hopper"
    with one_moment():
        assert known_user(key).full_name == "Grace Hopper"
