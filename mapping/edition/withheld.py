"""Services that a published edition shows and that have turned out to be confidential since."""

import hashlib
import json
from collections.abc import Collection, Iterable
from pathlib import Path

from mapping.atomic_files import locked, replace_text
from mapping.errors import BrokenEditionError

FILE = "withheld.json"
"""Beside the editions: hashes of ids, so that the file itself names nobody."""


def read_withheld(root: Path) -> frozenset[str]:
    """Read the digests of the services to hide; empty without a file."""
    try:
        digests = json.loads((root / FILE).read_text(encoding="utf-8"))
        return frozenset(digests)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, TypeError) as error:
        raise BrokenEditionError(
            f"{FILE} beside the editions cannot be read: nothing is shown without it. Run"
            " `prossima build`, which writes it anew."
        ) from error


def withhold(
    root: Path, confidential: Collection[str], *, public: Collection[str] = ()
) -> frozenset[str]:
    """Hide confidential services from every edition of a folder, and show public ones again."""
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        try:
            before = read_withheld(root)
        except BrokenEditionError:
            before = frozenset()
        after = (before - _digests(public)) | _digests(confidential)
        if after != before:
            write_withheld(root, after)
    return after


def write_withheld(root: Path, digests: Iterable[str]) -> None:
    """Write which services every edition of a folder hides."""
    root.mkdir(parents=True, exist_ok=True)
    replace_text(root / FILE, json.dumps(sorted(digests)))


def withheld_stamp(root: Path) -> int:
    """Give a number that changes with the services to hide; 0 without a file."""
    try:
        return (root / FILE).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def digest_of(service_id: str) -> str:
    """Hash the id of a service."""
    return hashlib.sha256(service_id.encode()).hexdigest()


def _digests(service_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(map(digest_of, service_ids))
