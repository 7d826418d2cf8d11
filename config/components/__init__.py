"""One subject a file; each takes the environment and returns settings."""
