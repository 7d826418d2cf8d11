"""Parts."""

from apps.api.filters import text
from apps.api.records import ByExternalId, Deletes
from apps.catalog.api.items import PartItem
from apps.catalog.api.rows import PartRow
from apps.catalog.models import Part


class PartView(ByExternalId[Part], Deletes[Part]):
    """What jobs make."""

    model, row, item = Part, PartRow, PartItem
    searched = True
    orderings = {"id": ("pk",), "number": ("number", "revision"), "name": ("name",)}
    filters = {"number": text(), "external_id": text(), "name": text()}
