"""What is locked before it is read stays so until commit: even a writer past the services waits.

Asked for directly, and not raced for: one lock too few can be made up for by another one most of
the time.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from apps.jobs.services.floor import Floor
from tests.factories import make_job, make_machine, make_process
from tests.races.racing import hang_up

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def is_locked(committed):
    """Return a function that tells whether another session would have to wait to change a row."""

    def look(row):
        rows = type(row)._base_manager.select_for_update(nowait=True, no_key=True)
        try:
            with transaction.atomic():
                rows.get(pk=row.pk)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            return True
        return False

    with ThreadPoolExecutor(1) as other:
        yield lambda row: other.submit(look, row).result()
        other.submit(hang_up).result()


def test_a_job_is_locked_with_every_step_and_the_machines_that_are_asked_for(is_locked):
    process = make_process()
    job, untouched = make_job(process, process, released=True), make_job(released=True)
    first, second = job.steps.all()
    machine, other = make_machine(process), make_machine(process)

    with transaction.atomic():
        floor, _ = Floor.of_step(first.pk)
        assert [is_locked(row) for row in (job, first, second)] == [True] * 3
        assert not is_locked(machine)
        floor.lock_machines([machine.pk, None])
        assert is_locked(machine)
        assert [is_locked(row) for row in (untouched, untouched.steps.get(), other)] == [False] * 3

    assert [is_locked(row) for row in (job, first, second, machine)] == [False] * 4
