"""Requests over raw sockets, as RFC 9112 wants them read: one meaning, or none."""

import contextlib
import json
import socket
from collections.abc import Iterator

import pytest

from api.http_messages import MAX_HEAD_BYTES, MAX_PIPELINED
from tests.api.conftest import Server
from tests.api.test_connections import PATIENCE_SECONDS, running

HOST = b"Host: localhost\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST
POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
LAST = b"Connection: close\r\n\r\n"
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


async def mirror(scope, receive, send) -> None:
    """Say how a request was read."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    read = {"path": scope["path"], "query": scope["query_string"].decode(), "body": body.decode()}
    said = json.dumps(read | {"headers": headers}).encode() + b"\n"
    length = [(b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": said})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running(mirror) as port:
        yield port


def sent(port: int, *parts: bytes) -> bytes:
    """Send a request that closes the connection, and give all that comes back."""
    received = b""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(PATIENCE_SECONDS)
        with contextlib.suppress(ConnectionError):
            for part in parts:
                client.sendall(part)
            while some := client.recv(100_000):
                received += some
    return received


def read(port: int, request: bytes) -> list[dict]:
    """How requests were read that were sent in one piece."""
    lines = sent(port, request).splitlines()
    return [json.loads(line) for line in lines if line.startswith(b"{")]


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 5\r\n" + LAST + b"hello",
     b"Transfer-Encoding: chunked\r\n" + LAST + b"5\r\nhello\r\n0\r\n\r\n"],
)  # fmt: skip
def test_an_upgrade_that_nobody_takes_changes_nothing(port: int, body: bytes) -> None:
    asked, plain = read(port, POST + UPGRADE + body), read(port, POST + body)
    assert plain[0]["body"] == "hello"
    assert asked == plain


def test_many_upgrades_at_once_are_as_many_requests(port: int) -> None:
    length = b"Content-Length: 2\r\n\r\nok"
    many = MAX_PIPELINED - 1
    answers = read(port, (POST + UPGRADE + length) * many + POST + UPGRADE + LAST)
    assert [answer["body"] for answer in answers] == ["ok"] * many + [""]


def test_what_curl_sends_is_answered_as_without_an_upgrade(pack_server: Server) -> None:
    question = json.dumps({"where": {"lon": 9.19, "lat": 45.4642}, "count": 1}).encode()
    head = b"POST /v1/nearest HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    length = b"Content-Length: %d\r\n" % len(question)
    port = pack_server.client.base_url.port
    plain, asked = (
        sent(port, head + more + length + LAST + question).partition(b"\r\n\r\n")
        for more in (b"", UPGRADE)
    )
    assert plain[0].startswith(b"HTTP/1.1 200 ")
    assert b'"results"' in plain[2]
    assert asked[2] == plain[2]


def test_what_comes_after_a_body_is_no_header(port: int) -> None:
    trailers = b"X-Forwarded-For: 192.0.2.7\r\nHost: elsewhere\r\n\r\n"
    (answer,) = read(port, CHUNKED + LAST + b"2;a=b\r\nok\r\n0\r\n" + trailers)
    assert answer["body"] == "ok"
    assert answer["headers"]["host"] == "localhost"
    assert "x-forwarded-for" not in answer["headers"]


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://Elsewhere:8/x?y", "/x", "y"),
        (b"HTTPS://Elsewhere:8?y", "/", "y"),
        (b"http://Elsewhere:8", "/", ""),
    ],
)
def test_a_target_with_a_host_goes_before_the_header(
    port: int, target: bytes, path: str, query: str
) -> None:
    (answer,) = read(port, GET.replace(b"/ ", target + b" ", 1) + LAST)
    assert (answer["path"], answer["query"]) == (path, query)
    assert answer["headers"]["host"] == "Elsewhere:8"


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(GET + b"X-Long: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", id="long header"),
        pytest.param(GET.replace(b"/ ", b"/" + b"x" * MAX_HEAD_BYTES + b" ", 1) + LAST, id="url"),
        pytest.param(CHUNKED + b"Content-Length: 2\r\n\r\n0\r\n\r\n", id="coding, length"),
        pytest.param(POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     id="length, coding"),
        pytest.param(POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", id="two lengths"),
        pytest.param(POST + b"Content-Length: 2, 3\r\n\r\nok", id="two lengths in a line"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", id="less than nothing"),
        pytest.param(POST + b"Content-Length: +2\r\n\r\nok", id="a sign"),
        pytest.param(POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", id="a huge length"),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", id="gzip"),
        pytest.param(POST + b"Transfer-Encoding: identity\r\n\r\nok", id="identity"),
        pytest.param(POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", id="twice"),
        pytest.param(POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", id="a hidden one"),
        pytest.param(GET + b"User-Agent: \x1b[2J\r\n\r\n", id="escape"),
        pytest.param(GET + b"X: a\0b\r\n\r\n", id="NUL in a value"),
        pytest.param(GET + b"X\0: a\r\n\r\n", id="NUL in a name"),
        pytest.param(GET.replace(b"/ ", b"/\0 ", 1) + LAST, id="NUL in a target"),
        pytest.param(GET + b"Name : blank\r\n\r\n", id="a blank before the colon"),
        pytest.param(GET + b"X: a\r\n b\r\n\r\n", id="folded"),
        pytest.param(GET + b"X: a\r\n\tb\r\n\r\n", id="folded by a tab"),
        pytest.param(b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n", id="folded at first"),
        pytest.param(b"GET / HTTP/1.1\nHost: localhost\n\n", id="LF"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", id="LF in the head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", id="CR in the head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\n", id="LF at the end"),
        pytest.param(CHUNKED + b"\r\n2\nok\n0\n\n", id="LF between chunks"),
        pytest.param(CHUNKED + b"\r\n2;a\nok\r\n0\r\n\r\n", id="LF after an extension"),
        pytest.param(CHUNKED + b"\r\n0x2\r\nok\r\n0\r\n\r\n", id="a prefix of a size"),
        pytest.param(CHUNKED + b"\r\n" + b"f" * 17 + b"\r\nok\r\n0\r\n\r\n", id="a huge chunk"),
        pytest.param(CHUNKED + b"\r\n2\r\nokay\r\n0\r\n\r\n", id="a chunk too long"),
        pytest.param(GET.replace(b"/ ", b"http://a:b@localhost/ ", 1) + LAST, id="a user"),
        pytest.param(GET.replace(b"/ ", b"ftp://localhost/ ", 1) + LAST, id="another scheme"),
        pytest.param(GET.replace(b"/ ", b"localhost/ ", 1) + LAST, id="no path"),
        pytest.param(GET.replace(b"/ ", b"* ", 1) + LAST, id="a star"),
        pytest.param(GET.replace(b"/ ", b"/#a ", 1) + LAST, id="a fragment"),
        pytest.param(GET.replace(b"/ ", b"/\xe8 ", 1) + LAST, id="a letter"),
        pytest.param(b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n", id="a tunnel"),
        pytest.param(b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", id="a version"),
        pytest.param(b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", id="HTTP/2 without an agreement"),
        pytest.param(b"GET /\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="a preface of HTTP/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="TLS"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_answered_400_and_closed(port: int, request_bytes: bytes) -> None:
    received = sent(port, request_bytes)
    assert not received or received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1") <= 1
    assert read(port, GET + LAST)


@pytest.mark.parametrize("after", [b"NONSENSE\r\n\r\n", GET.replace(b"/ ", b"* ", 1) + LAST])
def test_a_request_before_nonsense_gets_its_own_answer(port: int, after: bytes) -> None:
    received = sent(port, GET + b"\r\n" + after)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("before", "more"),
    [(b"", b"1;" + b"x" * 1000 + b"\r\nx\r\n"), (b"0\r\n", b"X: " + b"x" * 1000 + b"\r\n")],
    ids=["extensions of chunks", "trailers"],
)
def test_what_is_neither_head_nor_body_has_an_end(port: int, before: bytes, more: bytes) -> None:
    received = sent(port, CHUNKED + b"\r\n" + before, *[more] * 200)
    assert not received or received.startswith(b"HTTP/1.1 400 ")


def test_a_head_behind_a_request_that_takes_long_has_an_end(port: int) -> None:
    waiting = POST + b"Content-Length: 1\r\n\r\n"  # its body never comes
    received = sent(port, waiting + b"x" + GET + b"X: ", *[b"x" * 10_000] * 20)
    assert received.count(b"HTTP/1.1") <= 2


def test_a_body_in_small_pieces_is_read(port: int) -> None:
    pieces = b"8\r\n01234567\r\n" * 10_000 + b"0\r\n\r\n"
    (answer,) = read(port, CHUNKED + LAST + pieces)
    assert answer["body"] == "01234567" * 10_000


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n",
        GET + HOST,
        b"GET / HTTP/1.0\r\n" + HOST + HOST,
        b"GET / HTTP/1.1\r\nHost: local host\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost:x\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost/x\r\n",
        b"GET / HTTP/1.1\r\nHost: a@localhost\r\n",
        b"GET / HTTP/1.1\r\nHost: local%host\r\n",
        b"GET / HTTP/1.1\r\nHost: l\xf2calhost\r\n",
        b"GET / HTTP/1.1\r\nHost: [::1\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n",
        b"GET http://localhost/ HTTP/1.1\r\n",
        b"GET http://local^host/ HTTP/1.1\r\n" + HOST,
        b"GET http://[x/ HTTP/1.1\r\n" + HOST,
    ],
)
def test_a_request_names_one_host(pack_server: Server, head: bytes) -> None:
    received = sent(pack_server.client.base_url.port, head + LAST)
    assert received.startswith(b"HTTP/1.1 400 ")


def test_an_old_request_needs_no_host(pack_server: Server) -> None:
    port = pack_server.client.base_url.port
    assert sent(port, b"GET /health HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert sent(port, b"GET /health HTTP/1.1\r\nHost: [::1]:8000\r\n" + LAST).startswith(
        b"HTTP/1.1 200 "
    )
