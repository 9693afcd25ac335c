"""Requests as RFC 9112 wants them read, where the HTTP server alone is too lenient.

Its parser refuses what could be read in two ways: folded lines, half line ends, two lengths. Here
is what it leaves open: forms of a target, trailers, upgrades that nobody takes, and how much of a
message may be neither head nor body.
"""

import re
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

VERSIONS = ("1.0", "1.1")
MAX_HEAD_BYTES = 64 * 1024
"""Of the head of a request, and of what else is not its body; the parser has no limit of its own.
A body in small pieces may have as many bytes again around them as it has itself."""
MAX_PIPELINED = 16
"""Requests that wait on one connection for the answers before theirs; who sends more is cut off."""
HAS_LEFT = "prossima.has_left"
"""In the scope of a request whose body is there, so that to receive it takes no time: says whether
its client has left."""
INVALID = "Invalid HTTP request received."
_ABSOLUTE = re.compile(rb"https?://([^/?@]+)([/?].*)?", re.IGNORECASE | re.DOTALL)
"""A target with its host, and what follows."""
_UPGRADING = (b"upgrade", b"http2-settings")
"""Headers of an upgrade, and what `Connection` calls them."""


class StrictMessages(HttpToolsProtocol):
    """One connection, whose requests are answered as RFC 9112 says, or 400 and closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._overhead_bytes = 0
        self._is_head_whole = self._is_upgrading = self._is_refused = False

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if self._is_refused:
            return
        self._unset_keepalive_if_required()
        self._overhead_bytes += len(data)
        try:
            self._read(data)
        except httptools.HttpParserError:
            self._refuse()
        else:
            if self._overhead_bytes > MAX_HEAD_BYTES:
                self._refuse()

    def _read(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                self.parser.feed_data(left)
            except httptools.HttpParserUpgrade as upgrade:
                head = self._head_without_upgrade()
                self.parser = httptools.HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                self.parser.feed_data(head)
                left = left[upgrade.args[0] :]
            else:
                break

    def on_message_begin(self) -> None:
        """Begin with the head of a request."""
        super().on_message_begin()
        self._is_head_whole = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a line of the head; what comes after a body is no part of it (RFC 9110, 6.5.1)."""
        if not self._is_head_whole:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer; the parser makes an error an answer 400."""
        head_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if head_bytes > MAX_HEAD_BYTES:
            raise ValueError("The head of the request is too long.")
        if self.parser.get_http_version() not in VERSIONS:
            raise ValueError("The version of the request is none that is spoken here.")
        self._is_upgrading = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if self._is_upgrading:
            return  # its head is read again, without what asks for it
        for name, value in self.headers:
            if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                raise ValueError("The coding of the body is none that is undone here.")
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("Too many requests wait for the answers to earlier ones.")
        self._take_origin_form()
        super().on_headers_complete()
        self._is_head_whole = True

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._overhead_bytes -= 2 * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; the next bytes are those of another."""
        if not self._is_upgrading:
            self._overhead_bytes = 0
            cast("dict[str, Any]", self.scope)[HAS_LEFT] = self.transport.is_closing
            super().on_message_complete()

    def _head_without_upgrade(self) -> bytes:
        """Write the head again as if it asked for no upgrade, which any server may do."""
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                options = [option.strip() for option in value.split(b",")]
                value = b", ".join(option for option in options if option.lower() not in _UPGRADING)  # noqa: PLW2901
            if value and name not in _UPGRADING:
                lines.append(b"%s: %s" % (name, value))
        return b"\r\n".join([*lines, b"", b""])

    def _take_origin_form(self) -> None:
        """Read a target with a host, which goes before that of the head (RFC 9112, 3.2.2)."""
        if b"#" in self.url:
            raise ValueError("A target has no fragment.")
        if self.url.startswith(b"/") or (
            self.url == b"*" and self.parser.get_method() == b"OPTIONS"
        ):
            return
        parts = _ABSOLUTE.fullmatch(self.url)
        if parts is None:
            raise ValueError("The target is neither a path nor an address of the web.")
        authority, rest = parts.groups(b"")
        self.url = rest if rest.startswith(b"/") else b"/" + rest
        self.headers[:] = [
            (name, authority if name == b"host" else value) for name, value in self.headers
        ]

    def _refuse(self) -> None:
        """Answer 400 and close, after the answers to requests that were whole before."""
        self._is_refused = True
        last = self.cycle
        is_answered = getattr(last, "response_complete", True)  # none at first
        if not is_answered and not last.more_body:
            last.keep_alive = False
        elif not is_answered and (last.response_started or self.pipeline):
            self.transport.abort()
        else:
            self.send_400_response(INVALID)
