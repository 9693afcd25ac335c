"""Rows of numbers that the processes of a server share, in memory alone."""

import fcntl
import hashlib
import mmap
import os
import secrets
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.void]
WAYS = 16
"""Rows of a set: of those with a name, the oldest gives way to another."""
DAY_SECONDS = 86_400.0


class SharedRows:
    """Rows of one structured type, shared by the processes that are forked after it was made.

    They lie in anonymous memory: nothing is written to a disk.

    Parameters
    ----------
    fields : dtype
        The type of a row; all of it is zero at first.
    count : int
        How many rows.
    salt_seconds : float
        How long a salt lasts: what was counted under an earlier one is nobody's any more.
    """

    def __init__(
        self, fields: "np.dtype[Any]", count: int, *, salt_seconds: float = DAY_SECONDS
    ) -> None:
        self._rows: Rows = np.frombuffer(mmap.mmap(-1, fields.itemsize * count), fields)
        # A file in memory that holds nothing: a lock on it ends with the process that has it.
        self._lock_file = os.memfd_create("prossima-lock")
        self._threads = threading.Lock()
        self._salt, self._salts_gone = secrets.token_bytes(32), 0
        self._salt_seconds, self._started_at = salt_seconds, time.monotonic()
        weakref.finalize(self, os.close, self._lock_file)

    @contextmanager
    def locked(self) -> Iterator[Rows]:
        """Lend the rows to one thread of one process."""
        with self._threads:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
            try:
                yield self._rows
            finally:
                fcntl.lockf(self._lock_file, fcntl.LOCK_UN)

    def key(self, name: str) -> np.uint64:
        """Hash a name under a salt that is never written; the same in every process, never 0."""
        # A later salt is a hash of the one before, which is forgotten: all processes find the same,
        # and nobody finds the way back.
        salts_gone = int((time.monotonic() - self._started_at) / self._salt_seconds)
        for _ in range(salts_gone - self._salts_gone):
            self._salt = hashlib.blake2b(self._salt, digest_size=32).digest()
        self._salts_gone = salts_gone
        digest = hashlib.blake2b(name.encode(), key=self._salt, digest_size=8).digest()
        return np.uint64(int.from_bytes(digest) or 1)


def set_of(rows: Rows, key: np.uint64, sets: int) -> Rows:
    """Give the rows, `WAYS` of them, among which a key may be, in a table of so many sets."""
    start = int(key) % sets * WAYS
    return rows[start : start + WAYS]
