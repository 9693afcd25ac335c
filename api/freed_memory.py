"""Memory that was freed goes back to the system: a process is as large as what it holds."""

import ctypes
import gc
from contextlib import suppress

import pyarrow as pa

M_MMAP_THRESHOLD = -3
"""As in `malloc.h`."""
GIVEN_BACK_BYTES = 65536
"""Pieces of so many bytes go back as soon as they are freed."""


def keep_little() -> None:
    """Let a process that answers once hold nothing in reserve for what comes after.

    Arrow's own pool sets 40 MB aside for tables of a few, and the system's allocator learns from
    what was freed to keep as much.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(AttributeError):  # of GNU's library alone
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, GIVEN_BACK_BYTES)


def give_back() -> None:
    """Free what nothing leads to any more, and give free pages back.

    An edition is many small pieces between those of the next: without this a server that takes
    another each night grows by some megabytes a night, though it holds one edition only.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # of GNU's library alone
        ctypes.CDLL(None).malloc_trim(0)
