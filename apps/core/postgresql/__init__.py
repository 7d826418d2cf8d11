"""Django's PostgreSQL, with pooled connections checked without a way to the server and back."""
