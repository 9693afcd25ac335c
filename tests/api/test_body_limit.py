"""Bodies that are too long, too slow, too many or cut off never reach the application."""

import asyncio
import json
import socket

from starlette.types import Message, Receive, Scope, Send

from api.body_limit import MAX_BODY_BYTES, MAX_DRAINED_BYTES, BodyLimit
from tests.api.conftest import PATIENCE_SECONDS, Server

SCOPE: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/v1/nearest",
    "headers": [(b"content-length", b"10")],
}


class Application:
    """Keeps the bodies that reach it, and answers nothing."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        self.bodies.append((await receive())["body"])


def part(content: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


async def ask(
    limit: BodyLimit, *messages: Message, pause: float = 0, client: str = "192.0.2.1"
) -> list[Message]:
    """Send messages one after the other, then nothing; give what is answered."""
    left, sent = list(messages), []

    async def receive() -> Message:
        await asyncio.sleep(pause)
        return left.pop(0) if left else await asyncio.Event().wait()

    async def send(message: Message) -> None:
        sent.append(message)

    await limit({**SCOPE, "client": (client, 1)}, receive, send)
    return sent


def status(sent: list[Message]) -> int:
    assert json.loads(sent[1]["body"])["status"] == sent[0]["status"]
    assert (b"connection", b"close") in sent[0]["headers"]
    return sent[0]["status"]


def test_a_whole_body_is_handed_on() -> None:
    application = Application()
    asyncio.run(ask(BodyLimit(application), part(b"12"), part(b"345", more=False)))
    assert application.bodies == [b"12345"]


def test_half_a_body_of_a_client_that_left_is_dropped() -> None:
    application = Application()
    limit = BodyLimit(application)
    assert asyncio.run(ask(limit, part(b'{"where"'), {"type": "http.disconnect"})) == []
    assert application.bodies == []


def test_small_parts_do_not_stretch_the_time_of_a_body() -> None:
    application = Application()
    limit = BodyLimit(application, body_seconds=0.1)
    sent = asyncio.run(ask(limit, *[part(b"1")] * 1000, pause=0.02))
    assert status(sent) == 408
    assert application.bodies == []


def test_a_body_that_never_comes_is_given_up() -> None:
    assert status(asyncio.run(ask(BodyLimit(Application(), body_seconds=0.01)))) == 408


def test_bodies_of_all_requests_together_are_bounded() -> None:
    application = Application()

    async def together() -> list[list[Message]]:
        limit = BodyLimit(application, body_seconds=0.2, max_held_bytes=100)
        from_all = [f"192.0.{n}.1" for n in range(4)]
        waiting = [asyncio.create_task(ask(limit, part(b"1" * 24), client=one)) for one in from_all]
        await asyncio.sleep(0)
        refused = await ask(limit, part(b"2" * 20, more=False), client="198.51.100.1")
        given_up = [await one for one in waiting]
        await ask(limit, part(b"3" * 20, more=False), client="198.51.100.1")
        return [refused, *given_up]

    assert [status(sent) for sent in asyncio.run(together())] == [503, 408, 408, 408, 408]
    assert application.bodies == [b"3" * 20]


def test_bodies_of_one_network_leave_room_for_others() -> None:
    application = Application()

    async def together() -> list[Message]:
        limit = BodyLimit(application, body_seconds=0.2, max_held_bytes=100)
        waiting = asyncio.create_task(ask(limit, part(b"1" * 20), client="192.0.2.1"))
        await asyncio.sleep(0)
        refused = await ask(limit, part(b"2" * 20, more=False), client="192.0.2.9")
        await ask(limit, part(b"3" * 20, more=False), client="198.51.100.1")
        await waiting
        await ask(limit, part(b"4" * 20, more=False), client="192.0.2.9")
        return refused

    assert status(asyncio.run(together())) == 503
    assert application.bodies == [b"3" * 20, b"4" * 20]


def test_a_body_too_long_is_let_go() -> None:
    application = Application()

    async def twice() -> list[Message]:
        limit = BodyLimit(application, max_held_bytes=4 * MAX_BODY_BYTES)
        sent = await ask(limit, part(b"1" * MAX_BODY_BYTES), part(b"1"), part(b"1", more=False))
        await ask(limit, part(b"2" * MAX_BODY_BYTES, more=False))
        return sent

    assert status(asyncio.run(twice())) == 413
    assert application.bodies == [b"2" * MAX_BODY_BYTES]


def test_whoever_sends_a_body_too_long_sees_the_answer(pack_server: Server) -> None:
    for size in (MAX_BODY_BYTES + 1, 1_000_000, MAX_DRAINED_BYTES):
        answer = pack_server.client.post("/v1/nearest", content=b"x" * size)
        assert answer.status_code == 413


def test_a_body_without_an_end_is_answered(pack_server: Server) -> None:
    url = pack_server.client.base_url
    head = "POST /v1/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_SECONDS) as endless:
        endless.sendall(head.encode() + b"x" * (MAX_BODY_BYTES + 1))
        assert endless.recv(1000).startswith(b"HTTP/1.1 413")
