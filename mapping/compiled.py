"""The decorator that compiles functions over arrays with numba.

Apart from the types of arrays: numba takes a quarter of a second to import.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let modules that are not loaded yet be missing in the block."""
    modules: dict[str, Any] = sys.modules
    left_out = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(left_out))
    try:
        yield
    finally:
        for name in left_out:
            del modules[name]


# Of what numba loads, we need neither its settings in YAML, nor functions of C, nor products of
# matrices, for which it imports scipy: as long as all of numba, and 60 MB.
with _without("yaml", "cffi", "scipy.linalg.cython_blas"):
    from numba import njit

    runtime: Any = import_module("numba.core.runtime").rtsys
    import_module("numba.core.typing.cffi_utils")
    import_module("numba.np.arraymath")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers with numba, without the GIL, cached on disk."""
    dispatcher: Any = njit(function, cache=True, nogil=True)
    _load_quickly(dispatcher._cache)  # noqa: SLF001 - nothing else gives it
    return cast("Callable[P, R]", dispatcher)


def _load_quickly(machine_code: Any) -> None:
    """Let machine code be loaded without the compiler's tables, and made again where it is old.

    numba reads its tables of types and functions first, as for compiling, which takes a tenth of a
    second and 70 MB; whoever compiles reads them still. And it compares the source of a function
    only after it has read the types of its arguments, which fails for a type that was renamed.
    """
    load = machine_code._load_overload  # noqa: SLF001 - what `load_overload` does after the tables

    def load_or_none(signature: Any, context: Any) -> Any:
        runtime.initialize(context)
        try:
            return load(signature, context)
        except (AttributeError, ImportError):
            machine_code.flush()
            return None

    machine_code.load_overload = load_or_none
