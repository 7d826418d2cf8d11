"""The kit with no tables: errors, base models, paging, cache, database. Knows no other app."""
