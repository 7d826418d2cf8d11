"""What is counted of machines."""

from apps.counters.declarations import Counter, Flag, Word

MACHINES_BY_STATUS = Counter("machines_by_status", (Flag("is_active"), Word("status")))
