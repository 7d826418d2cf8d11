"""A record by a unique column, with what it refers to: one statement, compiled once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.core.lookup import Lookup
from apps.jobs.models import Job
from tests.factories import make_job, make_user


def test_it_finds_what_the_orm_finds(db):
    user = make_user("operator")
    found = Lookup(User, "username", "role")(user.username)
    stored = User.objects.select_related("role").get(pk=user.pk)
    for one, same in ((found, stored), (found.role, stored.role)):
        names = [field.attname for field in type(same)._meta.concrete_fields]
        assert [getattr(one, name) for name in names] == [getattr(same, name) for name in names]
    assert not found._state.adding


def test_it_follows_keys_in_one_query(db):
    users = [make_user("operator"), make_user("planner")]
    lookup = Lookup(User, "pk", "role", "role__group")
    for user in users:
        group = user.role.group
        with CaptureQueriesContext(connection) as asked:
            found = lookup(user.pk)
            assert (found.pk, found.role.group) == (user.pk, group)
        assert len(asked) == 1


def test_what_is_not_there_is_none(db):
    assert Lookup(User, "pk", "role")(0) is None


def test_what_it_found_can_be_changed(db):
    user = Lookup(User, "pk", "role")(make_user("operator").pk)
    user.full_name = "Another Name"
    user.save(update_fields=["full_name"])
    assert User.objects.get(pk=user.pk).full_name == "Another Name"


def test_a_condition_of_more_than_the_column_is_refused(db):
    make_job()
    with pytest.raises(TypeError, match="not all that is asked"):
        Lookup(Job, "pk__in")([1, 2])
