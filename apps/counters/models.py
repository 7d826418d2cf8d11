"""The counters' tables: derived from other tables' rows, and rebuilt from them at any time."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class _Counted(models.Model):
    """Rows of one counter with the same keys, and what their columns add up to."""

    counter = models.CharField(max_length=40, db_collation="C")
    keys = ArrayField(models.TextField(null=True, db_collation="C"))
    count = models.BigIntegerField()
    sum_1 = models.BigIntegerField(db_default=0)
    sum_2 = models.BigIntegerField(db_default=0)
    sum_3 = models.BigIntegerField(db_default=0)

    class Meta:
        abstract = True


class CounterDelta(_Counted):
    """What one change of rows means for a count: appended by a trigger, gone when it is folded."""

    objects: ClassVar[models.Manager["CounterDelta"]] = models.Manager()

    class Meta:
        db_table = "counter_deltas"

    def __str__(self) -> str:
        return f"{self.counter} {self.keys}: {self.count:+}"


class CounterSum(_Counted):
    """All deltas of one counter with the same keys that were folded. Nothing else writes it."""

    pk = models.CompositePrimaryKey("counter", "keys")

    objects: ClassVar[models.Manager["CounterSum"]] = models.Manager()

    class Meta:
        db_table = "counter_sums"

    def __str__(self) -> str:
        return f"{self.counter} {self.keys}: {self.count}"


class CounterState(models.Model):
    """The one row of what the counters go by: the shop's zone, and how the last check ended."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    time_zone = models.CharField(max_length=64, db_default="UTC")
    checked_at = models.DateTimeField(null=True)
    differences = models.PositiveIntegerField(
        db_default=0, help_text="Keys whose count was not that of the rows at the last check."
    )

    objects: ClassVar[models.Manager["CounterState"]] = models.Manager()

    class Meta:
        db_table = "counter_state"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="counter_state_only_chk")
        ]

    def __str__(self) -> str:
        return f"Days of {self.time_zone}"
