"""Memory that was freed goes back to the system: a process is as large as what it holds."""

import ctypes
import gc
import os
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

M_MMAP_THRESHOLD = -3
"""As in `malloc.h`."""
GIVEN_BACK_BYTES = 65536
"""Pieces of so many bytes go back as soon as they are freed."""
LOOK_SECONDS, GROWN_BYTES = 30.0, 64 * 1024 * 1024
"""How often a server looks at its memory, and by how much it may grow before pages go back."""


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
    give_pages_back()


async def give_back_often() -> None:
    """Give free pages back for ever, as long as the running process is larger than it was.

    Many answers at once leave pieces between those that stay: the system's allocator keeps them.
    """
    import asyncio  # noqa: PLC0415 - a process that answers once has no use for it

    least = resident_bytes()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if resident_bytes() > least + GROWN_BYTES:
            await asyncio.to_thread(give_pages_back)
            least = min(least, resident_bytes())


def give_pages_back() -> None:
    """Give back the pages that hold nothing, some milliseconds' work."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # of GNU's library alone
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int:
    """Give the memory that this process holds; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
