from django.db import migrations, models


class Migration(migrations.Migration):
    """Words alone: the memory is of reports and pauses too."""

    dependencies = [("jobs", "0007_counters")]

    operations = [
        migrations.AlterField(
            model_name="jobstep",
            name="undo",
            field=models.JSONField(
                editable=False, help_text="What taking back the last deed needs.", null=True
            ),
        ),
    ]
