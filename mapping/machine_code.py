"""Kernels in a library that `mapping.walking.link_kernels` made, called without numba.

numba takes a fifth of a second and 100 MB to load: more than all else that one look-up does.
"""

import ctypes
import hashlib
import importlib
import os
import platform
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import orjson

PACKAGE = Path(__file__).parent
INDEX = "kernels_index"
"""The symbol of the library that says what it holds: JSON."""
RELEASE = "NRT_decref"
"""The function of numba's runtime that gives memory back."""
SLOT = ctypes.c_int64
"""What a number, or an address, takes in what a kernel returns."""


class NotHeldError(Exception):
    """The library does not hold such a kernel for such arguments, or could not run it."""


def library_paths() -> list[Path]:
    """Say where a library of these sources, this numba and this kind of processor may be.

    In NUMBA_CACHE_DIR, where there is one, or beside the modules; the first is where to write it.
    It is made for any processor of its kind, so that an image may be built on another machine.
    """
    numba = find_spec("numba")
    versions = (
        () if numba is None or not numba.origin else (Path(numba.origin).parent / "_version.py",)
    )
    digest = hashlib.sha256(f"{platform.machine()} {np.__version__}".encode())
    for source in (
        *sorted((PACKAGE / "walking").glob("*.py")),
        PACKAGE / "machine_code.py",
        *versions,
    ):
        digest.update(source.read_bytes())
    caches = [Path(folder) for folder in (os.environ.get("NUMBA_CACHE_DIR"),) if folder]
    name = f"kernels-{digest.hexdigest()[:16]}.so"
    return [folder / name for folder in (*caches, PACKAGE / "walking" / "__pycache__")]


def call(name: str, arguments: tuple[Any, ...]) -> Any:
    """Call a kernel of the library; raises NotHeldError where there is none for such arguments."""
    library, index = _library()
    entry = index.get(name, {}).get(" ".join(map(described, arguments)))
    if library is None or entry is None:
        raise NotHeldError
    returned = (SLOT * _slots(entry["returns"]))()
    raised = ctypes.c_void_p()
    flat = [part for argument in arguments for part in _flat(argument)]
    status = library[entry["symbol"]](ctypes.byref(returned), ctypes.byref(raised), *flat)
    if status:
        raise NotHeldError  # an exception: numba says which
    return _value(entry["returns"], iter(returned), library)


def described(value: Any) -> str:
    """Name the type of an argument; what no kernel takes is named ``?``."""
    if isinstance(value, np.ndarray):
        flags = value.flags
        is_plain = flags.c_contiguous and flags.writeable and flags.aligned
        return f"{value.dtype.str}{value.ndim}" if is_plain else "?"
    if isinstance(value, tuple):
        return f"{class_name(type(value))}({' '.join(map(described, value))})"
    names = {bool: "bool", np.bool_: "bool", int: "int", np.int64: "int"}
    return "float" if isinstance(value, float) else names.get(type(value), "?")


def class_name(own: type) -> str:
    """Name a class as `_class` finds it."""
    return f"{own.__module__}:{own.__qualname__}"


@cache
def _library() -> tuple[ctypes.CDLL | None, dict[str, Any]]:
    """Load the library, and what it holds by kernel and arguments; nothing where none was made."""
    paths = library_paths() if sys.platform == "linux" else []
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return None, {}
    try:
        library = ctypes.CDLL(str(path))
    except OSError:
        return None, {}
    text = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(library, INDEX)))
    return library, orjson.loads(text)


def _flat(value: Any) -> Iterator[Any]:
    """Give an argument as numba's functions take it: arrays in seven parts, tuples in theirs."""
    if isinstance(value, np.ndarray):
        nobody = 0  # the array belongs to Python: numba's runtime counts no references to it
        yield from map(SLOT, (nobody, nobody, value.size, value.itemsize, value.ctypes.data))
        yield from map(SLOT, (*value.shape, *value.strides))
    elif isinstance(value, tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield ctypes.c_double(value) if isinstance(value, float) else SLOT(int(value))


def _slots(returns: Any) -> int:
    match returns:
        case {"fields": fields}:
            return sum(map(_slots, fields))
        case {"dimensions": dimensions}:
            return 5 + 2 * int(dimensions)
    return 1


def _value(returns: Any, slots: Iterator[int], library: ctypes.CDLL) -> Any:
    """Read what a kernel returned out of its slots; arrays are copied, and their memory freed."""
    match returns:
        case {"fields": fields, "type": named}:
            values = [_value(field, slots, library) for field in fields]
            return _class(named)(*values) if named else tuple(values)
        case {"dimensions": dimensions, "dtype": dtype}:
            owner, _, size, item_bytes, address = (next(slots) for _ in range(5))
            shape = [next(slots) for _ in range(dimensions)]
            strides = [next(slots) for _ in range(dimensions)]
            copy = np.empty(shape, _dtype(dtype))
            assert not size or [*copy.strides] == strides  # noqa: S101 - kernels return whole arrays
            ctypes.memmove(copy.ctypes.data, address, size * item_bytes)
            library[RELEASE](ctypes.c_void_p(owner))
            return copy
        case "float":
            return ctypes.c_double.from_buffer(SLOT(next(slots))).value
    return next(slots)


def _dtype(described: str | list[list[str]]) -> np.dtype[Any]:
    """Read a type of an array; JSON has lists in the place of the fields of records."""
    return np.dtype(described if isinstance(described, str) else list(map(tuple, described)))


@cache
def _class(name: str) -> Any:
    module, _, own = name.partition(":")
    return getattr(importlib.import_module(module), own)
