"""Writing an edition: every file hashed, the folder renamed when it is complete."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import JsonValue

from mapping.atomic_files import (
    locked,
    rename,
    sync_folder,
    temporary_folder,
    writing_file,
)
from mapping.edition.edition import Edition
from mapping.edition.manifest import (
    TABLE_NAME,
    EditionFile,
    EditionSource,
    Manifest,
    fingerprint,
    write_manifest,
)
from mapping.edition.withheld import begin_withheld
from mapping.errors import BadInputError

GROUP_ROWS = 8192
"""Rows of a table that are read together: whoever wants few passes over the others."""


def write(
    root: Path,
    tables: Mapping[str, pa.Table | bytes],
    *,
    city: str,
    software_version: str,
    parameters: Mapping[str, JsonValue],
    sources: Sequence[EditionSource],
) -> Edition:
    """Write an edition; it is complete or it is not there, and `publish` makes it the one read.

    Parameters
    ----------
    root : Path
        The folder of editions, ``var/editions``; made when missing.
    tables : mapping of str to pyarrow.Table or bytes
        By file name: ``*.parquet`` is compressed, ``*.arrow`` is laid out for mapping to memory;
        ``*.pmtiles`` are map tiles, bytes that are written as they are.
    city : str
        Id of the city.
    software_version : str
        Version of the software that built the tables.
    parameters : mapping
        What the build was told, JSON values.
    sources : sequence of EditionSource
        What the tables rest on.

    Returns
    -------
    Edition
        Not published yet. Equal content written within one second is one edition, the first.

    Raises
    ------
    BadInputError
        When a file name is not that of a table.
    """
    _require_table_names(tables)
    root.mkdir(parents=True, exist_ok=True)
    with locked(root), temporary_folder(root) as folder:
        files = tuple(_write_file(folder / name, tables[name]) for name in sorted(tables))
        created_at = datetime.now(UTC).replace(microsecond=0)
        manifest = Manifest(
            city=city,
            id=_edition_id(created_at, files),
            created_at=created_at,
            software_version=software_version,
            parameters=dict(parameters),
            sources=tuple(sources),
            files=files,
        )
        write_manifest(folder, manifest)
        sync_folder(folder)
        begin_withheld(root)
        if not (root / manifest.id).exists():
            rename(folder, root / manifest.id)
    return Edition.open(root / manifest.id)


def adopt(root: Path, edition: Edition) -> Edition:
    """Move an edition that was written into another folder among those of `root`, in one step.

    Where `root` has it already, that one goes on.
    """
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        begin_withheld(root)
        if not (root / edition.id).exists():
            rename(edition.path, root / edition.id)
    return Edition.open(root / edition.id)


def _require_table_names(names: Iterable[str]) -> None:
    for name in names:
        if not TABLE_NAME.fullmatch(name):
            raise BadInputError(
                f"'{name}' is no file of an edition: NAME.parquet, NAME.arrow, NAME.pmtiles."
            )


def _edition_id(created_at: datetime, files: Sequence[EditionFile]) -> str:
    content = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    return f"{created_at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _write_file(path: Path, content: pa.Table | bytes) -> EditionFile:
    if isinstance(content, bytes):
        with writing_file(path) as sink:
            sink.write(content)
    else:
        _write_table(path, content)
    return fingerprint(path)


def _write_table(path: Path, table: pa.Table) -> None:
    # In one chunk: how a table was put together must not show in the hash of its content.
    whole = table.combine_chunks()
    with writing_file(path) as sink:
        if path.suffix == ".parquet":
            pq.write_table(whole, sink, compression="zstd", row_group_size=GROUP_ROWS)
        else:
            with pa.ipc.new_file(sink, whole.schema) as writer:
                writer.write_table(whole)
