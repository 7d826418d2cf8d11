"""Limits and conditions that several tables share."""

import pgtrigger
from django.core.validators import MinValueValidator

# Without it the trigger's function would run for every report and sum.
STATUS_CHANGES = pgtrigger.AnyChange("status")
AT_LEAST_ONE = [MinValueValidator(1)]
MOST = 10_000_000  # Pieces: beyond is a slip of the finger, and the sums stay in 32 bits.
