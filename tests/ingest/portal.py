"""A portal on the loopback: a real HTTP server that breaks when it is told to."""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass
class Page:
    body: bytes
    etag: str | None = None
    kind: str = "text/csv"
    status: int = 200
    cuts: list[int] = field(default_factory=list)
    """After how many bytes each of the next answers breaks."""
    tells_length: bool = True
    goes_to: str | None = None
    hold: threading.Event | None = None
    """Nothing more is sent after a cut until this is set."""
    busy_after_cut: list[tuple[int, str]] = field(default_factory=list)
    busy: list[tuple[int, str]] = field(default_factory=list)
    """Status and Retry-After of each of the next answers, before the page is given."""


class Portal(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.pages: dict[str, Page] = {}
        self.service: Callable[[str, dict[str, str]], object] | None = None
        """Answers, given path and query, what is in no page: a page, or what JSON can say."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent_half = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Portal

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        page = self._page()
        if page.busy:
            status, seconds = page.busy.pop(0)
            return self._head(status, {"Retry-After": seconds, "Content-Length": "0"})
        if page.goes_to:
            return self._head(302, {"Location": page.goes_to, "Content-Length": "0"})
        if page.etag and self.headers.get("If-None-Match") == page.etag:
            return self._head(304, {"ETag": page.etag})
        return self._body(page)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _page(self) -> Page:
        if self.path not in self.server.pages and self.server.service:
            place = urlsplit(self.path)
            answer = self.server.service(unquote(place.path), dict(parse_qsl(place.query)))
            self.server.pages[self.path] = answer if isinstance(answer, Page) else as_json(answer)
        return self.server.pages.get(self.path, Page(b"no", status=404))

    def _body(self, page: Page) -> None:
        asked = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-")
        start = int(asked) if self.headers.get("If-Range") == page.etag else 0
        rest = page.body[start:]
        headers = {"Content-Type": page.kind} | ({"ETag": page.etag} if page.etag else {})
        if page.tells_length:
            headers["Content-Length"] = str(len(rest))
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(page.body) - 1}/{len(page.body)}"
        self._head(206 if start else page.status, headers)
        cut = page.cuts.pop(0) if page.cuts else len(rest)
        self.wfile.write(rest[:cut])
        page.busy += page.busy_after_cut
        page.busy_after_cut = []
        self.server.sent_half.set()
        if page.hold and cut < len(rest):
            page.hold.wait(10)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def as_json(answer: object) -> Page:
    """Make a page that says the same until it is replaced."""
    body = json.dumps(answer).encode()
    etag = hashlib.sha256(body).hexdigest()[:16]
    return Page(body, etag=f'"{etag}"', kind="application/json")
