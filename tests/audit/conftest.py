"""Reading what the trail got since the test began."""

from collections.abc import Callable

import pytest
from django.db import connection

from apps.audit.models import AuditLog


@pytest.fixture
def trail(_begin_anew) -> Callable[..., list[AuditLog]]:
    """Return a function that reads the rows written since, oldest first.

    The trail is never emptied, not even between tests.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('audit_logs_id_seq')")
        before = cursor.fetchone()[0]

    def read(**which) -> list[AuditLog]:
        return list(AuditLog.objects.filter(pk__gt=before, **which).order_by("at", "pk"))

    return read
