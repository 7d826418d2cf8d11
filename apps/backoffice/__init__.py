"""The admin's base: site, scalable lists, stale-form guard, history. Knows audit and core."""
