"""Who jobs are for. Knows the kit."""
