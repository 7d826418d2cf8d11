"""What the board's templates say with one word."""
