"""A crowd over HTTP: many people who look and work, or connections that ask without a pause.

A client of ours: one process asks thousands of questions a second with it, where a client of
objects and hooks would take the processors from the server that is measured.
"""

import asyncio
import gzip
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count as count_from
from itertools import cycle
from typing import Any

import orjson

IDLE = 4.0  # Seconds for which a connection is kept unused, as docker/nginx.conf has it.
PATIENCE = 30.0  # Seconds for an answer.
NO_BODY = {204, 304}
REFUSED = {409, 412}  # Somebody else was faster.

_GZIP = b"\x1f\x8b"  # Source: RFC 1952, section 2.3.1.
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TAG = re.compile(rb"\r\netag: *([^\r]+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    tag: bytes
    body: bytes

    def read(self) -> Any:
        """Return what the body says."""
        is_packed = self.body.startswith(_GZIP)
        return orjson.loads(gzip.decompress(self.body) if is_packed else self.body)


@dataclass
class Seen:
    """What became of requests: how long each took, in seconds, and what went wrong how often."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, answer: Answer, seconds: float) -> None:
        """Note an answer."""
        self.seconds.append(seconds)
        self.statuses[answer.status] += 1
        if answer.status >= 400 and answer.status not in REFUSED:  # noqa: PLR2004 - an error, in HTTP
            self.errors[str(answer.status)] += 1

    def within(self, percent: float) -> float:
        """Return the time within which so many percent were answered."""
        ordered = sorted(self.seconds)
        return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


class Connection:
    """One connection of HTTP/1.1, kept alive."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.used_at = 0.0

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer; once more where an old connection was closed.

        Raises: OSError, EOFError, TimeoutError.
        """
        is_old = self._writer is not None
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(request)
        except (OSError, EOFError):
            self.close()
            if not is_old or not request.startswith(b"GET"):
                raise
            async with asyncio.timeout(PATIENCE):
                return await self._ask(request)

    async def _ask(self, request: bytes) -> Answer:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(*self._place)
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, length, tag = int(head[9:12]), _LENGTH.search(head), _TAG.search(head)
        has_body = length is not None and status not in NO_BODY
        body = await self._reader.readexactly(int(length[1])) if length and has_body else b""
        self.used_at = time.monotonic()
        if _CLOSES.search(head):
            self.close()
        return Answer(status, tag[1] if tag else b"", body)

    def close(self) -> None:
        """Close it; the next question opens it again."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


class Proxy:
    """Connections shared by a crowd, as the proxy in front of Andon shares its own."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._idle: list[Connection] = []

    async def ask(self, request: bytes) -> Answer:
        """Ask over a connection that nobody else uses now. Raises: OSError, EOFError."""
        connection = self._idle.pop() if self._idle else Connection(*self._place)
        if time.monotonic() - connection.used_at > IDLE:
            connection.close()
        try:
            return await connection.ask(request)
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Close all."""
        for connection in self._idle:
            connection.close()


@dataclass
class Person:
    """Somebody signed in, as a header says, with the tags of what they were told last."""

    signed_in: str
    _tags: dict[str, bytes] = field(default_factory=dict)

    def look(self, address: str) -> bytes:
        """Return the request for what is at an address, unless it is as it was."""
        known = self._tags.get(address)
        more = b"If-None-Match: %b\r\n" % known if known else b""
        return self._head("GET", address) + more + b"\r\n"

    def act(self, address: str, said: Mapping[str, Any]) -> bytes:
        """Return the request to do something."""
        body = orjson.dumps(said)
        more = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        return self._head("POST", address) + more + body

    def note(self, address: str, answer: Answer) -> None:
        """Remember what was told."""
        if answer.status == 200:  # noqa: PLR2004 - told anew
            self._tags[address] = answer.tag

    def _head(self, method: str, address: str) -> bytes:
        return (
            f"{method} {address} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n"
            f"Accept-Encoding: gzip\r\n{self.signed_in}\r\n"
        ).encode()


@dataclass(frozen=True, slots=True)
class Floor:
    """Addresses of the API by which one works, and at which task lists are."""

    tasks: str = "/api/v1/tasks/"
    steps: str = "/api/v1/job-steps/"


async def crowd(
    place: tuple[str, int],
    lookers: Sequence[tuple[Person, str]],
    workers: Sequence[Person],
    *,
    every: float,
    rest: float,
    seconds: float,
) -> tuple[Seen, Seen]:
    """Have each person look at an address every so often, and some work with rests between.

    Each looks when it is due, however long the last answer took, and the time is taken from then.
    Returns what became of the looks, and of the work.
    """
    proxy, looks, work = Proxy(*place), Seen(), Seen()
    began = time.monotonic()
    until = began + seconds
    count = len(lookers)
    async with asyncio.TaskGroup() as group:
        for number, (person, address) in enumerate(lookers):
            first = began + every * number / count
            group.create_task(_look(proxy, person, address, first, every, until, looks))
        for number, person in enumerate(workers):
            first = began + rest * number / len(workers)
            group.create_task(_work(proxy, person, count_from(number), first, rest, until, work))
    proxy.close()
    return looks, work


async def _look(  # noqa: PLR0913, PLR0917 - as above
    proxy: Proxy, person: Person, address: str, due: float, every: float, until: float, seen: Seen
) -> None:
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        answer = await _noted(proxy.ask, person.look(address), seen, due)
        if answer is not None:
            person.note(address, answer)
        due += every


async def _work(  # noqa: PLR0913, PLR0917 - as above
    proxy: Proxy,
    person: Person,
    turns: Iterator[int],
    due: float,
    rest: float,
    until: float,
    seen: Seen,
) -> None:
    """Start something of the list, report pieces, put it down, finish it, and so on."""
    floor = Floor()
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        person._tags.clear()
        answer = await _noted(proxy.ask, person.look(floor.tasks), seen, time.monotonic())
        for address, said in _deed(floor, answer, next(turns)):
            await _noted(proxy.ask, person.act(address, said), seen, time.monotonic())
        due += rest


def _deed(
    floor: Floor, answer: Answer | None, turn: int
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what somebody does who has these tasks: at most one thing.

    They report, now and then put down what they work on, and go on with it; they finish seldom:
    what is done stays done, and there must be work in the next run.
    """
    if answer is None or answer.status != 200:  # noqa: PLR2004 - told
        return
    tasks = answer.read()
    if tasks["in_progress"]:
        step = tasks["in_progress"][0]["id"]
        deed = "complete" if turn % 12 == 0 else "report" if turn % 3 else "pause"
        said = {"quantity_good": 1, "allow_over": True} if deed == "report" else {}
        yield f"{floor.steps}{step}/{deed}/", said
    elif paused := [each["id"] for each in tasks["paused"] if each["status"] == "paused"]:
        yield f"{floor.steps}{paused[0]}/resume/", {}
    elif ready := [each["id"] for each in tasks["ready"] if each["machine"]]:
        yield f"{floor.steps}{ready[turn % len(ready)]}/start/", {"kind": "run"}


async def siege(
    place: tuple[str, int],
    asked: Sequence[tuple[Person, str]],
    *,
    connections: int,
    seconds: float,
) -> tuple[float, Seen]:
    """Ask as fast as so many connections get answers; return the answers a second, and all."""
    seen, questions = Seen(), cycle(asked)
    opened = [Connection(*place) for _ in range(connections)]
    began = time.monotonic()

    async def ask(connection: Connection) -> None:
        while time.monotonic() < began + seconds:
            person, address = next(questions)
            answer = await _noted(connection.ask, person.look(address), seen, time.monotonic())
            if answer is not None:
                person.note(address, answer)

    async with asyncio.TaskGroup() as group:
        for connection in opened:
            group.create_task(ask(connection))
    took = time.monotonic() - began
    for connection in opened:
        connection.close()
    return len(seen.seconds) / took, seen


async def _noted(
    ask: Callable[[bytes], Any], request: bytes, seen: Seen, since: float
) -> Answer | None:
    try:
        answer: Answer = await ask(request)
    except (OSError, EOFError, TimeoutError) as error:
        seen.errors[type(error).__name__] += 1
        return None
    seen.note(answer, time.monotonic() - since)
    return answer
