"""What the floor's templates say with one word."""
