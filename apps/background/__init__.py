"""Work behind the scenes: enqueue after commit, answers given again, housekeeping. Knows core."""
