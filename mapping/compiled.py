"""The decorator that compiles functions over arrays with numba.

Apart from the types of arrays: numba takes a quarter of a second to import.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers with numba, without the GIL, cached on disk."""
    return cast("Callable[P, R]", njit(function, cache=True, nogil=True))
