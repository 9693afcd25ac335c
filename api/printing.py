"""Pages as PDF: what they show is in our own folder, and nothing is fetched from anywhere."""

import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint import HTML  # type: ignore[import-untyped]
from weasyprint.urls import URLFetcher, URLFetcherResponse  # type: ignore[import-untyped]

from mapping.errors import BusyError

STATIC = Path(__file__).with_name("static")
AT_ONCE = 2
"""Pages that a server lays out at the same time: each keeps a processor busy."""
_slots = threading.BoundedSemaphore(AT_ONCE)


class _OwnFiles(URLFetcher):  # type: ignore[misc]
    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        ours = Path(unquote(parts.path)).resolve().is_relative_to(STATIC.resolve())
        if parts.scheme != "data" and not ours:
            raise ValueError("A printed page shows its own files only.")
        return super().fetch(url, headers)


def pdf(html: str) -> bytes:
    """Lay a page out on paper.

    Parameters
    ----------
    html : str
        Its style sheets and pictures are `data:` or lie in `STATIC`.

    Returns
    -------
    bytes
        A tagged PDF, which a screen reader can follow.

    Raises
    ------
    BusyError
        When as many pages as may be are being laid out.
    """
    if not _slots.acquire(blocking=False):
        raise BusyError
    try:
        fetcher = _OwnFiles(allowed_protocols={"file", "data"})
        page = HTML(string=html, url_fetcher=fetcher)
        written: bytes = page.write_pdf(pdf_tags=True)
        return written
    finally:
        _slots.release()
