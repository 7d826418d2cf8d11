"""Where a request comes from, behind the proxies that we trust to say so."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

SOCKET = "unix"  # In TRUSTED_PROXIES: whoever writes to the socket that we listen on.
SUBSCRIBER_PREFIX = 64  # Bits of an IPv6 address that a provider gives to one customer.

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str:
    """Return the caller's address; "" where a socket is not trusted to tell it.

    X-Forwarded-For is read from the right, as far as trusted proxies wrote it: what stands to
    the left of the first stranger is that stranger's own word. A hop that is no address says
    that a proxy is not what we take it for: then the nearest one counts.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    found = nearest
    said = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while said and _is_trusted(found):
        try:
            found = str(_parse(said.pop()))
        except ValueError:
            return _plain(nearest)
    return _plain(found)


@lru_cache(maxsize=4096)
def limit_key(address: str) -> str:
    """Return what counts as one caller: the address, of IPv6 the network of its subscriber.

    Source: RFC 6177: a site gets a /64 at least, and so 2^64 addresses to call from.
    """
    try:
        parsed = _parse(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(IPv6Network((int(parsed), SUBSCRIBER_PREFIX), strict=False))


def networks(proxies: Iterable[str]) -> list[IPv4Network | IPv6Network]:
    """Return the networks among TRUSTED_PROXIES; an address is a network of one.

    Raises: ValueError for what is neither, and for everybody (/0).
    """
    found = [ip_network(each) for each in proxies if each != SOCKET]
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("everybody is no proxy")
    return found


def _is_trusted(address: str) -> bool:
    proxies = tuple(settings.TRUSTED_PROXIES)  # type: ignore[misc]  # composed in config, unseen by the stubs
    return bool(proxies) and _is_among(proxies, address)


@lru_cache(maxsize=4096)
def _is_among(proxies: tuple[str, ...], address: str) -> bool:
    if not address:
        return SOCKET in proxies
    try:
        parsed = _parse(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks(proxies))


def _plain(address: str) -> str:
    try:
        return str(_parse(address))
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _parse(text: str) -> Address:
    """Return an address, without a zone; IPv4 in IPv6's clothes (``::ffff:192.0.2.1``) as such."""
    address = ip_address(text.strip().partition("%")[0])
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
