"""A believable shop to try Andon in, never in production. Knows everything below it."""
