"""A look-up that is answered before all layers says what it says behind them, to the byte."""

import asyncio
import gzip
import json
import socket
import time
from typing import cast

import pytest
from starlette.types import Message

from api.body_limit import MAX_BODY_BYTES
from api.http_messages import HAS_LEFT
from api.look_ups import LookUps
from api.published import Shelf
from tests.api.conftest import Server
from tests.api.test_connections import PATIENCE_SECONDS

NEAR = {"where": {"lon": 9.19, "lat": 45.464}}
RIGHT = {"Host": "localhost", "Content-Type": "application/json"}
PAUSE_SECONDS = 0.1
"""Between head and body: the request is handed on without it."""
ASKED = {
    "plain": (NEAR, {}),
    "of a category": (NEAR | {"categories": ["consultorio"], "count": 3}, {}),
    "as a stroller": (NEAR | {"profile": "stroller"}, {}),
    "packed": (NEAR, {"Accept-Encoding": "gzip, deflate"}),
    "with a condition": (NEAR | {"free": True}, {}),
    "of a day": (NEAR | {"open": "sat 10:00"}, {}),
    "by address": ({"where": {"address": "via Aldini"}}, {}),
    "by another site": (NEAR, {"Origin": "https://example.org"}),
    "far": (NEAR | {"max_minutes": 600}, {}),
    "outside Italy": ({"where": {"lon": 2.35, "lat": 48.85}}, {}),
    "unknown category": (NEAR | {"categories": ["piscina"]}, {}),
    "unknown field": (NEAR | {"minutes": 5}, {}),
    "no body": ("", {}),
    "not JSON": ("{", {}),
    "told to be text": (NEAR, {"Content-Type": "text/plain"}),
    "malformed host": (NEAR, {"Host": "a b"}),
    "without host": (NEAR, {"Host": None}),
    "too long": (NEAR | {"categories": ["x" * MAX_BODY_BYTES]}, {}),
}


Answer = tuple[bytes, dict[bytes, bytes], bytes]


def unpacked(answer: Answer) -> Answer:
    """Give an answer as it was before it was packed, which may be done more or less well."""
    status, headers, body = answer
    assert int(headers.pop(b"content-length")) == len(body)
    return status, headers, gzip.decompress(body)


def answered(server: Server, parts: list[bytes]) -> Answer:
    """Send a request in parts, and give status, headers and body, but for date and id."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.client.base_url.port)) as client:
        client.settimeout(PATIENCE_SECONDS)
        for number, part in enumerate(parts):
            time.sleep(PAUSE_SECONDS * bool(number))
            client.sendall(part)
        while some := client.recv(100_000):
            received += some
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in lines)
    return status, {key: headers[key] for key in headers.keys() - {b"date", b"x-request-id"}}, body


def request(body: object, headers: dict[str, str | None]) -> tuple[bytes, bytes]:
    """Write head and body of a look-up after which the connection ends."""
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    own = RIGHT | headers | {"Content-Length": str(len(content)), "Connection": "close"}
    lines = [f"{name}: {value}" for name, value in own.items() if value is not None]
    head = "\r\n".join(["POST /v1/nearest HTTP/1.1", *lines, "", ""])
    return head.encode(), content


@pytest.mark.parametrize("kind", ASKED)
def test_whether_the_body_comes_with_the_head_changes_nothing(
    pack_server: Server, kind: str
) -> None:
    pack_server.nearest(NEAR["where"])  # the first of a profile is never answered at once
    pack_server.nearest(NEAR["where"], profile="stroller")
    head, body = request(*ASKED[kind])
    at_once, behind_all = answered(pack_server, [head + body]), answered(pack_server, [head, body])
    if kind == "packed":
        at_once, behind_all = unpacked(at_once), unpacked(behind_all)
    assert at_once == behind_all


def test_look_ups_at_once_are_logged_and_counted_as_others_are(pack_server: Server) -> None:
    pack_server.nearest(NEAR["where"])
    answered(pack_server, [b"".join(request(NEAR, {}))])
    last = json.loads(pack_server.log.read_text().splitlines()[-1])
    assert last["request"] == "POST /v1/nearest"
    assert last["status"] == 200


def test_who_left_is_not_worked_on() -> None:
    """Where many wait, a client may leave before its turn."""
    content = json.dumps(NEAR).encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/nearest",
        "headers": [(b"content-type", b"application/json")],
        "client": ("192.0.2.1", 1),
        HAS_LEFT: lambda: True,
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": content}

    async def never(*_: object) -> None:
        raise AssertionError("nothing behind it is asked, and nothing sent")

    # Without a shelf: no edition is looked at.
    asyncio.run(LookUps(never, cast("Shelf", None), "")(scope, receive, never))
