"""Files that are complete or absent, whatever happens to the process or to the power."""

import errno
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_LOCK = ".lock"
_UNFINISHED = ".tmp-"
PRIVATE = 0o600
"""The mode of a file that its owner alone may read."""


@contextmanager
def locked(folder: Path, *, waits: bool = True) -> Iterator[bool]:
    """Lock a folder against other processes, and say whether it is; readers need no lock.

    It is, unless somebody who `waits` for nobody finds it locked by another. The lock of a killed
    process is released.
    """
    # Not blocking: a pipe in its place would hold whoever opens it.
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            is_ours = False
        else:
            is_ours = True
        yield is_ours
    finally:
        os.close(lock)


def unfinished(folder: Path) -> list[Path]:
    """List what killed processes, or those that are at work, left in a locked folder."""
    return sorted(folder.glob(f"{_UNFINISHED}*"))


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left in a folder that is locked."""
    for leftover in unfinished(folder):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


@contextmanager
def temporary_folder(folder: Path) -> Iterator[Path]:
    """Make a hidden folder inside a locked one, removed at the end unless it was renamed.

    What killed processes left in the locked folder is removed first.
    """
    remove_unfinished(folder)
    fresh = folder / f"{_UNFINISHED}{os.getpid()}"
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def writing_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for bytes that are synced to the disk when the block ends."""
    with path.open("wb") as sink:
        yield sink
        sink.flush()
        os.fsync(sink.fileno())


def rename(path: Path, target: Path) -> None:
    """Give a complete file or folder its final name in the same folder, durably and in one step.

    A file replaces another of that name.
    """
    path.replace(target)
    sync_folder(target.parent)


def replace_text(path: Path, text: str, *, mode: int = 0o666) -> None:
    """Replace the content of a small file, in a locked folder, in one step."""
    fresh = path.with_name(f"{_UNFINISHED}{path.name}")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=mode)
    with writing_file(fresh) as sink:
        sink.write(text.encode())
    rename(fresh, path)


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Read a small file that must be one: a pipe would hold its reader, a device never end.

    Raises OSError when there is none, it is no regular file, or it is larger.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, f"it has more than {max_bytes:,} bytes", str(path))
    return content


def sha256_of(path: Path) -> str:
    """Hash a file without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
