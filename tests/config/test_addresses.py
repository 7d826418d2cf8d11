"""Addresses: the broker never shares the cache's database, and never trusts a stranger."""

import ssl

import pytest
import redis.connection
from django.conf import settings
from django.core.cache import cache
from kombu import Connection

from config import addresses


@pytest.mark.parametrize(
    ("cache_url", "broker_url"),
    [
        ("redis://h", "redis://h/8"),
        ("redis://h:6380/0", "redis://h:6380/8"),
        ("redis://:p%40ss@h/3", "redis://:p%40ss@h/11"),
        ("redis://user:word@h/8", "redis://user:word@h/0"),
        ("redis://h/15", "redis://h/7"),
        ("redis://h/3?db=4", "redis://h/12"),
        ("redis://h/1?socket_timeout=2", "redis://h/9"),
        ("redis://[::1]:6379/1", "redis://[::1]:6379/9"),
        ("rediss://h/0", "rediss://h/8?ssl_cert_reqs=required"),
        ("rediss://h/0?ssl_cert_reqs=none", "rediss://h/8?ssl_cert_reqs=none"),
        ("unix:///x.sock", "redis+socket:///x.sock?virtual_host=8"),
        ("unix:///x.sock?db=4", "redis+socket:///x.sock?virtual_host=12"),
        ("unix://:word@/x.sock?db=9", "redis+socket://:word@/x.sock?virtual_host=1"),
    ],
)
def test_without_an_address_of_its_own_the_broker_is_beside_the_cache(cache_url, broker_url):
    assert addresses.broker_beside(cache_url) == broker_url


@pytest.mark.parametrize("number", range(16))
@pytest.mark.parametrize("template", ["redis://h/{}", "unix:///x.sock?db={}", "redis://h?db={}"])
def test_the_broker_is_never_in_the_caches_database(template, number):
    cache_url = template.format(number)
    broker_url = addresses.broker_beside(cache_url)
    assert redis.connection.parse_url(cache_url).get("db", 0) == number
    assert addresses.broker(broker_url, cache_url=cache_url) == broker_url


@pytest.mark.parametrize(
    ("broker_url", "cache_url"),
    [
        ("redis://h", "redis://h:6379/0"),
        ("rediss://h/2", "redis://h/2"),
        ("redis://user:word@h/2", "redis://h/9?db=2"),
        ("redis+socket:///x.sock", "unix:///x.sock"),
        ("redis+socket:///x.sock?virtual_host=4", "unix:///x.sock?db=4"),
    ],
)
def test_a_broker_in_the_caches_database_is_refused(broker_url, cache_url):
    with pytest.raises(ValueError, match="REDIS_URL"):
        addresses.broker(broker_url, cache_url=cache_url)


def test_a_broker_over_tls_has_its_certificate_checked():
    """Celery left alone would trust any."""
    url = addresses.broker("rediss://h/2", cache_url="redis://h/0")
    assert Connection(url).ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}


def test_clearing_the_cache_leaves_the_queue(db):
    with Connection(settings.ANDON.broker_url) as connection:
        queue = connection.SimpleQueue("test_clearing_the_cache")
        queue.put("a message")
        cache.set("test_clearing_the_cache", 1)
        cache.clear()
        assert cache.get("test_clearing_the_cache") is None
        message = queue.get(timeout=2)
        message.ack()
        queue.close()
    assert message.payload == "a message"


def test_a_database_address_keeps_its_options():
    settings_ = addresses.database("postgresql://u:p%2Fw@%2Frun%2Fpg/andon?sslmode=require")
    assert (settings_["HOST"], settings_["PASSWORD"]) == ("/run/pg", "p/w")
    assert settings_["OPTIONS"] == {"sslmode": "require"}
