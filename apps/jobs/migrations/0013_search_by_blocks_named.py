from django.db import migrations


class Migration(migrations.Migration):
    accepts = {"renaming-object": "No statement names an index."}
    dependencies = [("jobs", "0012_search_by_blocks_alone")]

    operations = [
        migrations.RenameIndex(
            model_name="job", new_name="idx_jobs_search", old_name="idx_jobs_search_new"
        ),
    ]
