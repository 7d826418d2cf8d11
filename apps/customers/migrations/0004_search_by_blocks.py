from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0003_firm_triggers")]

    operations = [
        AddIndexConcurrently(
            model_name="customer",
            index=GinIndex(
                OpClass(models.F("search_text"), name="gin_trgm_ops"),
                models.Func(
                    models.F("id"),
                    template="ARRAY[%(expressions)s >> 15]",
                    output_field=ArrayField(models.BigIntegerField()),
                ),
                name="idx_customers_name_new",
            ),
        ),
    ]
