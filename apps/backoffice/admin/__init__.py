"""The base of every screen of the office, and the one screen of its own: the audit trail."""

from apps.backoffice.admin.audit import AuditLogAdmin
from apps.backoffice.admin.base import (
    ACT_ON_AT_MOST,
    AutocompleteMixin,
    BoundedPaginator,
    ScalableAdmin,
    ScalableInline,
    stored_fields,
)

__all__ = [
    "ACT_ON_AT_MOST",
    "AuditLogAdmin",
    "AutocompleteMixin",
    "BoundedPaginator",
    "ScalableAdmin",
    "ScalableInline",
    "stored_fields",
]
