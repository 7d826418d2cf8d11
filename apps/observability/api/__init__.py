"""The REST door to health: for who looks after the installation."""
