"""Editions that stand in for the published one, where it cannot be opened."""

from contextlib import suppress
from pathlib import Path

from mapping.edition.edition import (
    POINTER,
    PREVIOUS,
    Edition,
    current,
    folder_of,
    list_editions,
    pointed_id,
)
from mapping.edition.manifest import read_head
from mapping.errors import NoEditionError, ProssimaError


def previous(root: Path) -> Edition | None:
    """Open the edition that was published before the present one; None when it cannot be."""
    try:
        published = read_head(folder_of(root, pointed_id(root / POINTER)))
        edition = Edition.open(folder_of(root, pointed_id(root / PREVIOUS)))
    except ProssimaError:
        return None
    return edition if published.city in (None, edition.manifest.city) else None


def stand_in(root: Path) -> Edition | None:
    """Open what can answer while the published edition cannot; None when nothing can.

    It is the one published before. Where the pointer itself leads nowhere, and nothing tells of an
    earlier one, it is the newest edition that opens; without any pointer nothing was published.
    """
    with suppress(NoEditionError):
        current(root)
        return previous(root)
    names = [*_previous_id(root), *(list_editions(root) if (root / POINTER).exists() else ())]
    for name in names:
        with suppress(ProssimaError):
            return Edition.open(folder_of(root, name))
    return None


def _previous_id(root: Path) -> list[str]:
    try:
        return [pointed_id(root / PREVIOUS)]
    except NoEditionError:
        return []
