from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalog", "0004_search_by_blocks")]

    operations = [
        RemoveIndexConcurrently(model_name="part", name="idx_parts_search"),
    ]
