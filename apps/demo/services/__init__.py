"""Loading the demo: all of it, in one transaction, into an empty shop."""

from apps.demo.services.loading import Loaded, load_demo, require_allowed, require_empty

__all__ = ["Loaded", "load_demo", "require_allowed", "require_empty"]
