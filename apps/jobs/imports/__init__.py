"""Turning the files of other systems into jobs: reading, checking, and loading in sets.

Knows the shop-floor core and the apps below it; ``management`` and ``tasks`` call it.
"""
