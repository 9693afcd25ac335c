"""Services that a published edition shows and that have turned out to be confidential since."""

import hashlib
import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from mapping.atomic_files import PRIVATE, locked, read_regular, replace_text
from mapping.edition.manifest import EDITION_ID
from mapping.errors import BrokenEditionError

FILE = "withheld.json"
"""Beside the editions, for their owner alone: hashes of ids that an edition shows. What was never
shown is not in it, for whoever guesses an id could see in it whether he was right."""
MAX_BYTES = 16 * 1024 * 1024
"""Two hundred thousand digests."""

_DIGESTS = TypeAdapter(tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...])


def read_withheld(root: Path) -> frozenset[str]:
    """Read the digests of the services to hide.

    Raises BrokenEditionError when the file cannot be read, or is missing beside editions: without
    it nobody knows what they may not show.
    """
    try:
        return parse_withheld(read_regular(root / FILE, MAX_BYTES))
    except FileNotFoundError:
        if not _holds_editions(root):
            return frozenset()
        reason = "is missing"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except ValidationError:
        reason = "is not what was written"
    raise BrokenEditionError(
        f"{FILE} beside the editions {reason}; without it they might show a confidential place. Run"
        " `prossima editions withhold`, which writes it from the catalogue."
    )


def begin_withheld(root: Path) -> None:
    """Write that nothing is hidden, in the locked folder of a first edition."""
    if not _holds_editions(root) and not (root / FILE).exists():
        write_withheld(root, ())


def withhold(
    root: Path, confidential: Collection[str], *, public: Collection[str] = ()
) -> frozenset[str]:
    """Hide confidential services from every edition of a folder, and show public ones again.

    Raises BrokenEditionError as `read_withheld` does.
    """
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        before = read_withheld(root)
        after = withheld_after(before, confidential, public)
        if after != before or not is_private(root):
            write_withheld(root, after)
    return after


def withhold_anew(root: Path, confidential: Collection[str], *, keep: bool) -> None:
    """Hide services from every edition of a folder, though its file be lost.

    `keep` goes on hiding what the file hides, where it can be read.
    """
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        before = frozenset[str]()
        with suppress(BrokenEditionError):
            before = read_withheld(root) if keep else before
        try:
            write_withheld(root, withheld_after(before, confidential, ()))
        except IsADirectoryError:
            raise BrokenEditionError(
                f"{FILE} beside the editions is a folder. Remove it."
            ) from None


def write_withheld(root: Path, digests: Iterable[str]) -> None:
    """Write which services every edition of a folder hides."""
    root.mkdir(parents=True, exist_ok=True)
    replace_text(root / FILE, withheld_text(digests), mode=PRIVATE)


def is_private(root: Path) -> bool:
    """Whether the file is there, and its owner alone may read it."""
    try:
        return not (root / FILE).stat().st_mode & 0o077
    except FileNotFoundError:
        return False


def withheld_after(
    before: frozenset[str], confidential: Iterable[str], public: Iterable[str]
) -> frozenset[str]:
    """Add the digests of confidential services, and leave out those of public ones."""
    return (before - _digests(public)) | _digests(confidential)


def parse_withheld(text: bytes) -> frozenset[str]:
    """Read the digests out of the file; raises ValidationError when it is another."""
    return frozenset(_DIGESTS.validate_json(text))


def withheld_text(digests: Iterable[str]) -> str:
    """Write digests as the file has them."""
    return _DIGESTS.dump_json(tuple(sorted(digests))).decode()


def withheld_stamp(root: Path) -> int:
    """Give a number that changes with the services to hide; 0 without a file."""
    try:
        return os.stat(f"{root}/{FILE}").st_mtime_ns  # noqa: PTH116 - asked at every request
    except FileNotFoundError:
        return 0


def digest_of(service_id: str) -> str:
    """Hash the id of a service."""
    return hashlib.sha256(service_id.encode()).hexdigest()


def _digests(service_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(map(digest_of, service_ids))


def _holds_editions(root: Path) -> bool:
    return any(EDITION_ID.fullmatch(path.name) for path in root.glob("*Z-*"))
