"""Who sees the debug toolbar. In local settings only."""

from ipaddress import ip_address

from django.http import HttpRequest


def may_see(request: HttpRequest) -> bool:
    """Staff on this machine; not on Silk's pages, which are an instrument themselves."""
    if request.path_info.startswith("/silk/"):
        return False
    user = getattr(request, "user", None)  # A program's is found by the view.
    if user is None or not is_loopback(request.META.get("REMOTE_ADDR", "")):
        return False
    return bool(user.is_active and user.is_staff)


def is_loopback(address: str) -> bool:
    """Whether a request comes from this machine; behind a Unix socket there is no address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
