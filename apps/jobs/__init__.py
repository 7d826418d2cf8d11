"""Routings, jobs, job steps and work logs: the core. Knows everything below it."""
