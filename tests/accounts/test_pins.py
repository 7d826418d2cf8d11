"""PINs: which are refused, how they are kept, set by their users, and how long a check takes."""

from time import process_time

import pytest
from django.urls import reverse

from apps.accounts import pins, services
from apps.accounts.states import WRONG_PER_ADDRESS
from apps.core.errors import Invalid
from tests.factories import PASSWORD

GOOD = "4711"


@pytest.mark.parametrize("pin", [GOOD, "1357", "90210", "11223344", "1998", "12345679"])
def test_a_pin_is_four_to_eight_digits(pin):
    pins.require_good(pin, field="pin")


@pytest.mark.parametrize("pin", ["", "471", "471147114", "47a1", "٤٧١١", "47 1", "4711\n"])
def test_what_is_no_pin_is_refused(pin):
    with pytest.raises(Invalid, match="4 to 8 digits") as refused:
        pins.require_good(pin, field="pin")

    assert refused.value.field == "pin"


@pytest.mark.parametrize(
    "pin",
    ["0000", "1234", "7777777", "4321", "7890", "0987", "23456789", "1212", "123123", "89012"],
)
def test_what_is_tried_first_is_refused(pin):
    with pytest.raises(Invalid, match="anyone would try"):
        pins.require_good(pin, field="pin")


def test_a_pin_is_kept_as_a_salted_hash():
    kept = pins.hashed(GOOD)

    assert GOOD not in kept
    assert kept != pins.hashed(GOOD)
    assert pins.is_right(GOOD, kept)
    assert not pins.is_right("4712", kept)


@pytest.mark.parametrize("pin", ["", GOOD])
def test_where_none_is_kept_no_pin_is_right(pin):
    assert not pins.is_right(pin, "")


def test_a_check_is_quick_and_as_quick_without_a_pin():
    kept = pins.hashed(GOOD)

    def quickest(of):
        times = []
        for _ in range(5):
            began = process_time()
            pins.is_right("1111", of)
            times.append(process_time() - began)
        return min(times)

    with_one, without = quickest(kept), quickest("")
    print(f"{1000 * with_one:.0f} ms with a PIN, {1000 * without:.0f} ms without")  # noqa: T201 - -rP shows it

    assert max(with_one, without) < 0.3
    assert 0.5 < with_one / without < 2


# Set by their users.


def choose(client, password=PASSWORD, pin=GOOD, again=None):
    said = {"password": password, "new_pin": pin, "new_pin_again": again or pin}
    return client.post(reverse("pin"), said)


@pytest.mark.django_db
def test_everyone_sets_their_own_pin_with_their_password(client, operator):
    client.force_login(operator)

    answer = choose(client)

    operator.refresh_from_db()
    assert answer.url == reverse("landing")
    assert pins.is_right(GOOD, operator.pin)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"password": "wrong"}, "That is not your password."),
        ({"pin": "1234"}, "anyone would try"),
        ({"pin": "12"}, "4 to 8 digits"),
        ({"again": "4712"}, "The two PINs are not the same."),
    ],
)
def test_a_pin_that_is_not_right_is_told_beside_its_field(client, operator, said, told):
    client.force_login(operator)

    page = choose(client, **said).content.decode()

    operator.refresh_from_db()
    assert told in page
    assert "field__error" in page
    assert operator.pin == ""


@pytest.mark.django_db
def test_the_password_is_no_better_guessed_on_the_pin_page(client, operator):
    client.force_login(operator)
    for _ in range(WRONG_PER_ADDRESS):
        choose(client, password="wrong")  # noqa: S106 - a wrong one

    assert "Too many wrong passwords" in choose(client).content.decode()
    operator.refresh_from_db()
    assert operator.pin == ""


@pytest.mark.django_db
def test_nobody_signed_out_sets_a_pin(client):
    assert choose(client).url == f"{reverse('login')}?next={reverse('pin')}"


@pytest.mark.django_db
def test_the_office_sets_a_good_pin_and_no_other(client, administrator, operator):
    client.force_login(administrator)
    page = reverse("admin:accounts_user_change", args=[operator.pk])
    said = {
        "username": operator.username,
        "full_name": operator.full_name,
        "role": operator.role_id,
        "is_active": "on",
    }

    refused = client.post(page, said | {"new_pin": "1111"})
    assert "anyone would try" in refused.content.decode()
    assert client.post(page, said | {"new_pin": GOOD}).status_code == 302

    operator.refresh_from_db()
    assert pins.is_right(GOOD, operator.pin)
    services.set_pin(operator, "", actor=administrator)
    operator.refresh_from_db()
    assert operator.pin == ""
