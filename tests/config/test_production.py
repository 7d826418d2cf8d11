"""Production for real: gunicorn over a Unix socket, with the files that collectstatic made."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.sessions.models import Session
from django.db import connection

from tests.factories import PASSWORD, make_user

ROOT = Path(__file__).parents[2]
BEHIND_TLS = {"Host": "andon.example", "X-Forwarded-Proto": "https"}
POOLED = 3
READY_SECONDS = 30
LIBRARIES = ["--ignore=vendor", "--ignore=*.min.js", "--ignore=drf_spectacular_sidecar"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.xdist_group("production"),
]


class OverSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("andon.example", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Site:
    """A web process in production, and what it wrote to its log."""

    socket: Path
    log: Path
    static: Path

    def ask(self, path, method="GET", body=None, **headers):
        said = BEHIND_TLS | {name.replace("_", "-"): text for name, text in headers.items()}
        with contextlib.closing(OverSocket(self.socket)) as line:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, text in said.items():
                line.putheader(name, text)
            if body is not None:
                line.putheader("Content-Length", str(len(body)))
            line.endheaders(body)
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def records(self):
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def database_url():
    said = connection.settings_dict
    where = ":".join(quote(str(said[part]), safe="") for part in ("USER", "PASSWORD"))
    server = ":".join(quote(str(said[part]), safe="") for part in ("HOST", "PORT") if said[part])
    return f"postgresql://{where}@{server}/{said['NAME']}"


def start(environ, *command, log):
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", *command], cwd=ROOT, env=environ, stdout=output, stderr=output
        )


@pytest.fixture(scope="module")
def site(django_db_setup, tmp_path_factory):
    """Made as the Dockerfile makes it: collectstatic, then gunicorn, with production's settings."""
    folder = tmp_path_factory.mktemp("production")
    found = Site(folder / "s", folder / "web.log", folder / "static")
    environ = {
        "ALLOWED_HOSTS": "andon.example",
        "ANDON_BIND": f"unix:{found.socket}",
        "ANDON_DATA": str(folder),
        "DATABASE_URL": database_url(),
        "DB_POOL_MIN_CONNECTIONS": str(POOLED),
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PATH": os.environ["PATH"],
        "REDIS_URL": settings.ANDON.redis_url,
        "SECRET_KEY": "kq3v9ZC1xW7nB5mL2pR8tY4uI6oA0sDfGhJkQwEeRrTtYyUuIiOo",
        "WEB_WORKERS": "1",
    }
    # Libraries are nine tenths of the work and show nothing more.
    collect = ["collectstatic", "--noinput", *LIBRARIES]
    assert start(environ, "django", *collect, log=found.log).wait() == 0, found.log.read_text()
    web = start(
        environ, "gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application", log=found.log
    )
    try:
        wait_until_ready(found, web)
        yield found
    finally:
        web.terminate()
        web.wait(timeout=30)


def wait_until_ready(found, web):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and web.poll() is None:
        with contextlib.suppress(OSError):
            if found.ask("/health/ready/").status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    pytest.fail(found.log.read_text())


def policy(answer):
    rules = answer.headers["Content-Security-Policy"].split("; ")
    return {rule.split(" ", 1)[0]: rule.split(" ")[1:] for rule in rules}


PLACES = {
    "page": ("/login/", 200),
    "redirect": ("/admin/", 302),
    "missing": ("/nothing-here/", 404),
    "refused": ("/login/?next=%00", 400),
    "health": ("/health/ready/", 200),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_has_the_security_headers(site, place):
    path, status = PLACES[place]
    answer = site.ask(path)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "microphone=()" in answer.headers["Permissions-Policy"]
    rules = policy(answer)
    assert rules["default-src"] == rules["frame-ancestors"] == rules["object-src"] == ["'none'"]
    assert rules["script-src"] == rules["style-src"] == ["'self'"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_host_of_somebody_else_is_refused(site):
    assert site.ask("/login/", Host="evil.example").status == 400


def test_a_page_over_plain_http_is_sent_to_https(site):
    answer = site.ask("/login/?next=/tasks/", X_Forwarded_Proto="http")
    assert answer.status == 301
    assert answer.headers["Location"] == "https://andon.example/login/?next=/tasks/"


def test_health_answers_over_plain_http_under_any_name(site):
    """A container's health check has neither."""
    assert site.ask("/health/", X_Forwarded_Proto="http", Host="127.0.0.1").status == 200


def test_the_token_cookie_is_for_this_host_over_https_only(site):
    morsel = site.ask("/login/").headers["Set-Cookie"]
    name, *flags = morsel.split("; ")
    assert name.startswith("__Host-csrftoken=")
    assert {"Secure", "SameSite=Lax", "Path=/"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)


def test_a_page_stays_out_of_shared_caches(site):
    assert "private" in site.ask("/login/").headers["Cache-Control"]


def test_static_files_are_hashed_compressed_and_kept_for_ever(site):
    manifest = json.loads((site.static / "staticfiles.json").read_text())
    hashed = manifest["paths"]["admin/css/base.css"]
    plain = (site.static / hashed).read_bytes()
    lengths = {}
    for encoding in ("identity", "gzip", "br"):
        answer = site.ask(f"/static/{hashed}", Accept_Encoding=encoding)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers.get("Content-Encoding", "identity") == encoding
        assert answer.headers["Access-Control-Allow-Origin"] is None
        lengths[encoding] = len(answer.body)
    assert lengths["identity"] == len(plain)
    assert lengths["br"] < lengths["gzip"] < lengths["identity"] / 2


def test_modules_import_each_other_by_hashed_names(site):
    manifest = json.loads((site.static / "staticfiles.json").read_text())["paths"]
    page, outbox = manifest["floor/floor.js"], manifest["floor/outbox.js"]

    assert outbox.removeprefix("floor/") in (site.static / page).read_text()


def test_a_static_file_without_its_hash_is_not_kept_for_ever(site):
    assert "immutable" not in site.ask("/static/admin/css/base.css").headers["Cache-Control"]


def test_a_safe_request_id_is_taken_said_back_and_logged(site):
    answer = site.ask("/nothing-here/", X_Request_ID="erp-20260101.0001")
    assert answer.headers["X-Request-ID"] == "erp-20260101.0001"
    said = [each for each in site.records() if each["request_id"] == "erp-20260101.0001"]
    assert [(each["level"], each["logger"]) for each in said] == [("WARNING", "django.request")]
    assert "/nothing-here/" in said[0]["message"]


@pytest.mark.parametrize("unsafe", ["short", "x" * 65, 'a"b-cdefgh', "with space", "{jndi:ldap}"])
def test_an_unsafe_request_id_is_replaced(site, unsafe):
    said = site.ask("/login/", X_Request_ID=unsafe).headers["X-Request-ID"]
    assert len(said) == 32
    assert int(said, 16)


def test_each_request_has_an_id_of_its_own(site):
    ids = {site.ask("/health/").headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3


def test_the_web_process_holds_its_pool(site):
    site.ask("/health/ready/")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'andon-web' AND datname = current_database()"
        )
        assert cursor.fetchone()[0] >= POOLED


@pytest.fixture(scope="module")
def someone(site, django_db_blocker):
    """A user whom the web process sees, gone again afterwards."""
    with django_db_blocker.unblock():
        user = make_user("administrator")
        user.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
        user.save(update_fields=["password"])
        connection.close()
    yield user
    with django_db_blocker.unblock():
        Session.objects.all().delete()
        user.delete()
        connection.close()


def test_the_session_cookie_is_for_this_host_over_https_and_not_for_scripts(site, someone):
    answer = post(site, "/login/", username=someone.username, password=PASSWORD)
    assert answer.status == 302
    morsels = answer.headers.get_all("Set-Cookie")
    morsel = next(each for each in morsels if each.startswith("__Host-sessionid="))
    value, *flags = morsel.split("; ")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)
    page = site.ask("/admin/", Cookie=value)
    assert page.status == 200
    assert "unsafe" not in page.headers["Content-Security-Policy"]


NULS = {
    "query": ("/login/?next=%00", {}),
    "path": ("/tasks/%00/", {}),
    "static path": ("/static/%00.css", {}),
    "admin filter": ("/admin/jobs/job/?status__exact=%00", {}),
    "cookie": ("/admin/", {"Cookie": r'__Host-sessionid="' + r"\000" * 32 + '"'}),
}


@pytest.mark.parametrize("where", NULS)
def test_a_nul_byte_is_refused_wherever_it_comes(site, where):
    path, headers = NULS[where]
    assert site.ask(path, **headers).status == 400


def post(site, path, body=None, content_type="application/x-www-form-urlencoded", **form):
    token = "t" * 32
    return site.ask(
        path,
        "POST",
        urlencode(form).encode() if body is None else body,
        Content_Type=content_type,
        Cookie=f"__Host-csrftoken={token}",
        X_CSRFToken=token,
        Referer=f"https://andon.example{path}",
    )


FORMS = {
    "application/x-www-form-urlencoded": b"username=a%00b&password=x",
    "multipart/form-data; boundary=x": (
        b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\na\0b\r\n--x--\r\n'
    ),
}


@pytest.mark.parametrize("content_type", FORMS)
def test_a_nul_byte_in_a_form_is_refused(site, content_type):
    assert post(site, "/login/", FORMS[content_type], content_type).status == 400


def test_a_form_without_nul_bytes_is_taken(site):
    answer = post(site, "/login/", b"username=100%2500&password=no")
    assert answer.status == 200  # The form again: wrong password.
