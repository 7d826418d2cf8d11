from django.db import migrations


class Migration(migrations.Migration):
    accepts = {"renaming-object": "No statement names an index."}
    dependencies = [("catalog", "0005_search_by_blocks_alone")]

    operations = [
        migrations.RenameIndex(
            model_name="part", new_name="idx_parts_search", old_name="idx_parts_search_new"
        ),
    ]
