"""What answered requests leave behind, so that they can come again."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """A request that a caller named, and the answer it got: the same again gets the same.

    No record of the shop: nobody edits it, it leaves no trail, and it goes after a day.
    """

    # No foreign key: users are of an app above this one. Of a deleted user a row is left for a
    # day at most, and nobody asks for it: users' keys are never given again.
    user_id = models.BigIntegerField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()  # SHA-256 of the request's body.
    answer_status = models.PositiveSmallIntegerField()
    answer_headers = models.JSONField()
    answer_body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["IdempotencyKey"]] = models.Manager()

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "method", "path", "key"], name="idempotency_keys_key_uniq"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idx_idempotency_keys_created")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"
