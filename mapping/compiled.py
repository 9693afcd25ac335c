"""The decorator that compiles functions over arrays with numba.

Apart from the types of arrays: numba takes a quarter of a second to import. It is imported when a
kernel first needs it, which one in a library of machine code (`machine_code`) does not.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property, update_wrapper
from importlib import import_module
from typing import Any, Generic, ParamSpec, TypeVar, cast

from mapping import machine_code

P = ParamSpec("P")
R = TypeVar("R")


class Kernel(Generic[P, R]):
    """A function of arrays and numbers that is compiled, without the GIL, and kept on disk.

    Parameters
    ----------
    function : callable
        What is compiled.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        update_wrapper(self, function)
        self.function = function
        self.name = f"{function.__module__}.{function.__qualname__}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the machine code: that of the library as long as nothing else has loaded numba."""
        if not kwargs and "numba" not in sys.modules:
            try:
                return cast("R", machine_code.call(self.name, args))
            except machine_code.NotHeldError:
                pass
        return cast("R", self.dispatcher(*args, **kwargs))

    def unchecked(self, *args: P.args, **_none: P.kwargs) -> Callable[P, R]:
        """Give the machine code that a call with these arguments ran, where numba compiled it.

        It takes arguments of the same types alone, and does not look at them: for fifty arrays that
        takes as long as the walk from a place to its nearest services.
        """
        if "numba" not in sys.modules:
            return self
        types = tuple(map(self.dispatcher.typeof_pyval, args))
        overload = self.dispatcher.overloads.get(types)  # none where the library was called
        return self if overload is None else cast("Callable[P, R]", overload.entry_point)

    @cached_property
    def dispatcher(self) -> Any:
        """The function as numba compiles it."""
        dispatcher = load_compiler()(self.function, cache=True, nogil=True)
        _load_quickly(dispatcher._cache)  # noqa: SLF001 - nothing else gives it
        return dispatcher

    @property
    def _numba_type_(self) -> Any:
        """By this numba knows it in the kernels that call it."""
        return self.dispatcher._numba_type_


def compiled(function: Callable[P, R]) -> Kernel[P, R]:
    """Compile a function of arrays and numbers with numba, without the GIL, cached on disk."""
    return Kernel(function)


@cache
def load_compiler() -> Callable[..., Any]:
    """Import numba, now, and give its decorator: a process that answers many times calls faster."""
    # Of what numba loads, we need neither its settings in YAML, nor functions of C, nor products of
    # matrices, for which it imports scipy: as long as all of numba, and 60 MB.
    with _without("yaml", "cffi", "scipy.linalg.cython_blas"):
        numba = import_module("numba")
        import_module("numba.core.typing.cffi_utils")
        import_module("numba.np.arraymath")
    return cast("Callable[..., Any]", numba.njit)


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


def _load_quickly(cached_code: Any) -> None:
    """Let machine code be loaded without the compiler's tables, and made again where it is old.

    numba reads its tables of types and functions first, as for compiling, which takes a tenth of a
    second and 70 MB; whoever compiles reads them still. And it compares the source of a function
    only after it has read the types of its arguments, which fails for a type that was renamed.
    """
    load = cached_code._load_overload  # noqa: SLF001 - what `load_overload` does after the tables
    runtime = import_module("numba.core.runtime").rtsys

    def load_or_none(signature: Any, context: Any) -> Any:
        runtime.initialize(context)
        try:
            return load(signature, context)
        except (AttributeError, ImportError):
            cached_code.flush()
            return None

    cached_code.load_overload = load_or_none
