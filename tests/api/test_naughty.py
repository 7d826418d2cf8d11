"""Whatever a program sends, it gets an answer that it can read, and nothing breaks.

What is sent is found, not listed: every field of every item, every parameter of every list.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.fields import CharField, Field, FileField, ListField
from rest_framework.serializers import BaseSerializer, ListSerializer

from apps.accounts.models.api_tokens import PREFIX
from apps.api.answers import JSON, NDJSON
from apps.api.problems import CONTENT_TYPE as PROBLEM
from tests.api.endpoints import Endpoint, endpoints
from tests.api.scene import OWN, Scene, make_scene

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BASE = "/api/v1/"
NAUGHTY = Path(__file__).parents[3] / "shared/data/naughty/blns.json"
WHOLE = bool(os.environ.get("ANDON_ALL"))
SHORT, PARTS = 40, 4  # Of the big list, and to how many endpoints these are dealt.
LONG = "x" * 65_536
OURS = [LONG, "9" * 400, "a\x00b", "\x00", "'; DROP TABLE jobs; --", "%s%d{0}", "\u202e", "-1"]
OURS += ["1e309", "NaN", "١٢٣", "0x10", "🙂", "\r\nX-Evil: 1", " ", "*", "W/", '"', ",", "null"]
HUGE = 10**30
TYPES = [None, True, 0, -1, 2**31, 2**63, HUGE, -HUGE, 1.5, 1e308, "", "0", [], {}, [[]], [None]]
TYPES += [{"id": 1}, [1, "a", {}], "2026-13-45", "2026-01-01T00:00:00+99:99", LONG, float("nan")]
READABLE = (JSON, PROBLEM, NDJSON)

Path_ = tuple[str | int, ...]


def strings() -> list[str]:
    """Return ours, and of the big list forty (all of it with ANDON_ALL)."""
    if not NAUGHTY.exists():
        pytest.skip("NO NAUGHTY STRINGS: shared/data/naughty/blns.json is not there.")
    listed = json.loads(NAUGHTY.read_text())
    return OURS + listed[:: 1 if WHOLE else len(listed) // SHORT]


def some(values: Sequence[Any], place: int) -> Sequence[Any]:
    """Return what the endpoint at a place is sent: a part of all, another than its neighbours.

    With ANDON_ALL it is sent everything.
    """
    return values if WHOLE else values[place % PARTS :: PARTS]


@dataclass
class Asking:
    """An administrator who asks without end; after each question all is as it was."""

    scene: Scene
    client: Client
    asked: int = 0
    broken: list[str] = field(default_factory=list)

    def __call__(self, method: str, address: str, **sent: Any) -> Any:
        """Ask, note what is no answer, and put everything back."""
        savepoint = transaction.savepoint()
        try:
            answer = getattr(self.client, method.lower())(BASE + address, **sent)
            if answer.streaming:
                b"".join(answer.streaming_content)
        except Exception as error:  # noqa: BLE001 - noted: a server answers 500
            self.broken.append(f"{method} {address[:90]} {str(sent)[:160]}: {error!r:.400}")
            answer = None
        finally:
            transaction.savepoint_rollback(savepoint)
            transaction.savepoint_commit(savepoint)
        self.asked += 1
        if answer is not None and not is_readable(answer):
            kind = answer.get("Content-Type")
            said = f"{answer.status_code} {kind} {answer.content[:200]!r}"
            self.broken.append(f"{method} {address[:90]} {str(sent)[:160]}: {said}")
        return answer

    def of(self, endpoint: Endpoint) -> str:
        return self.scene.address(endpoint, OWN).partition("?")[0]

    def send(self, endpoint: Endpoint, body: Any) -> Any:
        """Send a body as JSON, or as a form where it holds a file."""
        if isinstance(body, dict) and "upload" in body:
            texts = {name: _as_text(value) for name, value in body.items() if name != "upload"}
            return self(endpoint.method, self.of(endpoint), data=texts | {"upload": body["upload"]})
        data = json.dumps(body)
        return self(endpoint.method, self.of(endpoint), data=data, **JSON_BODY)


JSON_BODY = {"content_type": JSON, "headers": {"If-Match": "*"}}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def is_readable(answer: Any) -> bool:
    """Whether it is no fault of ours, and what a program reads."""
    if answer.status_code >= 500:
        return False
    if answer.streaming or answer.headers.get("Content-Disposition"):
        return True
    return not answer.content or answer["Content-Type"] in READABLE


@pytest.fixture
def asking(settings: Any, tmp_path: Path, capsys: Any) -> Iterator[Asking]:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 10**9)
    settings.MEDIA_ROOT = tmp_path
    scene, client = make_scene("administrator"), Client()
    client.force_login(scene.user)
    asks = Asking(scene, client)
    yield asks
    with capsys.disabled():
        print(f" {asks.asked:,} asked, {len(asks.broken)} broken", end="")  # noqa: T201 - what was shown
    assert asks.asked
    assert asks.broken == []


def taking() -> list[tuple[Endpoint, BaseSerializer[Any]]]:
    """Return every endpoint that takes a body, with what it takes."""
    return [(each, item) for each in endpoints() if (item := each.item()) is not None]


def fields_of(item: BaseSerializer[Any], start: Path_ = ()) -> Iterator[tuple[Path_, Field]]:
    """Find every field that is taken, in lists too, by its place in the body."""
    for name, each in item.fields.items():
        if each.read_only:
            continue
        yield (*start, name), each
        child = getattr(each, "child", None)
        if isinstance(each, ListSerializer):
            yield from fields_of(child, (*start, name, 0))
        elif isinstance(each, ListField):
            yield (*start, name, 0), child


def put(body: Any, path: Path_, value: Any) -> None:
    """Put a value into a body, making the lists on the way."""
    *way, last = path
    for step, after in zip(way, path[1:], strict=True):
        if isinstance(step, str):
            body = body.setdefault(step, [{}] if after == 0 else {})
        else:
            body = body[step]
    if isinstance(body, list):
        body[:] = [value]
    else:
        body[last] = value


def refused(answer: Any) -> set[str]:
    """Return the pointers, or parameters, that were found wanting."""
    if answer is None or answer.status_code != 400 or answer["Content-Type"] != PROBLEM:
        return set()
    said = answer.json()["errors"]
    return {each.get("pointer", each.get("parameter", "")) for each in said}


def fill_and_send(
    asking: Asking, endpoint: Endpoint, paths: list[Path_], value: Any, base: Any
) -> None:
    """Send a value in all of these places; then only where it was not refused, to be stored."""
    places = paths
    for _ in range(2):
        body = deepcopy(base)
        for path in places:
            put(body, path, value)
        faults = refused(asking.send(endpoint, body))
        left = [path for path in places if "#/" + "/".join(map(str, path)) not in faults]
        if not faults or not left or left == places:
            return
        places = left


def base_of(asking: Asking, endpoint: Endpoint) -> Any:
    return asking.scene.body(endpoint, OWN) or {}


def test_no_string_breaks_a_text(asking):
    for place, (endpoint, item) in enumerate(taking()):
        texts = [path for path, each in fields_of(item) if isinstance(each, CharField)]
        for text in some(strings(), place) if texts else ():
            fill_and_send(asking, endpoint, texts, text, base_of(asking, endpoint))


def test_no_value_of_another_type_breaks_a_field(asking):
    for place, (endpoint, item) in enumerate(taking()):
        paths = [path for path, each in fields_of(item) if not isinstance(each, FileField)]
        whole = [path for path in paths if 0 not in path]
        parts = [path for path in paths if 0 in path]
        for value in some(TYPES, place):
            for places in (whole, parts):
                if places:
                    fill_and_send(asking, endpoint, places, value, base_of(asking, endpoint))
            asking.send(endpoint, value)


def test_no_string_breaks_a_query(asking):
    for place, endpoint in enumerate(endpoints()):
        names = [name for name in endpoint.asks if name != "cursor"]
        for text in some(strings(), place) if names else ():
            left = names
            for _ in range(2):
                query = urlencode(dict.fromkeys(left, text))
                faults = refused(asking("GET", f"{asking.of(endpoint)}?{query}"))
                left = [name for name in left if name not in faults]
                if not faults or not left:
                    break
    lists = [each for each in endpoints() if "cursor" in each.asks]
    for endpoint in lists if WHOLE else lists[:2]:  # Cursors are the kit's.
        for text in strings():
            asking("GET", f"{asking.of(endpoint)}?{urlencode({'cursor': text})}")


def test_no_string_breaks_the_name_of_a_parameter_or_a_field(asking):
    for text in strings():
        asking("GET", f"jobs/?{quote(text)}")
        asking("POST", "jobs/", data=json.dumps({text: text}), **JSON_BODY)


def test_no_string_breaks_an_address(asking):
    coded = [each for each in endpoints() if "{" in each.path and "{pk}" not in each.path]
    assert len(coded) == 5  # A code, and the external ids of four.
    for place, endpoint in enumerate(coded):
        head, tail = endpoint.path.split("{")[0], endpoint.path.split("}")[1]
        body = {"data": json.dumps(base_of(asking, endpoint)), **JSON_BODY}
        for text in some(strings(), place):
            for code in (text, f"S-{text}", f"U-{text}") if "scan" in head else (text,):
                sent = {} if endpoint.method == "GET" else body
                asking(endpoint.method, f"{head}{quote(code[:8_000], safe='')}{tail}", **sent)


ODD_KEYS = ["0", "-1", "1.5", "9" * 19, "9" * 40, "abc", "١٢", "1%00", "%2e%2e"]


def test_no_key_breaks_an_address(asking):
    about_one = [endpoint for endpoint in endpoints() if "{pk}" in endpoint.path]
    for place, endpoint in enumerate(about_one):
        for key in some(ODD_KEYS, place):
            sent = {"data": json.dumps(base_of(asking, endpoint)), **JSON_BODY}
            if endpoint.method == "GET":
                sent = {}
            answer = asking(endpoint.method, endpoint.path.replace("{pk}", key), **sent)
            assert answer.status_code in {400, 403, 404, 405}, endpoint


HEADS: dict[str, Callable[[Asking, dict[str, str]], Any]] = {
    "Accept": lambda ask, head: ask("GET", "jobs/", headers=head),
    "Accept-Encoding": lambda ask, head: ask("GET", "jobs/", headers=head),
    "Authorization": lambda ask, head: ask("GET", "jobs/", headers=head),
    "Content-Type": lambda ask, head: ask(
        "POST", "jobs/", data=b"{}", content_type=head["Content-Type"]
    ),
    "Idempotency-Key": lambda ask, head: ask(
        "POST", "customers/", data=b'{"name": "Acme"}', content_type=JSON, headers=head
    ),
    "If-Match": lambda ask, head: ask(
        "PATCH",
        f"customers/{ask.scene.sides[OWN]['customer']}/",
        data=b'{"city": "Graz"}',
        content_type=JSON,
        headers=head,
    ),
    "If-None-Match": lambda ask, head: ask("GET", "machines/", headers=head),
    "Origin": lambda ask, head: ask("GET", "machines/", headers=head),
    "User-Agent": lambda ask, head: ask(
        "POST",
        "auth/token/",
        data=json.dumps(ask.scene.body(TOKEN, OWN)),
        content_type=JSON,
        headers=head,
    ),
    "X-Forwarded-For": lambda ask, head: ask("GET", "machines/", headers=head),
    "X-Request-ID": lambda ask, head: ask("GET", "machines/", headers=head),
}
TOKEN = next(each for each in endpoints() if each.path == "auth/token/")


AROUND = {
    "Authorization": ("{}", "Bearer {}", f"Bearer {PREFIX}{{}}", "Basic {}"),
    "If-Match": ("{}", '"{}"', 'W/"1-{}"'),
    "If-None-Match": ("{}", '"{}"'),
}


def test_no_string_breaks_a_head(asking):
    for place, (text, (name, ask)) in enumerate(product(strings(), HEADS.items())):
        if not WHOLE and place % PARTS:
            continue
        # As it comes from the wire; what ends a line there never reaches us.
        wire = text.replace("\r", "").replace("\n", "").encode()[:8_000].decode("latin-1")
        for around in AROUND.get(name, ("{}",)):
            ask(asking, {name: around.replace("{}", wire)})


DEEP = 100_000
BODIES: Mapping[str, bytes] = {
    "none": b"",
    "no JSON": b"{",
    "two": b"{}{}",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "Acme"}'.encode("utf-16"),
    "lone surrogate": b'{"name": "\\ud800"}',
    "NUL escaped": b'{"name": "a\\u0000b"}',
    "NUL": b'{"name": "a\x00b"}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "name deep": b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}",
    "infinite": b'{"quantity": 1e999, "name": NaN}',
    "long number": b'{"quantity": ' + b"9" * 65_536 + b', "name": 1}',
    "same name twice": b'{"name": "a", "name": ["b"]}',
    "too big": b'{"name": "' + b"x" * (6 * 1024 * 1024) + b'"}',
}
KINDS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B"]
KINDS += ["application/xml", "", "a/b/c", "text/html"]


def test_no_body_breaks_an_endpoint(asking):
    for body in BODIES.values():
        chosen = [endpoint for endpoint, _ in taking()]
        if len(body) > DEEP and not WHOLE:
            chosen = chosen[::10]  # The parser is the same for all.
        for endpoint in chosen:
            asking(endpoint.method, asking.of(endpoint), data=body, **JSON_BODY)


def test_a_body_of_another_type_is_not_read(asking):
    for endpoint, _ in taking():
        for kind in KINDS:
            sent = {
                "data": b'{"name": "a"}',
                "content_type": kind,
                "headers": {"If-Match": "*"},
            }
            answer = asking(endpoint.method, asking.of(endpoint), **sent)
            # A form is looked through for NUL before anybody asks whose body it is.
            refusals = {400, 415} if "form" in kind else {415}
            if "attachments" not in endpoint.path or "form" not in kind:
                assert answer.status_code in refusals, (endpoint, kind)


FILE_NAMES = ["../../etc/passwd", "a" * 300 + ".txt", "🙂.txt", "\x00.txt", "", "a.txt\x00.exe"]


def test_no_file_name_breaks_an_upload(asking):
    job = asking.scene.sides[OWN]["active"]
    kinds = ("text/plain", "\x00", "text/html; charset=utf-7", "x" * 300)
    for text, kind in product(FILE_NAMES, kinds):
        head = f'Content-Disposition: form-data; name="upload"; filename="{text}"'
        body = f'--B\r\nContent-Disposition: form-data; name="job"\r\n\r\n{job}\r\n--B\r\n{head}'
        body += f"\r\nContent-Type: {kind}\r\n\r\n<script>\r\n--B--\r\n"
        form = {"data": body.encode(), "content_type": "multipart/form-data; boundary=B"}
        asking("POST", "attachments/", **form)


def changed_views() -> list[Endpoint]:
    return [each for each in endpoints() if each.action == "partial_update"]


def test_what_is_only_read_is_not_written(asking):
    tried = 0
    for endpoint in changed_views():
        address = asking.of(endpoint)
        before = asking("GET", address).json()
        told = set(endpoint.view.row.shape().columns)
        only_read = told - {name for name, each in endpoint.item().fields.items()}
        assert {"id", "version"} <= only_read
        for name in only_read:
            for value in (before[name], 1, "x", None):
                # For good, not put back: what it wrote would be seen.
                body = json.dumps({name: value})
                answer = asking.client.patch(BASE + address, body, **JSON_BODY)
                fault = (answer.status_code, answer.json()["errors"][0]["code"])
                assert (*fault, refused(answer)) == (400, "unknown", {f"#/{name}"})
                tried += 1
        assert asking("GET", address).json() == before
    assert tried > 4 * len(changed_views())


def test_unknown_parameters_are_refused_everywhere(asking):
    taken = [
        str(endpoint)
        for endpoint in endpoints()
        if endpoint.method == "GET"
        and "nobody-knows" not in refused(asking("GET", f"{asking.of(endpoint)}?nobody-knows=1"))
    ]
    assert taken == []
