"""The downloads of one run that nobody has judged yet: no run leaves one behind.

A list of services may name a confidential place, and who downloads it cannot know. So its file and
the parts of it lie apart, in a folder of the run, until the list was read; what a killed run left
there is deleted by the next one, before anything else.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from mapping.atomic_files import locked

FOLDER = "unjudged"
PRIVATE_FOLDER = 0o700


class UnjudgedFolder:
    """The folder of one run, made when it is first asked for, and held by a lock until `close`."""

    def __init__(self, raw: Path) -> None:
        self._root = raw / FOLDER
        self._folder_and_lock: tuple[Path, int] | None = None
        if self._root.is_dir():
            with locked(self._root):
                for folder in self._root.iterdir():
                    _remove_unless_held(folder)

    @property
    def path(self) -> Path:
        """The folder; nobody else may read it."""
        if self._folder_and_lock is None:
            self._root.mkdir(parents=True, exist_ok=True)
            self._root.chmod(PRIVATE_FOLDER)
            with locked(self._root):
                folder = Path(mkdtemp(dir=self._root))
                self._folder_and_lock = folder, _open(folder)
                fcntl.flock(self._folder_and_lock[1], fcntl.LOCK_EX)
        return self._folder_and_lock[0]

    def close(self) -> None:
        """Delete all that was not judged."""
        if self._folder_and_lock is not None:
            folder, lock = self._folder_and_lock
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            self._folder_and_lock = None


def left_behind(raw: Path) -> list[Path]:
    """List the folders of runs that were killed."""
    root = raw / FOLDER
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    return [folder for folder in folders if _is_free(folder)]


def _is_free(folder: Path) -> bool:
    with _seized(folder) as is_ours:
        return is_ours


def _remove_unless_held(folder: Path) -> None:
    if not folder.is_dir():
        return
    with _seized(folder) as is_ours:
        if is_ours:
            shutil.rmtree(folder)


@contextmanager
def _seized(folder: Path) -> Iterator[bool]:
    lock = _open(folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(lock)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
