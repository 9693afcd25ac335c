"""Prints what stands beside a list as lines of JSON: a program, run in a process of its own.

What others packed or stored may unpack without end. Here memory is bounded, and what dies is only
this process.
"""

import json
import resource
import sqlite3
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path

from ingest.allowance import PartsAllowance
from ingest.file_parts import aside_of, aside_of_store, unread
from ingest.passages import Aside
from ingest.zip_files import unread as unread_files
from mapping.errors import SourceError

MEMORY_BYTES = 2**30
MOST_LETTERS = 2**24
"""Of all that is said beside one list: to judge more takes longer than a build may."""


def main(kind: str, words: list[str]) -> None:
    """Print one part of what is said on each line; of a damaged file, why it cannot be read."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = MEMORY_BYTES if most == resource.RLIM_INFINITY else min(MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        aside = _aside(kind, words)
    except SourceError as error:
        _say({"refused": error.public, "detail": str(error).removeprefix(error.public)})
    except (sqlite3.DatabaseError, zipfile.BadZipFile) as error:
        _say({"damaged": str(error)})
    else:
        _say({"passages": [asdict(passage) for passage in aside.passages], "tables": [
            {**vars(table), "rows": table.rows} for table in aside.tables
        ]})  # fmt: skip


def _aside(kind: str, words: list[str]) -> Aside:
    left, aside = PartsAllowance(), Aside()
    if kind == "layers":
        path, layer = words
        aside.add(_heard(aside_of_store(Path(path), layer, left), "altre tabelle"))
    elif kind == "files":
        for near in map(Path, words):
            aside.add(_heard(aside_of(near.name, near.read_bytes(), left), f"file «{near.name}»"))
    else:
        path, read, layer = words
        for name, content in unread_files(Path(path), read, layer or None):
            aside.add(_heard(aside_of(name, content, left), f"file «{name}»"))
    return _heard(aside, "altri file")


def _heard(aside: Aside, part: str) -> Aside:
    letters = sum(len(passage.text) for passage in aside.passages)
    cells = (cell for table in aside.tables for row in table.rows for cell in row.cells)
    return unread(part) if letters + sum(map(len, cells)) > MOST_LETTERS else aside


def _say(record: object) -> None:
    sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
