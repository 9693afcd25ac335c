"""The decorator that compiles functions over arrays with numba.

Apart from the types of arrays: numba takes a quarter of a second to import.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

BLAS = "scipy.linalg.cython_blas"
P = ParamSpec("P")
R = TypeVar("R")


def _load_arrays() -> None:
    """Load what numba knows of arrays, without the products of matrices that no kernel needs.

    It imports scipy for them, which takes as long as all of numba and 60 MB.
    """
    modules: dict[str, Any] = sys.modules
    if BLAS not in modules:
        modules[BLAS] = None
        import_module("numba.np.arraymath")
        del modules[BLAS]


_load_arrays()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers with numba, without the GIL, cached on disk."""
    dispatcher: Any = njit(function, cache=True, nogil=True)
    _forgive(dispatcher._cache)  # noqa: SLF001 - nothing else gives it
    return cast("Callable[P, R]", dispatcher)


def _forgive(machine_code: Any) -> None:
    """Let machine code be made again where it is of another version of ours.

    numba compares the source of a function only after it has read the types of its arguments, which
    fails for a type that was renamed since.
    """
    load = machine_code.load_overload

    def load_or_none(*types: Any) -> Any:
        try:
            return load(*types)
        except (AttributeError, ImportError):
            machine_code.flush()
            return None

    machine_code.load_overload = load_or_none
