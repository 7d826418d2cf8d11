"""Whose request it is, behind proxies that may be lied to."""

import pytest
from django.test import RequestFactory

from apps.core.addresses import client_address, limit_key, networks

PROXIES = ["10.0.0.1", "10.0.1.0/24", "2001:db8:1::/48"]


def asked(remote, forwarded=None):
    said = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **said))


@pytest.mark.parametrize("forwarded", [None, "203.0.113.9", "203.0.113.9, 10.0.0.1"])
def test_without_proxies_nobody_is_believed(settings, forwarded):
    settings.TRUSTED_PROXIES = []
    assert asked("10.0.0.1", forwarded) == "10.0.0.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", " 203.0.113.9 ", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9,10.0.1.7", "203.0.113.9"),
        # What the caller sent itself stands to the left.
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "10.0.1.8, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "rubbish, 203.0.113.9", "203.0.113.9"),
        # A proxy that asks for itself.
        ("10.0.0.1", "10.0.1.8, 10.0.1.7", "10.0.1.8"),
        # Strangers are not believed.
        ("10.0.2.1", "203.0.113.9", "10.0.2.1"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),
        # No address where there should be one.
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9,", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:4711", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, rubbish, 10.0.1.7", "10.0.0.1"),
        # IPv6, in full and short, and IPv4 in its clothes.
        ("2001:db8:1::2", "2001:DB8:0::5", "2001:db8::5"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        # Who writes to our socket is not named.
        ("", "203.0.113.9", ""),
        ("", None, ""),
        ("rubbish", "203.0.113.9", ""),
    ],
)
def test_the_caller_is_the_first_stranger_from_the_right(settings, remote, forwarded, expected):
    settings.TRUSTED_PROXIES = PROXIES
    assert asked(remote, forwarded) == expected


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [("203.0.113.9", "203.0.113.9"), ("1.1.1.1, 203.0.113.9", "203.0.113.9"), (None, "")],
)
def test_whoever_writes_to_a_trusted_socket_is_believed(settings, forwarded, expected):
    settings.TRUSTED_PROXIES = ["unix"]
    assert asked("", forwarded) == expected


def test_the_setting_may_change_while_the_process_runs(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert asked("10.0.0.1", "203.0.113.9") == "203.0.113.9"
    settings.TRUSTED_PROXIES = []
    assert asked("10.0.0.1", "203.0.113.9") == "10.0.0.1"


@pytest.mark.parametrize("proxies", [["everybody"], ["10.0.0.1/8"], ["0.0.0.0/0"], ["::/0"], [""]])
def test_what_is_no_network_or_everybody_is_refused(proxies):
    with pytest.raises(ValueError, match=r"network|host bits|proxy"):
        networks(proxies)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.9", "203.0.113.8", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("", "203.0.113.9", False),
    ],
)
def test_one_subscriber_counts_as_one_caller(one, other, is_same):
    assert (limit_key(one) == limit_key(other)) is is_same
