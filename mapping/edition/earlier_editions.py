"""Editions that stand in for the published one, where it cannot be opened."""

from contextlib import suppress
from pathlib import Path

from mapping.edition.edition import (
    POINTER,
    PREVIOUS,
    Edition,
    folder_of,
    list_editions,
    pointed_id,
)
from mapping.edition.manifest import read_head
from mapping.errors import NoEditionError, ProssimaError


def previous(root: Path) -> Edition | None:
    """Open the edition that was published before the present one; None when it cannot be."""
    try:
        city = read_head(folder_of(root, pointed_id(root / POINTER))).city
        edition = Edition.open(folder_of(root, pointed_id(root / PREVIOUS)))
    except ProssimaError:
        return None
    return edition if city in (None, edition.manifest.city) else None


def stand_in(root: Path) -> Edition | None:
    """Open what can answer while the published edition cannot; None when nothing can.

    It is the one published before, or else the newest edition that opens, of the same city as far
    as that is known; without any pointer nothing was published.
    """
    city = _published_city(root)
    names = [*_previous_id(root), *(list_editions(root) if (root / POINTER).exists() else ())]
    for name in names:
        with suppress(ProssimaError):
            edition = Edition.open(folder_of(root, name))
            if city in (None, edition.manifest.city):
                return edition
    return None


def _published_city(root: Path) -> str | None:
    try:
        return read_head(folder_of(root, pointed_id(root / POINTER))).city
    except ProssimaError:
        return None


def _previous_id(root: Path) -> list[str]:
    try:
        return [pointed_id(root / PREVIOUS)]
    except NoEditionError:
        return []
