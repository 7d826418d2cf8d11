"""The admin's base: site, scalable lists, stale-form guard. Knows core."""
