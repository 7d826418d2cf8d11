"""What the shop can do, and which role may. Knows accounts."""
