"""The REST door to the board's numbers, and to a search over everything."""
