"""Zip archives from strangers: looked at before anything is unpacked, and then within limits."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from mapping.errors import SourceError

MAX_BYTES = 1_000_000_000
"""What an archive may hold, unpacked."""
MAX_RATIO = 200
"""How much larger than packed; text packs to a tenth, a bomb to a thousandth."""
SMALL_BYTES = 10_000_000
"""An archive that holds no more than this may pack as tightly as it likes."""
MAX_ENTRIES = 10_000
_ENCRYPTED = 0x1


def require_harmless(path: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Refuse an archive that would fill the memory or the disk, or write outside its folder.

    Parameters
    ----------
    path : Path
        A zip, or what is one inside: XLSX, ODS, KMZ.
    max_bytes : int
        What it may hold, unpacked.

    Raises
    ------
    SourceError
        When it is no zip, is damaged or encrypted, or has too much in it, or names of elsewhere.
    """
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
    except (BadZipFile, OSError, ValueError) as error:
        raise SourceError(f"{path.name} is no zip archive, or is damaged: {error}.") from error
    if len(entries) > MAX_ENTRIES:
        raise SourceError(f"{path.name} holds {len(entries)} files, more than {MAX_ENTRIES}.")
    for entry in entries:
        _require_plain(path, entry)
    size = sum(entry.file_size for entry in entries)
    if size > max_bytes:
        raise SourceError(f"{path.name} unpacks to {size} bytes, more than {max_bytes}.")
    if size > SMALL_BYTES and size > MAX_RATIO * path.stat().st_size:
        raise SourceError(
            f"{path.name} unpacks to {size} bytes, over {MAX_RATIO} times its size. Give the file"
            " itself, not packed."
        )


@contextmanager
def unpacked(path: Path, member: str) -> Iterator[Path]:
    """Unpack one file of an archive for a while.

    Parameters
    ----------
    path : Path
        A zip.
    member : str
        The name of the file in it.

    Yields
    ------
    Path
        The file, in a folder of its own that is removed afterwards.

    Raises
    ------
    SourceError
        When the archive is not harmless, or has no such file.
    """
    require_harmless(path)
    with ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        if member not in archive.namelist():
            held = ", ".join(archive.namelist()[:10])
            raise SourceError(f"{path.name} holds no {member}, only: {held}. Mend `member`.")
        target = Path(folder) / PurePosixPath(member).name
        try:
            with archive.open(member) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (BadZipFile, OSError, EOFError) as error:
            raise SourceError(f"{path.name}, {member}: {error}. Fetch the file again.") from error
        yield target


def _require_plain(path: Path, entry: ZipInfo) -> None:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        raise SourceError(
            f"{path.name} holds '{entry.filename[:80]}', a name that leads outside its folder."
        )
    if entry.flag_bits & _ENCRYPTED:
        raise SourceError(f"{path.name} is encrypted. Give it without a password.")
