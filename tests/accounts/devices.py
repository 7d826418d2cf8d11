"""Devices of a shop: some are shared terminals, and people with badges and PINs stand at them."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts import pins
from apps.accounts.models import Terminal, User
from apps.accounts.services import SetUp, set_up_terminal
from apps.accounts.terminals import mark_device
from tests.factories import make_user, number

PIN, WRONG = "4711", "9053"


class Device(Client):
    """A tablet: what it is marked with stays, whoever uses it."""

    def __init__(self, made: SetUp | None = None, **options: Any) -> None:
        super().__init__(**options)
        if made:
            marked = HttpResponse()
            mark_device(marked, made)
            self.cookies.update(marked.cookies)

    def show(self, user: User | None = None, pin: str = PIN, **said: Any) -> Any:
        """Show the terminal who one is, by one's name or otherwise."""
        name = {"user": user.pk} if user else {}
        return self.post(reverse("terminal"), name | {"pin": pin} | said)

    @property
    def signed_in(self) -> int | None:
        """The key of who is signed in on it."""
        key = self.session.get("_auth_user_id")
        return int(key) if key else None


def set_up(name: str = "", **fields: Any) -> SetUp:
    """A terminal with the secret of its device."""
    made = set_up_terminal(name or f"Tablet {number()}", actor=make_user("administrator"))
    if fields:
        for field, value in fields.items():
            setattr(made.terminal, field, value)
        made.terminal.save(update_fields=list(fields))
    return made


def make_worker(role: str = "operator", pin: str = PIN, **fields: Any) -> User:
    """Someone with a PIN and a badge."""
    fields.setdefault("badge_code", f"B-{number()}")
    return make_user(role, pin=pins.hashed(pin) if pin else "", **fields)


def fresh(terminal: Terminal) -> Terminal:
    """The terminal as it is stored."""
    return Terminal.objects.get(pk=terminal.pk)
