"""Memory that was freed goes back to the system, so that a server is as large as what it holds."""

import ctypes
import gc
from contextlib import suppress

import pyarrow as pa


def give_back() -> None:
    """Free what nothing leads to any more, and give free pages back.

    An edition is many small pieces between those of the next: without this a server that takes
    another each night grows by some megabytes a night, though it holds one edition only.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # of GNU's library alone
        ctypes.CDLL(None).malloc_trim(0)
