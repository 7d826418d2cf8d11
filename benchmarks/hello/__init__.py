"""The least that Django can do: one view, no middleware. What a request costs before any work."""
