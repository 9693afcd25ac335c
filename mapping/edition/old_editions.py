"""Old editions of a machine: which may go, and their removal."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mapping.atomic_files import locked, rename, temporary_folder
from mapping.edition.earlier_editions import previous
from mapping.edition.edition import current, list_editions

AT_REST = timedelta(hours=1)
"""What was written more recently may be half sent, half copied or about to be published."""


def old_editions(
    written: Mapping[str, datetime], staying: Collection[str], before: datetime, now: datetime
) -> list[str]:
    """Choose, of editions and when each was last written, those made `before`, oldest first."""
    return [
        name
        for name, moment in sorted(written.items())
        if name not in staying and made_at(name) < before and moment < now - AT_REST
    ]


def made_at(edition_id: str) -> datetime:
    """Read from its id when an edition was made."""
    return datetime.strptime(edition_id.partition("-")[0], "%Y%m%dT%H%M%S%z")


def remove_old(root: Path, before: datetime, now: datetime) -> list[str]:
    """Remove the editions that were made `before`, and give their ids, oldest first.

    The published one stays, the one before it, and what was written a short while before `now`.
    Raises NoEditionError when none is published: then nobody can tell which one is needed.
    """
    current(root)  # without one there may be no folder to lock
    with locked(root):
        earlier = previous(root)
        staying = {current(root).name, *([earlier.id] if earlier else ())}
        written = {
            name: datetime.fromtimestamp((root / name).stat().st_mtime, UTC)
            for name in list_editions(root)
        }
        gone = old_editions(written, staying, before, now)
        for name in gone:
            with temporary_folder(root) as folder:
                # Gone in one step: nobody finds half of it.
                rename(root / name, folder / name)
    return gone
