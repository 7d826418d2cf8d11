"""What templates say with one word: see ``look``, and ``drawn`` for pieces of a page."""
