"""The REST door to customers."""
