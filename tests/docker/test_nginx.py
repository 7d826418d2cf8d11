"""nginx.conf: TLS, who may say what about a request, and time-outs in the right order."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from django.urls import reverse

from apps.core.compression import TYPES
from apps.core.request_id import _SAFE
from apps.jobs.services.uploads import MOST_BYTES
from config import gunicorn
from config.components import database
from config.components.security import https
from config.env import read

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def conf():
    text = (ROOT / "docker" / "nginx.conf").read_text()
    return re.sub(r"(?m)(^|\s)#.*$", "", text)


def seconds(conf, directive):
    return [int(found) for found in re.findall(rf"\b{directive} (\d+)s;", conf)]


def test_nginx_speaks_for_https_in_the_header_that_django_believes(conf):
    name, value = https()["SECURE_PROXY_SSL_HEADER"]
    header = name.removeprefix("HTTP_").replace("_", "-").title()
    assert f"proxy_set_header {header} $scheme;" in conf
    assert value == "https"
    assert re.search(r"listen 8443 ssl;", conf)
    assert "return 308 https://$host$request_uri;" in conf


def test_nginx_and_andon_agree_which_request_ids_are_safe(conf):
    pattern = re.search(r'"~\^(.+)\$" \$http_x_request_id;', conf)
    assert pattern[1] == _SAFE.pattern
    assert "proxy_set_header X-Request-ID $trace;" in conf
    assert '"request_id":"$trace"' in conf


def test_the_log_has_no_code_that_was_scanned(conf):
    said = re.search(r"map \$request_uri \$logged_uri \{(.*?)\}", conf, re.DOTALL)[1]
    pattern, instead = re.search(r'"~(\S+)" "(\S+)";', said).groups()
    asked = f"{reverse('api-scan', args=['U-4711'])}?fields=id"
    assert re.search(pattern, asked)
    assert "4711" not in instead
    assert not re.search(pattern, reverse("api-stats"))
    assert '"uri":"$logged_uri"' in conf
    assert "$request_uri" not in re.search(r"log_format json(.*?);", conf, re.DOTALL)[1]


def test_nginx_leaves_idle_connections_before_gunicorn_does(conf):
    upstream = re.search(r"upstream andon \{(.*?)\}", conf, re.DOTALL)[1]
    assert seconds(upstream, "keepalive_timeout")[0] < gunicorn.keepalive
    assert "server web:8000;" in upstream


def test_nginx_waits_longer_than_a_statement_may_take(conf, monkeypatch):
    monkeypatch.delenv("DB_STATEMENT_TIMEOUT", raising=False)
    longest = read(production=False).statement_timeout + database.LOCK_TIMEOUT
    assert seconds(conf, "proxy_read_timeout")[0] > longest


def test_nginx_compresses_nothing_that_is_compressed(conf):
    types = re.search(r"gzip_types ([^;]+);", conf)[1].split()
    assert "text/csv" in types
    assert not any(word in " ".join(types) for word in ("image", "font", "zip", "pdf", "css"))


def test_nginx_compresses_no_answer_of_the_api(conf):
    """Some hold tokens, which must not be compressed; the others are compressed already."""
    types = re.search(r"gzip_types ([^;]+);", conf)[1].split()
    assert not set(types) & TYPES
    assert "*" not in types


def test_web_believes_nginx_alone_about_callers(conf, compose, services):
    front = services["nginx"]["networks"]["front"]["ipv4_address"]
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == front
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in conf
    [network] = compose["networks"]["front"]["ipam"]["config"]
    assert ip_address(front) in ip_network(network["subnet"])
    assert ip_address(front) not in ip_network(network["ip_range"])  # Nobody gets it by chance.


def test_nginx_writes_only_under_tmp(conf):
    places = re.findall(r"(?:pid|_temp_path) (\S+);", conf)
    assert len(places) == 6
    assert all(place.startswith("/tmp/") for place in places)  # noqa: S108 - in the container


def test_the_secrets_of_nginx_are_those_of_compose(conf, compose, services):
    used = set(re.findall(r"/run/secrets/(\w+);", conf))
    assert used == set(compose["secrets"]) == set(services["nginx"]["secrets"])


def test_the_ports_of_compose_are_those_that_nginx_listens_on(conf, services):
    listened = set(re.findall(r"listen (\d+)", conf))
    published = {port.split(":")[1] for port in services["nginx"]["ports"]}
    assert published == listened - {"127"}
    asked = services["nginx"]["healthcheck"]["test"][-1]
    assert f"listen {asked.removeprefix('http://').removesuffix('/')};" in conf


def test_nginx_lets_the_largest_upload_through(conf):
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", conf)[1])
    assert megabytes * 1024 * 1024 > MOST_BYTES
