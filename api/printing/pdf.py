"""Lay pages out as PDF, from files of our own folder only: nothing is fetched."""

import importlib
import io
import threading
from collections.abc import Iterable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from api.printing.fonts import stylesheet
from mapping.errors import BusyError, ProssimaError

STATIC = Path(__file__).parents[1] / "static"
AT_ONCE = 2
"""Pages that a server lays out at the same time: each keeps a processor busy."""
PATIENCE_SECONDS = 20.0
VARIANT = "pdf/ua-1"
"""ISO 14289-1: tagged, with its title and its languages, so that a screen reader can follow."""
_slots = threading.BoundedSemaphore(AT_ONCE)


class NoPrinterError(ProssimaError, RuntimeError):
    """A system library that PDF needs is missing."""

    def __init__(self) -> None:
        super().__init__(
            "No PDF can be made: the library Pango is not on this machine; pages work without it."
            " Install it: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
        )


def pdf(html: str) -> bytes:
    """Lay a page out as a tagged PDF; its style sheets and pictures are `data:` or lie in `STATIC`.

    Raises BusyError when too many pages are being laid out, NoPrinterError when a library is
    missing.
    """
    return _printed([html], None)


def one_sheet(versions: Iterable[str]) -> bytes:
    """Lay out the first of several versions of a page, the fullest first, that fits one sheet.

    The last must fit whatever it holds. Raises as `pdf` does.
    """
    return _printed(versions, 1)


@cache
def printer() -> Any:
    """Import WeasyPrint. Raises NoPrinterError when the machine lacks a library for it."""
    # Opened here: it takes most of a second, and says on many lines what one line can say.
    try:
        with redirect_stdout(io.StringIO()):
            return importlib.import_module("weasyprint")
    except OSError as error:
        raise NoPrinterError from error


def _printed(versions: Iterable[str], sheets: int | None) -> bytes:
    opened = printer()
    if not _slots.acquire(timeout=PATIENCE_SECONDS):
        raise BusyError
    try:
        laid_out = None
        for html in versions:
            laid_out = _laid_out(opened, html)
            if sheets is None or len(laid_out.pages) <= sheets:
                break
        assert laid_out is not None  # noqa: S101 - there is a last version
        written: bytes = laid_out.write_pdf(pdf_variant=VARIANT)
        return written
    finally:
        _slots.release()


def _laid_out(opened: Any, html: str) -> Any:
    fonts = opened.text.fonts.FontConfiguration()
    fetcher = _own_files(opened)(allowed_protocols={"file", "data"})
    letters = opened.CSS(string=stylesheet(html), font_config=fonts, url_fetcher=fetcher)
    page = opened.HTML(string=html, url_fetcher=fetcher)
    return page.render(font_config=fonts, stylesheets=[letters], pdf_variant=VARIANT)


@cache
def _own_files(opened: Any) -> Any:
    class OwnFiles(opened.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            parts = urlsplit(url)
            path = Path(unquote(parts.path)).resolve()
            if parts.scheme != "data" and not path.is_relative_to(STATIC.resolve()):
                raise ValueError("A printed page shows its own files only.")
            if path.suffix == ".woff2":
                return opened.urls.URLFetcherResponse(url, _unpacked(path))
            return super().fetch(url, headers)

    return OwnFiles


@cache
def _unpacked(font: Path) -> bytes:
    # Unpacking a font takes longer than laying a page out with it.
    unpacked = io.BytesIO()
    with TTFont(font, recalcTimestamp=False) as read:
        read.flavor = None
        read.save(unpacked)
    return unpacked.getvalue()
