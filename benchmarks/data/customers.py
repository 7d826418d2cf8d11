"""The rows of customers: firms with common and rare words in their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from apps.demo.companies import COUNTRIES, Country, plain
from benchmarks.data import shape
from benchmarks.data.clock import Clock
from benchmarks.data.rows import NULL, Table
from benchmarks.data.words import NOTES, STREETS, SURNAMES, TRADES, skewed

CUSTOMER_TABLE = Table(
    "customers",
    (
        *("id", "code", "external_id", "name", "contact_name", "email", "phone", "address"),
        *("city", "country", "tax_number", "notes", "is_active", "created_at", "updated_at"),
        "version",
    ),
)
BLOCK = 2_000  # Rows handed over at once.
WITHOUT_EMAIL, WITHOUT_PHONE, WITHOUT_CONTACT, WITHOUT_TAX = 0.3, 0.15, 0.2, 0.4
LOCAL_TRADE = 0.4  # Firms that are called in the country's language.
LOCAL_FAMILY = 0.06  # Firms with one of the country's best-known names.
IMPORTED = 0.1  # Customers with a key of another system.


@dataclass(frozen=True, slots=True)
class _Place:
    """A country with the plain spelling of its words."""

    country: Country
    plain: dict[str, str]
    tax_prefix: str


def customer_rows(rng: Random, count: int, clock: Clock) -> Iterator[str]:
    """Yield the customers in blocks, oldest first."""
    places = [_place(country) for country in COUNTRIES]
    chance = rng.random
    known = int(count * shape.CUSTOMERS_BEFORE)
    for first in range(1, count + 1, BLOCK):
        block = []
        for key in range(first, min(first + BLOCK, count + 1)):
            place = places[int(chance() * len(places))]
            late = max(key - known, 0) / (count - known)
            created = clock.text(int(clock.end * late))
            block.append(f"{key}\t{_firm(rng, place, key)}\t{created}\t{created}\t1\n")
        yield "".join(block)


def _place(country: Country) -> _Place:
    words = (*country.families, *country.trades, *country.given)
    return _Place(
        country, {word: plain(word).lower() for word in words}, plain(country.name)[:2].upper()
    )


def _firm(rng: Random, place: _Place, key: int) -> str:
    """Return a firm's columns from its code to whether it is active."""
    chance, country = rng.random, place.country
    family = _family(rng, country)
    local = chance() < LOCAL_TRADE
    trade = country.trades[int(chance() * 4)] if local else skewed(rng, TRADES)
    domain = f"{_plain(place, family)}-{_plain(place, trade)}.example.com"
    contact = email = phone = tax = ""
    if chance() > WITHOUT_CONTACT:
        given, surname = country.given[int(chance() * 5)], _family(rng, country)
        contact = f"{given} {surname}"
        email = f"{_plain(place, given)}.{_plain(place, surname)}@{domain}"
    if chance() < WITHOUT_EMAIL:
        email = ""
    if chance() > WITHOUT_PHONE:
        phone = f"+{country.dialling} {int(chance() * 90) + 10} {int(chance() * 1e7):07}"
    if chance() > WITHOUT_TAX:
        tax = f"{place.tax_prefix}{int(chance() * 1e9):09}"
    external = f"CRM-{key:07}" if chance() < IMPORTED else NULL
    street = f"{skewed(rng, STREETS)} Road {int(chance() * 180) + 1}"
    city = country.cities[int(chance() * 5)]
    notes = NOTES[int(chance() * len(NOTES))] if chance() < shape.WITH_NOTES else ""
    active = "f" if chance() < shape.RETIRED else "t"
    return (
        f"C-{key:05}\t{external}\t{family} {trade} {country.form}\t{contact}\t{email}\t{phone}"
        f"\t{street}\t{city}\t{country.name}\t{tax}\t{notes}\t{active}"
    )


def _family(rng: Random, country: Country) -> str:
    if rng.random() < LOCAL_FAMILY:
        return country.families[int(rng.random() * len(country.families))]
    return skewed(rng, SURNAMES)


def _plain(place: _Place, word: str) -> str:
    return place.plain.get(word) or word.lower()
