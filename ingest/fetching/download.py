"""Downloads one file from one address: streamed, capped, resumed; a dead host is asked once."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import httpx
from httpx_retries import Retry, RetryTransport
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.fetching.private_hosts import refusal
from mapping.atomic_files import read_regular
from mapping.errors import SourceError

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
"""Silence after which a server is given up."""
TOTAL_SECONDS = 900.0
"""A whole download: a server that drips a byte at a time may not hang a build."""
ATTEMPTS = 3
BUSY = (429, 500, 502, 503, 504)
"""Answers of a server that may do better a moment later."""
LONGEST_WAIT_SECONDS = 60.0
"""A server that asks for a longer wait is given up."""
MAX_NOTE_BYTES = 16 * 1024 * 1024
"""Of a note beside a download: that of ten thousand pages has some megabytes."""
USER_AGENT = "Mozilla/5.0 (compatible; prossima)"

Progress = Callable[[int, int | None], None]
"""Bytes done, and bytes in all when the publisher says how many."""


class Version(BaseModel):
    """What a publisher says of the bytes behind an address."""

    model_config = ConfigDict(frozen=True)

    url: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the bytes only if they have changed."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}

    @property
    def validator(self) -> str | None:
        """What proves that a second half belongs to a first; a weak ETag proves nothing."""
        strong = self.etag if self.etag and not self.etag.startswith("W/") else None
        return strong or self.last_modified


class _Patience(Retry):
    """Waits between attempts as long as the server asks, but not beyond reason."""

    def sleep(self, response: httpx.Response | Exception) -> None:
        """Wait before another attempt, or refuse to."""
        # Nothing but an answer comes here: exceptions are not retried.
        if isinstance(response, httpx.Response):
            self._refuse_long(response)
        super().sleep(response)

    def _refuse_long(self, response: httpx.Response) -> None:
        try:
            seconds = self.parse_retry_after(response.headers.get("Retry-After", ""))
        except ValueError:
            return
        if seconds > LONGEST_WAIT_SECONDS:
            raise SourceError(
                f"the answer was HTTP {response.status_code}, to be asked again in {seconds:.0f} s;"
                f" a build waits {LONGEST_WAIT_SECONDS:.0f} s at most"
            )


class _Route(httpx.BaseTransport):
    """Routes requests through the machine's proxy, which httpx ignores with a custom transport."""

    def __init__(self) -> None:
        self._ways: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the proxy for its scheme, or directly."""
        proxy = _proxy(request.url)
        if proxy not in self._ways:
            self._ways[proxy] = httpx.HTTPTransport(proxy=proxy)
        return self._ways[proxy].handle_request(request)

    def close(self) -> None:
        """Close every transport."""
        for way in self._ways.values():
            way.close()


class _InterruptedError(Exception):
    """The connection broke, or the halves do not fit: another attempt is worth making."""


class _PartialFile:
    """The bytes so far of a download under way, and the version that they are of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._note = path.with_suffix(".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def version_of(self, url: str) -> Version | None:
        """Read the version of a partial file; None when it cannot be resumed."""
        try:
            version = Version.model_validate_json(read_regular(self._note, MAX_NOTE_BYTES))
        except (OSError, ValidationError):
            return None
        return version if version.url == url and version.validator and self.size else None

    def begin(self, version: Version) -> None:
        self.drop()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(version.model_dump_json(), encoding="utf-8")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.forget()

    def forget(self) -> None:
        """Delete the note of its version, so that no later run resumes the file."""
        self._note.unlink(missing_ok=True)


class Downloader:
    """Downloads for one run; a host that failed is not asked again.

    A server is given up after `read_seconds` of silence.
    """

    def __init__(
        self, *, progress: Progress | None = None, read_seconds: float = READ_SECONDS
    ) -> None:
        self.unreachable: dict[str, str] = {}
        self._progress = progress
        self._read_seconds = read_seconds
        self._asked_host = ""
        self._resolved: set[str] = set()
        self._open: httpx.Client | None = None

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Share connections among the downloads in the block: a new one costs more than a page."""
        with self._client() as client:
            self._open = client
            try:
                yield
            finally:
                self._open = None

    def fetch(
        self, url: str, part: Path, *, max_bytes: int, already: int = 0
    ) -> tuple[Path, Version]:
        """Download one address, http or https, to a file for the caller to move away.

        What an interrupted run left in `part` is resumed. `already` are bytes that came before
        from other addresses, where several make one download: they count towards `max_bytes`.
        Raises SourceError, with the reason, when the address does not give an acceptable file.
        """
        download = self._fetch(url, part, _Limits(max_bytes, already), None)
        if download is None:
            raise SourceError("the answer was HTTP 304 to an unconditional question")
        return download

    def fetch_if_changed(
        self, url: str, part: Path, *, max_bytes: int, known: Version, already: int = 0
    ) -> tuple[Path, Version] | None:
        """Download one address as `fetch` does; None when the known version has not changed."""
        return self._fetch(url, part, _Limits(max_bytes, already), known)

    def reach(self, url: str) -> None:
        """Check that a host answers whose data another library downloads; any answer will do.

        Raises SourceError when the host gives no answer, now or earlier in this run.
        """
        try:
            with self._client() as client:
                client.head(url, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._given_up(_words(error)) from error

    def _fetch(
        self, url: str, path: Path, limits: "_Limits", known: Version | None
    ) -> tuple[Path, Version] | None:
        part = _PartialFile(path)
        reason = ""
        with nullcontext(self._open) if self._open else self._client() as client:
            for _ in range(ATTEMPTS):
                try:
                    return self._attempt(client, _Task(url, part, limits, known))
                except _InterruptedError as error:
                    reason = str(error)
        self.unreachable[self._asked_host] = reason
        raise SourceError(f"the transfer broke {ATTEMPTS} times: {reason}")

    def _client(self) -> httpx.Client:
        return httpx.Client(
            timeout=httpx.Timeout(self._read_seconds, connect=CONNECT_SECONDS),
            follow_redirects=True,
            # Compressed bytes can neither be resumed nor capped before they are unpacked.
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            event_hooks={"request": [self._decide]},
            transport=RetryTransport(_Route(), _patience()),
        )

    def _decide(self, request: httpx.Request) -> None:
        """Refuse a private host, or one that failed before; asked before each hop of a redirect."""
        host = self._asked_host = request.url.host
        if host in self.unreachable:
            raise SourceError(f"{host} gave no answer earlier in this run")
        if host in self._resolved:
            return
        behind_proxy = _proxy(request.url) is not None
        addresses = [] if behind_proxy else _addresses(host, CONNECT_SECONDS)
        if reason := refusal(host, addresses):
            raise SourceError(reason)
        if not (addresses or behind_proxy):
            raise self._given_up("no address for this name")
        self._resolved.add(host)

    def _given_up(self, reason: str) -> SourceError:
        self.unreachable[self._asked_host] = reason
        return SourceError(f"{self._asked_host} gave no answer: {reason}")

    def _attempt(self, client: httpx.Client, task: "_Task") -> tuple[Path, Version] | None:
        try:
            with client.stream("GET", task.url, headers=task.headers) as response:
                return self._receive(response, task)
        except (httpx.ReadError, httpx.RemoteProtocolError) as error:
            raise _InterruptedError(_words(error)) from error
        except (httpx.TimeoutException, httpx.ConnectError, httpx.ProxyError) as error:
            raise self._given_up(_words(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(_words(error)) from error

    def _receive(self, response: httpx.Response, task: "_Task") -> tuple[Path, Version] | None:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return None
        version, total = task.opened(response)
        self._write(response, task, total)
        if total is not None and task.part.size != total:
            raise _InterruptedError(f"{task.part.size} bytes of {total}")
        _refuse_page(task.part)
        task.part.forget()
        return task.part.path, version

    def _write(self, response: httpx.Response, task: "_Task", total: int | None) -> None:
        done = task.part.size
        with task.part.path.open("ab") as file:
            # As they come: bytes gathered into chunks would be lost with a broken transfer.
            for chunk in response.iter_bytes():
                done += len(chunk)
                task.check(done)
                file.write(chunk)
                if self._progress:
                    self._progress(task.already + done, None if task.already else total)


@dataclass(frozen=True)
class _Limits:
    max_bytes: int
    already: int
    deadline: float = field(default_factory=lambda: time.monotonic() + TOTAL_SECONDS)


class _Task:
    """One download: what is asked, what is already here, and its limits."""

    def __init__(
        self, url: str, part: _PartialFile, limits: _Limits, known: Version | None
    ) -> None:
        self.url, self.part, self.known = url, part, known
        self.already = limits.already
        self._limits = limits
        self._resumed = part.version_of(url)

    @property
    def headers(self) -> dict[str, str]:
        if self._resumed:
            conditions = {"Range": f"bytes={self.part.size}-"}
            return conditions | {"If-Range": self._resumed.validator or ""}
        return self.known.conditions if self.known else {}

    def opened(self, response: httpx.Response) -> tuple[Version, int | None]:
        """Make the part ready for the body: appended to, or begun anew."""
        if response.status_code == httpx.codes.PARTIAL_CONTENT and self._resumed:
            return self._resumed, self._continued(response)
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.part.drop()
            raise _InterruptedError("the rest of the file is no longer there")
        if response.status_code != httpx.codes.OK:
            raise SourceError(f"the answer was HTTP {response.status_code}")
        _refuse_content_type(response)
        version, total = _version(self.url, response), _length(response)
        self.part.begin(version)
        self.check(total or 0)
        return version, total

    def _continued(self, response: httpx.Response) -> int | None:
        span, _, total = response.headers.get("Content-Range", "").partition("/")
        if span != f"bytes {self.part.size}-{span.rpartition('-')[2]}":
            self.part.drop()
            raise _InterruptedError("the second half does not fit the first")
        total_bytes = int(total) if total.isdecimal() else None
        self.check(total_bytes or 0)
        return total_bytes

    def check(self, size: int) -> None:
        """Refuse what is too large or takes too long."""
        if self._limits.already + size > self._limits.max_bytes:
            self.part.drop()
            raise SourceError(f"the file is larger than {self._limits.max_bytes} bytes")
        if time.monotonic() > self._limits.deadline:
            raise SourceError(f"the transfer took more than {TOTAL_SECONDS:.0f} s")


def _patience() -> Retry:
    # What breaks a connection is decided upon here, not in the transport.
    return _Patience(
        total=ATTEMPTS - 1,
        allowed_methods=["GET"],
        status_forcelist=BUSY,
        retry_on_exceptions=(),
        backoff_factor=0.5,
        backoff_jitter=0.5,
    )


def _version(url: str, response: httpx.Response) -> Version:
    if "Content-Encoding" in response.headers:
        return Version(url=url)
    names = ("ETag", "Last-Modified")
    etag, last_modified = (response.headers.get(name) for name in names)
    return Version(url=url, etag=etag, last_modified=last_modified)


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    encoded = "Content-Encoding" in response.headers
    return int(text) if text.isdecimal() and not encoded else None


def _refuse_content_type(response: httpx.Response) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise SourceError(f"the answer is a web page ({kind}), not data")


def _refuse_page(part: _PartialFile) -> None:
    """Refuse an empty file, and the page that a portal sends, with code 200, for a missing one."""
    with part.path.open("rb") as file:
        head = file.read(512)
    if not head:
        part.drop()
        raise SourceError("the file is empty")
    if (
        head.removeprefix(b"\xef\xbb\xbf")
        .lstrip()
        .lower()
        .startswith((b"<!doctype html", b"<html"))
    ):
        part.drop()
        raise SourceError("the answer is a web page, not data")


def _proxy(url: httpx.URL) -> str | None:
    """Find the proxy that looks up the name, so that this machine need not know it."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _addresses(host: str, seconds: float) -> list[str]:
    """Look a name up within a time: a resolver may take minutes, and httpx sets it no limit."""
    addresses: list[str] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            addresses.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, None))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    return list(addresses)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
