"""The REST door to parts."""
