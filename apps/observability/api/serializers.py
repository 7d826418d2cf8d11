"""How the installation is, as programs are told."""

from typing import Any

from rest_framework import serializers

from apps.api.items import Item

PREFIX_AT_MOST = 200
OK, WARNING, UNAVAILABLE = "ok", "warning", "unavailable"


class Checks(serializers.Serializer[Any]):
    """`ok`, or what is wrong, of each thing that a request needs."""

    database = serializers.CharField()
    migrations = serializers.CharField()
    cache = serializers.CharField()
    broker = serializers.CharField()


class Health(serializers.Serializer[Any]):
    """Whether everything is there that a request needs."""

    status = serializers.ChoiceField(choices=(OK, UNAVAILABLE))
    checks = Checks()


class PoolStats(serializers.Serializer[Any]):
    """The connections of the process that answers."""

    min_connections = serializers.IntegerField(min_value=0)
    max_connections = serializers.IntegerField(min_value=1)
    available = serializers.IntegerField(min_value=0)
    in_use = serializers.IntegerField(min_value=0)
    total = serializers.IntegerField(min_value=0)
    waiting = serializers.IntegerField(min_value=0)


class Warned(serializers.Serializer[Any]):
    """Something that is not as it should be, and what to do."""

    code = serializers.CharField()
    detail = serializers.CharField()
    advice = serializers.CharField()


class DatabaseHealth(serializers.Serializer[Any]):
    """How the connections to the database are."""

    status = serializers.ChoiceField(choices=(OK, WARNING))
    pool_stats = PoolStats(allow_null=True, help_text="Null where the process keeps no pool.")
    warnings = Warned(many=True)


class DatabaseAnswer(serializers.Serializer[Any]):
    """How long a query of no cost takes, over another connection of the pool."""

    status = serializers.ChoiceField(choices=(OK,))
    acquired_ms = serializers.FloatField(min_value=0, help_text="Waiting for a connection.")
    answered_ms = serializers.FloatField(min_value=0, help_text="Waiting for the answer.")


class CacheStats(serializers.Serializer[Any]):
    """Entries below the prefix; hits and misses of the whole server, since it began."""

    total_entries = serializers.IntegerField(min_value=0)
    active_entries = serializers.IntegerField(min_value=0)
    expired_entries = serializers.IntegerField(
        min_value=0, help_text="Found, but over by the time they were looked at."
    )
    hits = serializers.IntegerField(min_value=0)
    misses = serializers.IntegerField(min_value=0)
    hit_rate = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, help_text="Null before anything was asked."
    )
    is_complete = serializers.BooleanField(help_text="No, where there are more than were counted.")


class CacheHealth(serializers.Serializer[Any]):
    """What lies in the cache."""

    status = serializers.ChoiceField(choices=(OK,))
    cache_stats = CacheStats()


class ClearItem(Item):
    """Which entries are to go."""

    prefix = serializers.CharField(
        max_length=PREFIX_AT_MOST,
        allow_blank=True,
        trim_whitespace=False,
        help_text="What their keys begin with; empty for all. Sessions and limits stay.",
    )


class Cleared(serializers.Serializer[Any]):
    """How many entries are gone."""

    status = serializers.ChoiceField(choices=(OK,))
    cleared = serializers.IntegerField(min_value=0)
    is_complete = serializers.BooleanField(help_text="No, where there are more to look at.")
