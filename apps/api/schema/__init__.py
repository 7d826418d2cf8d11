"""The OpenAPI document: what the kit's declarations say, and nothing written beside them."""

from apps.api.schema.operations import ApiSchema

__all__ = ["ApiSchema"]
