"""The REST door to routings, jobs, steps, work logs, help calls and attachments."""
