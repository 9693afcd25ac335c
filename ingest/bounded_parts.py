"""Asks a process of bounded memory and time what stands beside a list, in files of others."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.file_parts import unread
from ingest.passages import Aside, Passage, SideRow, SideTable
from mapping.errors import SourceError

READ_SECONDS = 120
_PROGRAM = "ingest.parts_process"


def aside_of_zip(path: Path, read: str, layer: str | None = None) -> Aside:
    """Read what the files of a zip say, but the one that is `read`, as a list is or a `layer`."""
    if not zipfile.is_zipfile(path):
        return Aside()
    return _ask("zip", [str(path.absolute()), read, layer or ""], path)


def aside_of_files(paths: Sequence[Path]) -> Aside:
    """Read what some files say."""
    if not paths:
        return Aside()
    return _ask("files", [str(path.absolute()) for path in paths], paths[0])


def aside_of_layers(path: Path, layer: str) -> Aside:
    """Read what an SQLite file says beside a layer. Raises SourceError when it is damaged."""
    return _ask("layers", [str(path.absolute()), layer], path)


def _ask(kind: str, words: Sequence[str], path: Path) -> Aside:
    # What the process unpacks is gone with the folder, though it be killed.
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        try:
            subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-I", "-m", _PROGRAM, kind, *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": folder},
                timeout=READ_SECONDS,
                check=True,
            )
        except subprocess.SubprocessError:
            return unread(f"quel che sta accanto all'elenco in «{path.name}»")
        output.seek(0)
        answer = json.load(output)
    if "refused" in answer:
        raise SourceError(answer["refused"], detail=answer["detail"].strip())
    if "damaged" in answer:
        detail = "".join(filter(str.isprintable, answer["damaged"]))
        raise SourceError(
            f"{path.name} cannot be read. Fetch the file again.", detail=f"It was said: {detail}."
        )
    return _aside(answer)


def _aside(answer: dict[str, Any]) -> Aside:
    passages = [Passage(**passage) for passage in answer["passages"]]
    tables = [
        SideTable(**{**table, "rows": [SideRow(*row) for row in table["rows"]]})
        for table in answer["tables"]
    ]
    return Aside(passages, tables=tables)
