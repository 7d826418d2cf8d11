"""Users, roles, sign-in. Knows the kit."""
