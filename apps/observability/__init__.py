"""Health, Silk, the index report. Knows core."""
