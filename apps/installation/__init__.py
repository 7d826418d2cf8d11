"""From an empty database to a shop that can begin. Knows everything below it."""
