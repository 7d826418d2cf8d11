"""The trail: what changed, when, by whom, through which door. Written by row triggers.

Knows only ``apps.core``.
"""
