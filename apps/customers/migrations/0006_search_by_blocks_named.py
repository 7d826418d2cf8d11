from django.db import migrations


class Migration(migrations.Migration):
    accepts = {"renaming-object": "No statement names an index."}
    dependencies = [("customers", "0005_search_by_blocks_alone")]

    operations = [
        migrations.RenameIndex(
            model_name="customer", new_name="idx_customers_name", old_name="idx_customers_name_new"
        ),
    ]
