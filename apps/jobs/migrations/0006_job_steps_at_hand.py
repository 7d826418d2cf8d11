from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", "0005_job_steps_by_user")]

    operations = [
        AddIndexConcurrently(
            model_name="jobstep",
            index=models.Index(
                models.F("status"),
                models.OrderBy(models.F("priority"), descending=True),
                models.F("due_date"),
                models.F("sequence"),
                models.F("id"),
                condition=models.Q(
                    ("status", "paused"),
                    models.Q(("assigned_to__isnull", False), ("status", "ready")),
                    _connector="OR",
                ),
                name="idx_job_steps_at_hand",
            ),
        ),
    ]
