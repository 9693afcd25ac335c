"""Files that are wholly there or not at all, whatever happens to the process or to the power."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_LOCK = ".lock"
_UNFINISHED = ".tmp-"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process holds the folder, and hold it; a killed process lets go.

    Parameters
    ----------
    folder : Path
        An existing folder. Readers do not ask, and never wait.
    """
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Give a new folder inside another, to be renamed when complete; else it is removed.

    Parameters
    ----------
    folder : Path
        A folder that this process holds (`alone`): what killed processes left there is removed.

    Yields
    ------
    Path
        The new folder, with a hidden name.
    """
    for leftover in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    fresh = folder / f"{_UNFINISHED}{os.getpid()}"
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def writing_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that is on the disk, not only in memory, when the block ends.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    file object
        Open for writing bytes.
    """
    with path.open("wb") as sink:
        yield sink
        sink.flush()
        os.fsync(sink.fileno())


def rename(path: Path, target: Path) -> None:
    """Give a file or folder its final name, durably and in one step; a file replaces another.

    Parameters
    ----------
    path : Path
        What is complete and on the disk.
    target : Path
        Its final name, in the same folder.
    """
    path.replace(target)
    sync_folder(target.parent)


def replace_text(path: Path, text: str) -> None:
    """Replace the content of a small file in one step.

    Parameters
    ----------
    path : Path
        In a folder that this process holds (`alone`).
    text : str
        Its new content.
    """
    fresh = path.with_name(f"{_UNFINISHED}{path.name}")
    with writing_file(fresh) as sink:
        sink.write(text.encode())
    rename(fresh, path)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
