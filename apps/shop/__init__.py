"""The shop's settings, calendar and clock. Knows the kit."""
