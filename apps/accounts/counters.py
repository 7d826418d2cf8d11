"""What is counted of users."""

from apps.counters.declarations import Counter, Flag, Number

USERS_BY_ROLE = Counter("users_by_role", (Number("role_id"), Flag("is_active")))
