"""What programs read of customers."""

from apps.api.rows import Row
from apps.customers.models import Customer


class CustomerRow(Row):
    class Meta:
        model = Customer
        fields = (
            "id",
            "code",
            "external_id",
            "name",
            "contact_name",
            "email",
            "phone",
            "address",
            "city",
            "country",
            "tax_number",
            "notes",
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )
