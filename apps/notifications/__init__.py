"""What users are told, until they have read it. Knows accounts and below."""
