from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0004_search_by_blocks")]

    operations = [
        RemoveIndexConcurrently(model_name="customer", name="idx_customers_name"),
    ]
