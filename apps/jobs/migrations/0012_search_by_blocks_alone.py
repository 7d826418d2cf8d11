from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", "0011_search_by_blocks")]

    operations = [
        RemoveIndexConcurrently(model_name="job", name="idx_jobs_search"),
    ]
