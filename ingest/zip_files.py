"""Zip files of publishers: sizes, names and contents are checked before they are used."""

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

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
_OF_LAYERS = (".shp", ".shx", ".dbf", ".sbn", ".sbx", ".qix", ".cpg")
_XML = (".xml", ".rels", ".kml", ".gml")


def check_archive(path: Path) -> list[str]:
    """List the files of a zip, or of a format that is one (XLSX, ODS, KMZ), once all are unpacked.

    Raises SourceError when it is damaged, encrypted, larger than it may be, or its XML declares a
    document type, because entities come with it.
    """
    tails: dict[str, bytes] = {}
    for name, chunk in _chunks(path, None):
        # Without its NULs a text in UTF-16 reads as one in ASCII; the tail joins two chunks.
        seen = tails.get(name, b"") + chunk.replace(b"\0", b"")
        if name.lower().endswith(_XML) and _DOCTYPE in seen:
            raise SourceError(
                f"{path.name}: a file in it declares a document type, which may hide"
                " endless entities. Save the file anew from the program that made it.",
                detail=f"It is {_shown([name])}.",
            )
        tails[name] = seen[-len(_DOCTYPE) :]
    return list(tails)


@contextmanager
def unpacked(
    path: Path, member: str | None, suffixes: tuple[str, ...], *, many: bool = False
) -> Iterator[Path]:
    """Give a file that may be zipped, for as long as the context lasts; a zip inside stays closed.

    `member` names the file to be read out of a zip, with ``*`` for what changes from one edition to
    the next; what has the same name and another suffix comes with it, as a shapefile needs. Without
    it the zip's only file with one of `suffixes` is meant; if there are several and `many` is set,
    the zip itself is given.
    """
    if not zipfile.is_zipfile(path):
        if member:
            raise SourceError(f"{path.name} is not a zip. Give one, or take away `member`.")
        yield path
        return
    named = _fitting(path, member) if member else _named(path, suffixes)
    if many and len(named) > 1:
        yield path
        return
    member = _only(named, path, suffixes)
    with tempfile.TemporaryDirectory() as folder:
        for name, chunk in _chunks(path, member):
            with (Path(folder) / Path(name).name).open("ab") as file:
                file.write(chunk)
        yield Path(folder) / Path(member).name


def unread(path: Path, read: str, layer: str | None = None) -> Iterator[tuple[str, bytes]]:
    """Give the name and the bytes of each file of a zip but the one that is `read`, and its parts.

    A name without a folder is that of any; of a zip that is read as a whole a `layer` is.
    """
    if not zipfile.is_zipfile(path):
        return
    last, parts = "", list[bytes]()
    stem = (layer or PurePosixPath(read).stem).lower()
    for name, chunk in _chunks(path, None):
        own = PurePosixPath(name)
        is_part = own.suffix.lower() in _OF_LAYERS and own.stem.lower() == stem
        if is_part or read in (name, own.name):
            continue
        if name != last and parts:
            yield last, b"".join(parts)
            parts = []
        last = name
        parts.append(chunk)
    if parts:
        yield last, b"".join(parts)


def _named(path: Path, suffixes: tuple[str, ...]) -> list[str]:
    names = (name for name in check_archive(path) if name.lower().endswith(suffixes))
    return [name for name in names if not _is_sidecar(name)]


def _is_sidecar(name: str) -> bool:
    # A Mac adds a second file for each that it packs, with what only Macs know of it.
    return "__MACOSX" in PurePosixPath(name).parts or PurePosixPath(name).name.startswith("._")


def _fitting(path: Path, member: str) -> list[str]:
    if "*" not in member:
        return [member]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise _damaged(path, error) from error
    # Where none fits, the pattern itself is what the zip does not hold.
    return [
        name
        for name in names
        if fnmatchcase(name.lower(), member.lower()) and not _is_sidecar(name)
    ] or [member]


def _only(names: list[str], path: Path, suffixes: tuple[str, ...]) -> str:
    if len(names) == 1:
        return names[0]
    if not names:
        raise SourceError(f"{path.name} holds no {' or '.join(suffixes)}. Give a zip with one.")
    raise SourceError(
        f"{path.name} holds {len(names)} files that fit. Say which in `member` of the source's"
        " TOML.",
        detail=f"It holds {_shown(names)}.",
    )


def _shown(names: list[str]) -> str:
    return ", ".join(name if name.isprintable() else ascii(name) for name in names[:10])


def _chunks(path: Path, member: str | None) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in _wanted(archive, path, member):
                yield info.filename, b""
                with archive.open(info) as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        yield info.filename, chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(f"{path.name} is a damaged zip: {error}. Fetch the file again.")


def _wanted(archive: zipfile.ZipFile, path: Path, member: str | None) -> list[zipfile.ZipInfo]:
    # A zip file object stops at the declared size, so that what is declared bounds what is read.
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if member is not None:
        names = _shown([info.filename for info in infos])
        stem = f"{PurePosixPath(member).with_suffix('')}."
        infos = [info for info in infos if f"{PurePosixPath(info.filename)}.".startswith(stem)]
        if member not in {info.filename for info in infos}:
            detail = f"Use one of: {names}."
            raise SourceError(f"{path.name} has no file '{member}'.", detail=detail)
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
        raise SourceError(
            f"{path.name} holds a path that leads out of the zip.", detail=f"It is {name!r}."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SourceError(
            f"{path.name} holds a link. Give a zip of plain files.", detail=f"It is {name!r}."
        )
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(f"{path.name} is locked by a password. Give a zip without one.")
