"""The rows that a shapefile marks as deleted: its table keeps them until somebody repacks it."""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

_HEADER = struct.Struct("<4xIHH")
_DELETED = b"*"
_BLOCK_ROWS = 10_000


def deleted_rows(path: Path, layer: str | None) -> int:
    """Count the rows of a shapefile that are marked as deleted; 0 of any other file.

    Parameters
    ----------
    path : Path
        A ``.shp`` beside its ``.dbf``, or a zip with both.
    layer : str or None
        Which of several in a zip; without a name, the only one.

    Returns
    -------
    int
        The rows that no program shows.
    """
    with _table(path, layer) as file:
        return 0 if file is None else _deleted(file)


@contextmanager
def _table(path: Path, layer: str | None) -> Iterator[IO[bytes] | None]:
    if path.suffix.lower() == ".shp":
        beside = next((each for each in _same_stem(path) if each.suffix.lower() == ".dbf"), None)
        if beside is None:
            yield None
        else:
            with beside.open("rb") as file:
                yield file
        return
    if not zipfile.is_zipfile(path):
        yield None
        return
    with zipfile.ZipFile(path) as archive:
        tables = {PurePosixPath(name).stem: name for name in archive.namelist() if _is_table(name)}
        name = tables.get(layer) if layer else next(iter(tables.values()), None)
        if name is None:
            yield None
        else:
            with archive.open(name) as member:
                yield member


def _is_table(name: str) -> bool:
    return name.lower().endswith(".dbf")


def _same_stem(path: Path) -> Iterator[Path]:
    return (each for each in path.parent.iterdir() if each.stem == path.stem)


def _deleted(file: IO[bytes]) -> int:
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return 0
    rows, header_bytes, row_bytes = _HEADER.unpack(head)
    file.read(header_bytes - len(head))
    count = 0
    while rows > 0 and row_bytes > 0:
        block = file.read(row_bytes * min(rows, _BLOCK_ROWS))
        if not block:
            break
        count += sum(block[at : at + 1] == _DELETED for at in range(0, len(block), row_bytes))
        rows -= _BLOCK_ROWS
    return count
