"""The rows there are are looked at apart, under no lock that a writer waits for."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0002_printouts'),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE notifications VALIDATE CONSTRAINT notifications_kind_chk",
            """
            ALTER TABLE notifications DROP CONSTRAINT notifications_kind_chk;
            ALTER TABLE notifications ADD CONSTRAINT notifications_kind_chk
                CHECK (kind IN ('step_assigned', 'help_answered', 'printout')) NOT VALID;
            """,
        ),
    ]
