"""The product, one domain an app; an app imports only from lower layers."""
