"""The pages of a paged service in one zip, in the order in which they were received."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from mapping.errors import SourceError

_UNIX = 3


def page_name(number: int, suffix: str) -> str:
    """Name a page inside the zip by its number, from 1, such as ``page-0001.json``."""
    return f"page-{number:04d}{suffix}"


def bind(pages: Sequence[Path], target: Path) -> None:
    """Write pages into one zip; the same pages give the same bytes on every machine and day."""
    # Stored: what deflate makes of the same bytes differs between versions of zlib.
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for page in pages:
            entry = ZipInfo(page.name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = _UNIX
            archive.writestr(entry, page.read_bytes())


def page_names(path: Path) -> list[str]:
    """List the pages of a file in order; empty when the file is no zip of pages."""
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError):
        return []
    return sorted(names) if all(name.startswith("page-") for name in names) else []


def read_page(path: Path, name: str) -> bytes:
    """Read one page as it was received. Raises SourceError when the zip is damaged."""
    try:
        with ZipFile(path) as archive:
            return archive.read(name)
    except (BadZipFile, OSError, KeyError) as error:
        raise SourceError(f"{path.name}, {name}: {error}. Fetch the file again.") from error


def json_pages(path: Path) -> Iterator[tuple[str, Any]]:
    """Read a JSON file page by page; a file that is no zip of pages is one page.

    Gives where each stands, for messages, and what it says: numbers stay text, since a code may
    begin with 0. Raises SourceError when a page is not JSON.
    """
    for name in page_names(path) or [""]:
        where = f"{path.name}, {name}" if name else path.name
        body = read_page(path, name) if name else path.read_bytes()
        try:
            yield where, json.loads(body, parse_float=str, parse_int=str)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{where} is not JSON: {error}. Fetch the file again.") from error
