"""The demo's customers: firms of many countries, none of them real."""

import unicodedata
from random import Random
from typing import NamedTuple

from django.utils.text import slugify


class Country(NamedTuple):
    """How firms of a country are called, where they sit and who answers the telephone."""

    name: str
    dialling: str
    form: str
    cities: tuple[str, ...]
    given: tuple[str, ...]
    families: tuple[str, ...]
    trades: tuple[str, ...]


class Company(NamedTuple):
    """A customer to be."""

    name: str
    contact_name: str
    email: str
    phone: str
    address: str
    city: str
    country: str
    tax_number: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTRIES = tuple(
    Country(name, dialling, form, _words(cities), _words(given), _words(families), _words(trades))
    for name, dialling, form, cities, given, families, trades in (
        (
            "Germany",
            "49",
            "GmbH",
            "Stuttgart Bremen Kassel Ulm Chemnitz",
            "Anna Lukas Jürgen Maike Felix",
            "Lindner Brandt Vogel Hartmann Seidel Krüger",
            "Maschinenbau Metallbau Antriebe Fördertechnik",
        ),
        (
            "Türkiye",
            "90",
            "A.Ş.",
            "Bursa İzmir Kocaeli Konya Eskişehir",
            "Elif Murat Zeynep Emre Selin",
            "Yıldız Öztürk Arslan Doğan Koç Şahin",
            "Makina Metal Otomotiv Enerji",
        ),
        (
            "Italy",
            "39",
            "S.r.l.",
            "Modena Torino Brescia Padova Bergamo",
            "Luca Chiara Marco Elena Paolo",
            "Ferrero Bianchi Moretti Galli Conti Rinaldi",
            "Meccanica Impianti Arredi Automazioni",
        ),
        (
            "France",
            "33",
            "SAS",
            "Lyon Nantes Grenoble Lille Metz",
            "Claire Julien Sophie Antoine Camille",
            "Moreau Lambert Girard Fontaine Chevalier Roux",
            "Mécanique Industrie Enseignes Outillage",
        ),
        (
            "United Kingdom",
            "44",
            "Ltd",
            "Sheffield Leeds Coventry Derby Swansea",
            "Emma Oliver Grace Harry Lucy",
            "Hargreaves Whitmore Ashdown Barlow Kendrick Fenwick",
            "Engineering Signs Fabrications Controls",
        ),
        (
            "United States",
            "1",
            "Inc.",
            "Toledo Rockford Wichita Akron Tacoma",
            "Emily Jacob Megan Tyler Ashley",
            "Calloway Prescott Hollis Mercer Granger Whitfield",
            "Machinery Displays Aerospace Equipment",
        ),
        (
            "Sweden",
            "46",
            "AB",
            "Västerås Göteborg Linköping Malmö Umeå",
            "Elsa Nils Maja Oskar Karin",
            "Nyström Sandberg Ekdahl Hallgren Forsberg Wikström",
            "Verkstad Plåt Teknik Hydraulik",
        ),
        (
            "Netherlands",
            "31",
            "B.V.",
            "Eindhoven Tilburg Zwolle Breda Almelo",
            "Sanne Daan Lotte Bram Femke",
            "Dijkstra Verhoeven Kuipers Hoekstra Vermeer Bosman",
            "Techniek Metaal Interieur Machines",
        ),
        (
            "Poland",
            "48",
            "Sp. z o.o.",
            "Poznań Wrocław Gliwice Łódź Rzeszów",
            "Marta Piotr Agnieszka Tomasz Ewa",
            "Zieliński Wójcik Mazur Krawczyk Dudek Sikora",
            "Metal Konstrukcje Maszyny Reklama",
        ),
        (
            "Spain",
            "34",
            "S.L.",
            "Bilbao Zaragoza Sabadell Vigo Murcia",
            "Lucía Javier Marta Álvaro Nuria",
            "Ibarra Molina Castaño Serrano Ortega Navarro",
            "Mecanizados Rótulos Industrias Bombas",
        ),
        (
            "Finland",
            "358",
            "Oy",
            "Tampere Lahti Oulu Vaasa Turku",
            "Aino Eero Helmi Mikko Saana",
            "Virtanen Mäkinen Lehtonen Salmela Koskinen Rantala",
            "Konepaja Teräs Automaatio Laite",
        ),
        (
            "Czechia",
            "420",
            "s.r.o.",
            "Brno Plzeň Ostrava Liberec Zlín",
            "Jana Petr Lenka Tomáš Hana",
            "Dvořák Procházka Havel Beneš Kratochvíl Pokorný",
            "Strojírna Kovo Technika Nástroje",
        ),
        (
            "Japan",
            "81",
            "K.K.",
            "Hamamatsu Nagoya Sakai Niigata Kobe",
            "Yuki Haruto Sakura Ren Aoi",
            "Tanabe Kuroda Fujimoto Nakahara Ishikura Morita",
            "Seiki Kogyo Robotics Denki",
        ),
        (
            "Brazil",
            "55",
            "Ltda.",
            "Joinville Campinas Curitiba Caxias Betim",
            "Beatriz Rafael Larissa Thiago Camila",
            "Figueira Barbosa Teixeira Nogueira Pacheco Vasconcelos",
            "Metalúrgica Máquinas Componentes Válvulas",
        ),
    )
)
_STREETS = ("Industrial Park", "Harbour Road", "Mill Lane", "Station Road")
# Letters that decomposing does not turn into ASCII.
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "ß": "ss", "İ": "I"})


def make_companies(rng: Random, count: int) -> list[Company]:
    """Return so many firms, no two of one name."""
    names = [
        (country, family, trade)
        for country in COUNTRIES
        for family in country.families
        for trade in country.trades
    ]
    return [_company(rng, *name) for name in rng.sample(names, count)]


def plain(text: str) -> str:
    """Return text in ASCII letters, as it stands in addresses of mail."""
    return unicodedata.normalize("NFKD", text.translate(_PLAIN)).encode("ascii", "ignore").decode()


def _company(rng: Random, country: Country, family: str, trade: str) -> Company:
    given, surname = rng.choice(country.given), rng.choice(country.families)
    domain = slugify(plain(f"{family} {trade}"))
    return Company(
        name=f"{family} {trade} {country.form}",
        contact_name=f"{given} {surname}",
        email=f"{plain(given)}.{plain(surname)}@{domain}.example.com".lower(),
        phone=f"+{country.dialling} {rng.randint(20, 99)} 555 {rng.randint(1000, 9999)}",
        address=f"{rng.choice(_STREETS)} {rng.randint(1, 180)}",
        city=rng.choice(country.cities),
        country=country.name,
        tax_number=f"{plain(country.name)[:2].upper()}{rng.randint(10**8, 10**9 - 1)}",
    )
