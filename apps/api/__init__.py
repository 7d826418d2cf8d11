"""The API's base: rows, lists, problems, conditional requests, the schema. Knows the kit below."""
