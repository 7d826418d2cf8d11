"""The REST door to processes, and which role may do them."""
