"""Counters of rows, exact at every moment. May know core."""
