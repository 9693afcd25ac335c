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
        return parse_withheld((root / FILE).read_bytes())
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
        after = withheld_after(before, confidential, public)
        if after != before:
            write_withheld(root, after)
    return after


def write_withheld(root: Path, digests: Iterable[str]) -> None:
    """Write which services every edition of a folder hides."""
    root.mkdir(parents=True, exist_ok=True)
    replace_text(root / FILE, withheld_text(digests))


def withheld_after(
    before: frozenset[str], confidential: Iterable[str], public: Iterable[str]
) -> frozenset[str]:
    """Add the digests of confidential services, and leave out those of public ones."""
    return (before - _digests(public)) | _digests(confidential)


def parse_withheld(text: bytes) -> frozenset[str]:
    """Read the digests out of the file; raises ValueError or TypeError when it is another."""
    digests = json.loads(text)
    if not isinstance(digests, list):
        raise TypeError
    return frozenset(digests)


def withheld_text(digests: Iterable[str]) -> str:
    """Write digests as the file has them."""
    return json.dumps(sorted(digests))


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
