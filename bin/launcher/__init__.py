"""What `bin/up` and `bin/test` do, on the standard library alone: nothing is installed yet."""
