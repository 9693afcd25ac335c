"""Long answers and clients that do not take them, over real sockets."""

import asyncio
import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.unsent_answers import PIECE_BYTES, UnsentAnswers
from tests.api.conftest import PATIENCE_SECONDS
from tests.api.test_connections import running
from tests.api.waiting import until

LONG = 8 * 1024 * 1024
"""Far more than the system holds of an answer that is not taken."""
ROOM = 10 * LONG
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def long_answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with bytes that no other answer shares."""
    await Response(bytes(bytearray(LONG)))(scope, receive, send)


@pytest.fixture
def answers() -> UnsentAnswers:
    return UnsentAnswers(long_answer, ROOM)


@pytest.fixture
def asked(answers: UnsentAnswers) -> Iterator:
    """Ask from an address, and take the first bytes of the answer alone."""
    with running(answers) as port, ExitStack() as open_sockets:

        def ask(address: str) -> tuple[socket.socket, bytes]:
            client = open_sockets.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(PATIENCE_SECONDS)
            client.bind((address, 0))
            client.connect(("127.0.0.1", port))
            client.sendall(ASK)
            return client, client.recv(12)[9:]

        yield ask


def rest(client: socket.socket) -> int:
    """Take all that still comes."""
    taken = 0
    try:
        while part := client.recv(1 << 20):
            taken += len(part)
    except ConnectionError:
        pass
    return taken


def test_answers_that_nobody_takes_are_bounded_and_keep_nobody_out(answers, asked) -> None:
    """The flood comes from as many networks as one likes; who takes an answer has it whole."""
    slow = [asked(f"127.0.{2 + n}.1") for n in range(16)]
    assert {status for _, status in slow} == {b"200"}
    assert answers.held_bytes <= ROOM
    client, status = asked("127.0.100.1")
    assert status == b"200"
    assert rest(client) >= LONG
    assert answers.held_bytes <= ROOM
    taken = [rest(client) >= LONG for client, _ in slow]
    assert not any(taken[:7])  # those that had waited longest made room
    until(lambda: answers.held_bytes == 0)


def test_one_network_has_its_share_and_is_told_to_come_again(answers, asked) -> None:
    held = [asked(f"127.0.2.{n}") for n in range(1, 6)]
    assert [status for _, status in held] == [b"200", b"200", b"503", b"503", b"503"]
    assert answers.held_bytes == 2 * LONG
    assert asked("127.0.3.1")[1] == b"200"


def test_a_short_answer_needs_no_room_and_one_of_many_takes_it_once() -> None:
    shared, short = bytes(LONG), bytes(PIECE_BYTES)
    bodies = itertools.chain([shared] * 9, [short])
    held = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(next(bodies))(scope, receive, send)

    async def ask() -> None:
        layer = UnsentAnswers(application, LONG)

        async def send(message: dict) -> None:
            await asyncio.sleep(0)
            held.append((layer.held_bytes, message.get("status")))

        for_each = ({"type": "http", "client": (f"192.0.{n}.1", 1)} for n in range(10))
        await asyncio.gather(*(layer(scope, None, send) for scope in for_each))
        assert layer.held_bytes == 0

    asyncio.run(ask())
    assert max(count for count, _ in held) == LONG
    assert {status for _, status in held} == {200, None}


def test_what_is_long_is_sent_in_pieces_and_in_turns() -> None:
    sent: list[tuple[str, dict]] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(bytes(20 * PIECE_BYTES + 1))(scope, receive, send)

    async def ask() -> None:
        layer = UnsentAnswers(application)

        async def answer(name: str) -> None:
            async def send(message: dict) -> None:
                sent.append((name, message))

            await layer({"type": "http", "client": ("192.0.2.1", 1)}, None, send)

        await asyncio.gather(answer("one"), answer("other"))

    asyncio.run(ask())
    assert "other" in [name for name, _ in sent[:5]]
    pieces = [message for name, message in sent if name == "one"][1:]
    assert [len(piece["body"]) for piece in pieces] == [PIECE_BYTES] * 20 + [1]
    assert [piece["more_body"] for piece in pieces] == [True] * 20 + [False]
