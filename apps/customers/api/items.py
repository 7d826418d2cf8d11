"""What programs send of customers."""

from apps.api.items import ExternalId, ModelItem
from apps.customers.models import Customer


class CustomerItem(ModelItem):
    external_id = ExternalId()

    class Meta:
        model = Customer
        fields = (
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
        )
        # Empty would be another number each time it is sent.
        extra_kwargs = {
            "code": {"allow_blank": False, "help_text": "Left out, the next number is taken."}
        }
