"""Reading a stranger's file in a process of its own: what it does to memory and time is bounded."""

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import ParamSpec, TypeVar

from mapping.errors import SourceError

MAX_MEMORY_BYTES = 2_000_000_000
"""What a reader may take beyond what it needs before it opens the file."""
MAX_CPU_SECONDS = 120

P = ParamSpec("P")
T = TypeVar("T")


def isolated(read: Callable[P, T], path: Path, *args: P.args, **kwargs: P.kwargs) -> T:
    """Read a file with a library that might break on a hostile one.

    Parameters
    ----------
    read : callable
        A function of a module, whose arguments and result can be pickled.
    path : Path
        The file, named in the error.
    *args, **kwargs
        What the function is called with.

    Returns
    -------
    object
        What the function returns.

    Raises
    ------
    SourceError
        When the file takes too much memory or time, or breaks the library; else whatever the
        function raises.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_limit) as pool:
        try:
            return pool.submit(read, *args, **kwargs).result()
        except (BrokenProcessPool, MemoryError) as error:
            raise SourceError(
                f"{path.name} cannot be read within {MAX_MEMORY_BYTES // 1_000_000} MB and"
                f" {MAX_CPU_SECONDS} s. Give a smaller file, or one that a spreadsheet has saved"
                " anew."
            ) from error


def _limit() -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MAX_MEMORY_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
