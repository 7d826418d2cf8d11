"""Operators' task pages. Knows everything below it."""
