"""Parts: what jobs make. Knows the kit."""
