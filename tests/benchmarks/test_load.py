"""The crowd's client says what was answered, and takes a closed connection for no fault."""

import asyncio
from collections import Counter
from contextlib import suppress

import orjson

from benchmarks.load import Answer, Connection, Floor, Person, Seen, _deed, siege

OK = b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 2\r\n\r\n{}'
SAME = b"HTTP/1.1 304 Not Modified\r\n\r\n"


def serve(answers, ask):
    """Run ``ask(place)`` against a server that gives these answers, a connection each."""

    async def run():
        left, asked, handled = iter(answers), [], []

        async def handle(reader, writer):
            handled.append(asyncio.current_task())
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                for answer in next(left, ()):
                    asked.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(answer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        async with server:
            found = await ask(server.sockets[0].getsockname())
            await asyncio.gather(*handled)
            return found, asked

    return asyncio.run(run())


def test_what_was_seen_is_asked_for_by_its_tag():
    person = Person("Authorization: Bearer token")

    async def ask(place):
        connection = Connection(*place)
        found = []
        for _ in range(2):
            found.append(await connection.ask(person.look("/a/")))
            person.note("/a/", found[-1])
        connection.close()
        return found

    (first, second), asked = serve([[OK, SAME]], ask)
    assert (first.status, first.read(), second.status) == (200, {}, 304)
    assert b'If-None-Match: "x"' in asked[1]
    assert b"Authorization: Bearer token" in asked[0]


def test_a_connection_that_the_server_has_closed_is_opened_again():
    async def ask(place):
        connection = Connection(*place)
        found = [(await connection.ask(Person("Cookie: t").look("/"))).status for _ in range(2)]
        connection.close()
        return found

    found, _ = serve([[OK], [OK]], ask)
    assert found == [200, 200]


def test_errors_are_counted_and_refusals_are_none():
    seen = Seen()
    for status in (200, 304, 409, 404, 500):
        seen.note(Answer(status, b"", b""), 0.1)
    assert seen.errors == Counter({"404": 1, "500": 1})


def test_a_siege_counts_answers_a_second():
    async def ask(place):
        return await siege(place, [(Person("Cookie: t"), "/")], connections=2, seconds=0.2)

    (rate, seen), _ = serve([[OK] * 10_000] * 2, ask)
    assert rate > 0
    assert not seen.errors


def test_who_works_goes_on_with_what_is_begun_and_begins_what_has_a_machine():
    begun = {"in_progress": [{"id": 3}], "paused": [], "ready": []}
    ready = {
        "in_progress": [],
        "paused": [{"id": 4, "status": "in_progress"}],
        "ready": [{"id": 1, "machine": None}, {"id": 2, "machine": {"id": 1}}],
    }
    put_down = ready | {"paused": [*ready["paused"], {"id": 5, "status": "paused"}]}

    def deed(tasks, turn):
        answer = Answer(200, b"", orjson.dumps(tasks))
        return [address for address, _ in _deed(Floor(), answer, turn)]

    assert deed(begun, 0) == ["/api/v1/job-steps/3/complete/"]
    assert deed(begun, 1) == ["/api/v1/job-steps/3/report/"]
    assert deed(begun, 3) == ["/api/v1/job-steps/3/pause/"]
    assert deed(put_down, 1) == ["/api/v1/job-steps/5/resume/"]
    assert deed(ready, 5) == ["/api/v1/job-steps/2/start/"]
