"""Every migration forward, back and forward on a shop full of rows: nothing is lost or left."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.utils import timezone

from apps.accounts.models import ApiSession, ApiToken, SignInAttempts, Terminal, User
from apps.background.models import IdempotencyKey
from apps.catalog.models import Part
from apps.counters import services as counters
from apps.demo.services import load_demo
from apps.installation.services import seed
from apps.jobs.models import Attachment, Job
from apps.machines.models import Machine
from apps.notifications.services import notify
from apps.notifications.states import NotificationKind
from apps.paper.services import order_printout
from tests.migrations.catalogue import prints, things

pytestmark = pytest.mark.slow


class Journey:
    """Migrations in their order (all, or an app's), with the state and schema before each."""

    def __init__(self, app=None):
        self.executor = MigrationExecutor(connection)
        leaves = self.executor.loader.graph.leaf_nodes(app)
        self.plan = [each for each, _ in self.executor.migration_plan(leaves, clean_start=True)]
        self.before: dict[Migration, tuple[ProjectState, set[str]]] = {}

    def forward(self):
        """Migrate an empty database, and write down each stage."""
        self.executor.recorder.ensure_schema()
        state = ProjectState(real_apps=self.executor.loader.unmigrated_apps)
        for migration in self.plan:
            self.before[migration] = (state.clone(), things())
            state = self.executor.apply_migration(state, migration)

    def there_and_back(self):
        """From the last to the first, take each back, do it again, and take it back for good."""
        after = things()
        for migration in reversed(self.plan):
            state, before = self.before[migration]
            rows = prints()
            self.executor.unapply_migration(state.clone(), migration)
            assert things() == before, f"{migration} leaves something behind"
            kept = rows.keys() & (between := prints()).keys()  # Its own columns are gone.
            rows = {column: rows[column] for column in kept}
            assert rows.items() <= between.items(), f"{migration} changes rows on its way back"
            self.executor.apply_migration(state.clone(), migration)
            assert things() == after, f"{migration} is not the same the second time"
            assert rows.items() <= prints().items(), f"{migration} changes rows on its way forward"
            self.executor.unapply_migration(state.clone(), migration)
            after = before


def fill():
    """Put rows into every table; what the demo has none of is added."""
    seed()
    load_demo()
    counters.tidy()
    counters.verify()
    Machine.objects.create(code="LAST", name="Counted, and not folded yet")
    user = User.objects.first()
    Attachment.objects.create(
        title="drawing", file="drawing.pdf", size=1, part=Part.objects.first(), uploaded_by=user
    )
    notify(user, kind=NotificationKind.STEP_ASSIGNED, title="told")
    order_printout([Job.objects.first().pk], actor=User.objects.get(username="planner"))
    LogEntry.objects.create(user=user, action_flag=CHANGE, object_repr="a part")
    Session.objects.create(session_key="key", session_data="", expire_date=timezone.now())
    soon = timezone.now() + timedelta(hours=1)
    ApiSession.objects.create(user=user, expires_at=soon)
    Terminal.objects.create(name="Saw hall")
    ApiToken.objects.create(
        user=user,
        name="gateway",
        prefix="andon_a",
        scopes=["read"],
        expires_at=soon,
        created_by=user,
    )
    SignInAttempts.objects.create(username="ann", taken=1, window_ends_at=soon)
    IdempotencyKey.objects.create(
        user_id=user.pk, fingerprint=b"", answer_status=200, answer_headers={}, answer_body=b""
    )


def test_every_migration_goes_forward_back_and_forward_on_data(empty_database):
    journey = Journey()
    journey.forward()
    call_command("migrate", verbosity=0)  # Nothing is left but permissions and content types.
    fill()
    assert not {table for (table, _), (rows, _) in prints().items() if not rows}
    whole = things()

    journey.there_and_back()

    call_command("migrate", verbosity=0)
    assert things() == whole


@pytest.mark.parametrize(
    ("forward", "back", "complaint"),
    [
        ("ALTER TABLE bins ADD height int", "SELECT 1", "leaves something behind"),
        ("SELECT 1", "DELETE FROM bins", "changes rows on its way back"),
        ("UPDATE bins SET width = width + 1", "SELECT 1", "changes rows on its way forward"),
    ],
)
def test_a_way_back_that_is_none_is_found(write_migration, forward, back, complaint):
    table = "CREATE TABLE bins AS SELECT 1 AS width"
    write_migration(f'migrations.RunSQL("{table}", "DROP TABLE bins")')
    write_migration(f'migrations.RunSQL("{forward}", "{back}")')
    journey = Journey("background")
    journey.forward()
    with pytest.raises(AssertionError, match=f"0002_written {complaint}"):
        journey.there_and_back()
