"""What templates say with one word: see ``look``."""
