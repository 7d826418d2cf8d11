"""How the installation is, as programs are told."""

from typing import Any

from rest_framework import serializers

from apps.api.items import Item
from apps.core.cache import Per

PREFIX_AT_MOST = 200
OK, WARNING, UNAVAILABLE = "ok", "warning", "unavailable"


class Checks(serializers.Serializer[Any]):
    """`ok`, or what is wrong, of each thing that a request needs."""

    database = serializers.CharField()
    migrations = serializers.CharField()
    cache = serializers.CharField()
    broker = serializers.CharField()


class Warned(serializers.Serializer[Any]):
    """Something that is not as it should be, and what to do."""

    code = serializers.CharField()
    detail = serializers.CharField()
    advice = serializers.CharField()


class QueueLength(serializers.Serializer[Any]):
    """Messages that wait in one queue."""

    name = serializers.CharField()
    waiting = serializers.IntegerField(min_value=0)


class Worker(serializers.Serializer[Any]):
    """A worker, or beat, as it was heard last: each says every few seconds that it is there."""

    name = serializers.CharField()
    is_alive = serializers.BooleanField()
    seconds_ago = serializers.IntegerField(min_value=0)
    running = serializers.IntegerField(min_value=0, help_text="Tasks that it has in hand.")


class Disk(serializers.Serializer[Any]):
    """A folder of ours with its disk."""

    folder = serializers.CharField()
    total_bytes = serializers.IntegerField(min_value=0)
    free_bytes = serializers.IntegerField(min_value=0)


class Counters(serializers.Serializer[Any]):
    """Changes not yet folded into the counters; and what the last check against the rows found."""

    backlog = serializers.IntegerField(min_value=0)
    differences = serializers.IntegerField(min_value=0)
    checked_at = serializers.DateTimeField(allow_null=True, help_text="Null before the first.")


class Health(serializers.Serializer[Any]):
    """Whether everything is there that a request needs, and what else there is to know."""

    status = serializers.ChoiceField(
        choices=(OK, WARNING, UNAVAILABLE), help_text="Unavailable where a check failed."
    )
    checks = Checks()
    queues = QueueLength(many=True, allow_null=True, help_text="Null without a broker.")
    in_hand = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Messages that workers took and have not done."
    )
    workers = Worker(many=True, allow_null=True, help_text="Null without Valkey.")
    beats = Worker(many=True, allow_null=True, help_text="One is right.")
    disks = Disk(many=True)
    counters = Counters(allow_null=True, help_text="Null without the database.")
    warnings = Warned(many=True)


class PoolStats(serializers.Serializer[Any]):
    """The connections of the process that answers."""

    min_connections = serializers.IntegerField(min_value=0)
    max_connections = serializers.IntegerField(min_value=1)
    available = serializers.IntegerField(min_value=0)
    in_use = serializers.IntegerField(min_value=0)
    total = serializers.IntegerField(min_value=0)
    waiting = serializers.IntegerField(min_value=0)
    requests = serializers.IntegerField(min_value=0, help_text="For one, since the process began.")
    queued = serializers.IntegerField(min_value=0, help_text="Of these, those that had to wait.")
    average_wait_ms = serializers.FloatField(min_value=0, help_text="Of all of them.")


class ServerConnections(serializers.Serializer[Any]):
    """Who is connected to the server, and how many it admits of us."""

    in_use = serializers.IntegerField(min_value=0, help_text="All databases together.")
    ours = serializers.IntegerField(min_value=0, help_text="To this database.")
    admitted = serializers.IntegerField(min_value=0)


class DatabaseHealth(serializers.Serializer[Any]):
    """How the connections to the database are."""

    status = serializers.ChoiceField(choices=(OK, WARNING))
    pool_stats = PoolStats(allow_null=True, help_text="Null where the process keeps no pool.")
    server = ServerConnections()
    warnings = Warned(many=True)


class DatabaseAnswer(serializers.Serializer[Any]):
    """How long a query of no cost takes, over another connection of the pool."""

    status = serializers.ChoiceField(choices=(OK,))
    acquired_ms = serializers.FloatField(min_value=0, help_text="Waiting for a connection.")
    answered_ms = serializers.FloatField(min_value=0, help_text="Waiting for the answer.")


class ReadStats(serializers.Serializer[Any]):
    """One cached read: the values there are of it, and how often one was there when asked for."""

    name = serializers.CharField(help_text="What the keys of its entries begin with.")
    per = serializers.ChoiceField(
        choices=[str(each) for each in Per], help_text="Whose answers it keeps apart."
    )
    ttl_seconds = serializers.IntegerField(
        min_value=1, help_text="When a value ends, though nothing changed."
    )
    entries = serializers.IntegerField(min_value=0)
    hits = serializers.IntegerField(min_value=0)
    misses = serializers.IntegerField(min_value=0)
    hit_rate = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, help_text="Null before it was asked for."
    )


class CacheStats(serializers.Serializer[Any]):
    """Entries below the prefix; hits and misses of the reads below it, of the last hour or two."""

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
    reads = ReadStats(many=True)


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
