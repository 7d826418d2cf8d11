"""Users are told of printouts."""

import django.contrib.postgres.operations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    accepts = {"ban-drop-constraint": "A wider one takes its place in the same transaction."}

    operations = [
        migrations.RemoveConstraint(
            model_name='notification',
            name='notifications_kind_chk',
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('step_assigned', 'A step was given to you'), ('help_answered', 'Your call for help was answered'), ('printout', 'A printout of yours is done')], editable=False, max_length=20),
        ),
        django.contrib.postgres.operations.AddConstraintNotValid(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['step_assigned', 'help_answered', 'printout'])), name='notifications_kind_chk'),
        ),
    ]
