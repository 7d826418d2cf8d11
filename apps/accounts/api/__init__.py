"""Signing in and out for programs, and who is signed in."""
