"""Work behind the scenes: enqueue after commit, scheduled housekeeping. Knows core."""
