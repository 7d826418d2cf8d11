"""Machines, their downtimes and the reasons of loss. Knows processes."""
