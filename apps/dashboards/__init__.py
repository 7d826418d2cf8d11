"""The board and each role's home. Knows everything below it."""
