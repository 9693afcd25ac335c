"""The decorator that compiles functions over arrays with numba.

Apart from the types of arrays: numba takes a quarter of a second to import.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit
from numba.core.caching import FunctionCache

P = ParamSpec("P")
R = TypeVar("R")


class MachineCode(FunctionCache):
    """The machine code of a function on disk, made again where it is of another version of ours.

    numba compares the source of a function only after it has read the types of its arguments, which
    fails for a type that was renamed since.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Give the machine code for some types of arguments; None where it is to be made."""
        try:
            return super().load_overload(sig, target_context)
        except (AttributeError, ImportError):
            self.flush()
            return None


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of arrays and numbers with numba, without the GIL, cached on disk."""
    dispatcher = njit(function, nogil=True)
    dispatcher._cache = MachineCode(function)  # noqa: SLF001 - what `cache=True` does
    return cast("Callable[P, R]", dispatcher)
