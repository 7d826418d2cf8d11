"""Fills an empty, migrated database with a shop of any size, by COPY.

``sizes`` says how much, ``shape`` says of what shape; ``load.fill`` does it. The rows come from
``office`` (people, machines, parts, routings), ``customers`` and ``jobs``; ``taken_off`` takes
indexes, foreign keys and triggers away meanwhile and puts them back.
"""
