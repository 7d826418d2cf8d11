"""The REST door to machines, their downtimes, and reasons."""
