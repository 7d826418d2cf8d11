"""The REST door to one's own notifications."""
