from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", "0003_firm_triggers")]

    operations = [
        AddIndexConcurrently(
            model_name="worklog",
            index=models.Index(
                condition=models.Q(("kind", "run"), _negated=True),
                fields=["kind", "id"],
                name="idx_work_logs_kind",
            ),
        ),
    ]
