from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", "0004_work_logs_by_kind")]

    operations = [
        AddIndexConcurrently(
            model_name="jobstep",
            index=models.Index(
                condition=models.Q(("assigned_to__isnull", False)),
                fields=["assigned_to", "id"],
                name="idx_job_steps_assigned",
            ),
        ),
    ]
