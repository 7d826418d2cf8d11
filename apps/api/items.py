"""What programs send: checked for its form here, by the services for its sense."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db import models
from rest_framework import serializers
from rest_framework.relations import MANY_RELATION_KWARGS
from rest_framework.validators import UniqueValidator

from apps.api.filters import BIGGEST_KEY
from apps.core.policies import Actor


class Item(serializers.Serializer[Any]):
    """What a program sends. A name that nobody declared is refused, not lost in silence."""

    default_error_messages: ClassVar[dict[str, Any]] = {"unknown": "There is no such field."}

    def to_internal_value(self, data: Any) -> Any:
        """Return checked values. Raises: ValidationError."""
        if isinstance(data, Mapping):
            taken = {name for name, each in self.fields.items() if not each.read_only}
            unknown = [str(name) for name in data if name not in taken]
            if unknown:
                said = [self.error_messages["unknown"]]
                raise serializers.ValidationError(dict.fromkeys(unknown, said), code="unknown")
        return super().to_internal_value(data)


class Nothing(Item):
    """What is sent where there is nothing to say."""


class ModelItem(Item, serializers.ModelSerializer[Any]):
    """What a program sends of a model's columns.

    What must be unique is the constraint's to say, by the service that meets it: a look before
    would cost a query, and hold nothing.
    """

    serializer_related_field = serializers.PrimaryKeyRelatedField

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Return the column's field, without the look for another record like it."""
        cls, options = super().build_standard_field(field_name, model_field)
        validators = options.get("validators", ())
        options["validators"] = [v for v in validators if not isinstance(v, UniqueValidator)]
        return cls, options

    def get_validators(self) -> list[Any]:
        """Return none: constraints speak for themselves."""
        return []


class Key(serializers.PrimaryKeyRelatedField[Any]):
    """The key of a record that the caller may see."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "does_not_exist": "There is no record {pk_value}, or you may not see it."
    }

    def __init__(self, model: type[models.Model], **options: Any) -> None:
        super().__init__(queryset=model._default_manager.all(), **options)
        self._found: Mapping[int, models.Model] | None = None

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> "Keys":
        """Return the field for a list of keys."""
        options = {name: kwargs[name] for name in kwargs if name in MANY_RELATION_KWARGS}
        return Keys(child_relation=cls(*args, **kwargs), **options)

    def get_queryset(self) -> Any:
        """Return what the caller may see of the model."""
        rows: Any = super().get_queryset()
        user: Actor | None = getattr(self.context.get("request"), "user", None)
        return rows.visible_to(user) if user and hasattr(rows, "visible_to") else rows

    def look_up(self, sent: Iterable[Any]) -> None:
        """Find the records of several keys before they are asked for one by one. Queries: 1."""
        keys = {key for key in sent if type(key) is int and 0 < key <= BIGGEST_KEY}
        self._found = self.get_queryset().in_bulk(keys) if keys else {}

    def to_internal_value(self, data: Any) -> Any:
        """Return the record of a key. Raises: ValidationError. Queries: 1; 0 if looked up."""
        if isinstance(data, float):  # Or 7.5 would be taken for 7.
            self.fail("incorrect_type", data_type="float")
        if self._found is None or type(data) is not int:
            return super().to_internal_value(data)
        if data not in self._found:
            self.fail("does_not_exist", pk_value=data)
        return self._found[data]


class Keys(serializers.ManyRelatedField):
    """Keys of records that the caller may see: ``Key(…, many=True)``."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the records. Raises: ValidationError. Queries: 1."""
        if isinstance(data, list):
            key: Any = self.child_relation
            key.look_up(data)
        return super().to_internal_value(data)


class Items(serializers.ListSerializer[Any]):
    """A list of items, for ``Meta.list_serializer_class``: what they refer to is found together."""

    def to_internal_value(self, data: Any) -> Any:
        """Return checked items. Raises: ValidationError. Queries: 1 for each kind of reference."""
        if isinstance(data, list):
            child: Any = self.child
            for name, each in child.fields.items():
                if isinstance(each, Key):
                    each.look_up(item.get(name) for item in data if isinstance(item, Mapping))
        return super().to_internal_value(data)


class ExternalId(serializers.CharField):
    """The key that another system knows a record by: unique, or none."""

    def __init__(self, **options: Any) -> None:
        text = "The key another system knows it by."
        usual: dict[str, Any] = {"required": False, "allow_null": True, "max_length": 80}
        super().__init__(**usual | {"help_text": text} | options)
