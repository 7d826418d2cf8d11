"""Rows are read as they are told, in one statement."""

import pytest

from apps.jobs.api.jobs import JobView
from apps.jobs.api.rows import JobRow
from apps.jobs.models import Job
from tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("nothing", [Job.objects.none(), Job.objects.filter(pk__in=[])])
def test_what_cannot_match_is_nothing(nothing, django_assert_num_queries):
    make_job()

    with django_assert_num_queries(0):
        assert JobView.listing.fetch(nothing, JobRow.shape().paths) == []
