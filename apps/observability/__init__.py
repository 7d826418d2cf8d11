"""Health, Silk, the index report. Knows the API's base and core."""
