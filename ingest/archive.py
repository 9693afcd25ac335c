"""Zip files from anywhere: what they promise and what they hold is checked before it is used."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from mapping.errors import SourceError

MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 512 * 2**20
MAX_RATIO = 200
"""Honest tables shrink to a fiftieth at the most; deflate can reach a thousandth."""
RATIO_FROM_BYTES = 16 * 2**20
"""Below this size no ratio does harm."""
_CHUNK_BYTES = 2**20
_ENCRYPTED = 0x1
_DOCTYPE = b"<!DOCTYPE"
_XML = (".xml", ".rels", ".kml")


def check_archive(path: Path) -> list[str]:
    """Unpack a zip into nothing, to see that it is whole and of a bearable size.

    Parameters
    ----------
    path : Path
        A zip, or a format that is one (XLSX, ODS, KMZ). A document type in its XML is refused,
        because entities come with it.

    Returns
    -------
    list of str
        The names of its files.

    Raises
    ------
    SourceError
        When it is damaged, encrypted, or larger than it may be.
    """
    tails: dict[str, bytes] = {}
    for name, chunk in _chunks(path, None):
        # Without its NULs a text in UTF-16 reads as one in ASCII; the tail joins two chunks.
        seen = tails.get(name, b"") + chunk.replace(b"\0", b"")
        if name.lower().endswith(_XML) and _DOCTYPE in seen:
            raise SourceError(
                f"{path.name}: {name} declares a document type, which may hide endless entities."
                " Save the file anew from the program that made it."
            )
        tails[name] = seen[-len(_DOCTYPE) :]
    return list(tails)


def unpack(path: Path, member: str, folder: Path) -> Path:
    """Unpack one file of a zip; a zip inside of it stays closed.

    Parameters
    ----------
    path : Path
        The zip.
    member : str
        The file's name, as the zip spells it.
    folder : Path
        Where the file goes, under its last name alone.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SourceError
        When there is no such file, or the zip is not to be trusted.
    """
    target = folder / Path(member).name
    with target.open("wb") as file:
        for _, chunk in _chunks(path, member):
            file.write(chunk)
    return target


def _chunks(path: Path, member: str | None) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in _wanted(archive, path, member):
                yield info.filename, b""
                with archive.open(info) as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        yield info.filename, chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise SourceError(
            f"{path.name} is a damaged zip: {error}. Fetch the file again."
        ) from error


def _wanted(archive: zipfile.ZipFile, path: Path, member: str | None) -> list[zipfile.ZipInfo]:
    # A zip file object stops at the declared size, so that what is declared bounds what is read.
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if member is not None:
        infos = [info for info in infos if info.filename == member]
        if not infos:
            names = ", ".join(archive.namelist()[:10])
            raise SourceError(f"{path.name} has no file '{member}'. Use one of: {names}.")
    _check_sizes(infos, path)
    for info in infos:
        _check_entry(info, path)
    return infos


def _check_sizes(infos: list[zipfile.ZipInfo], path: Path) -> None:
    if len(infos) > MAX_MEMBERS:
        raise SourceError(
            f"{path.name} holds {len(infos)} files, more than {MAX_MEMBERS}. Give a smaller zip."
        )
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > MAX_UNPACKED_BYTES:
        raise SourceError(
            f"{path.name} unpacks to {unpacked >> 20} MB, more than {MAX_UNPACKED_BYTES >> 20}."
            " Give a smaller file."
        )
    if unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed:
        raise SourceError(
            f"{path.name} unpacks to {unpacked // max(packed, 1)} times its size, more than"
            f" {MAX_RATIO}: a zip bomb. Fetch the file from its publisher."
        )


def _check_entry(info: zipfile.ZipInfo, path: Path) -> None:
    name = info.filename
    if name.startswith("/") or ".." in Path(name).parts or "\\" in name or ":" in name:
        raise SourceError(f"{path.name} holds the path '{name}', which leads out of the zip.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SourceError(f"{path.name}: '{name}' is a link. Give a zip of plain files.")
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(f"{path.name} is locked by a password. Give a zip without one.")
