"""Every value of an Arrow column, however it is nested, coded, or hidden behind a null."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Kind = Any
"""A type of Arrow, which has no types of its own in Python."""


def leaves(name: str, values: pa.Array | pa.ChunkedArray) -> Iterator[tuple[str, pa.Array]]:
    """Take lists, maps, records, unions and codes apart, down to named arrays of plain values.

    Of pairs in a list, each part by itself; of a code, also the words that no row uses; of values
    that are called null, also what is still written there.
    """
    if isinstance(values, pa.ChunkedArray):
        for chunk in values.chunks:
            yield from leaves(name, chunk)
        return
    parts = list(_parts(name, values))
    if not parts:
        yield name, values
        if values.null_count and (bare := _without_nulls(values)) is not None:
            yield name, bare
    for inner, part in parts:
        yield from leaves(inner, part)


def metadata_texts(schema: pa.Schema) -> Iterator[str]:
    """Give the names of all fields, and what the schema and its fields say beside them."""
    waiting = list(schema)
    yield from _words_of(schema.metadata)
    while waiting:
        field = waiting.pop()
        yield field.name
        yield from _words_of(field.metadata)
        waiting += _children(field.type)


def is_text(kind: Kind) -> bool:
    """Whether values of a type are texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def is_binary(kind: Kind) -> bool:
    """Whether values of a type are bytes."""
    return (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or _is(kind, "is_binary_view")
    )


def is_number(kind: Kind) -> bool:
    """Whether values of a type are numbers."""
    whole = pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    return bool(whole or pa.types.is_floating(kind))


def is_list(kind: Kind) -> bool:
    """Whether values of a type are lists of any length."""
    return (
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or _is(kind, "is_list_view")
        or _is(kind, "is_large_list_view")
    )


def _parts(name: str, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    kind = values.type
    if pa.types.is_struct(kind) or pa.types.is_union(kind):
        for number in range(kind.num_fields):
            yield kind.field(number).name, values.field(number)
        return
    unnamed = next((undo for fits, undo in _WRAPPED if fits(kind)), None)
    if unnamed is not None:
        yield from ((name, part) for part in unnamed(values))


def _list_parts(values: pa.Array) -> list[pa.Array]:
    flat, width = values.values, values.type.list_size
    return [flat[start::width] if len(flat) else flat for start in range(width)]


_WRAPPED: tuple[tuple[Callable[[Kind], bool], Callable[[pa.Array], list[pa.Array]]], ...] = (
    (lambda kind: isinstance(kind, pa.BaseExtensionType), lambda values: [values.storage]),
    (lambda kind: _is(kind, "is_string_view"), lambda values: [values.cast(pa.large_string())]),
    (pa.types.is_dictionary, lambda values: [values.dictionary_decode(), values.dictionary]),
    (lambda kind: _is(kind, "is_run_end_encoded"), lambda values: [pc.run_end_decode(values)]),
    (pa.types.is_fixed_size_list, _list_parts),
    (pa.types.is_map, lambda values: [values.keys, values.items]),
    (is_list, lambda values: [values.values]),
)
"""How values of a type lie in another array."""


def _without_nulls(values: pa.Array) -> pa.Array | None:
    buffers = values.buffers()
    kind = values.type
    fixed = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if not (fixed or pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return None
    if any(buffer is None for buffer in buffers[1:]):
        return None
    return pa.Array.from_buffers(kind, len(values), [None, *buffers[1:]], offset=values.offset)


def _children(kind: Kind) -> list[pa.Field]:
    if isinstance(kind, pa.BaseExtensionType):
        return _children(kind.storage_type)
    return [kind.field(number) for number in range(kind.num_fields)]


def _words_of(metadata: dict[bytes, bytes] | None) -> Iterator[str]:
    for pair in (metadata or {}).items():
        yield from (part.decode("utf-8", errors="replace") for part in pair)


def _is(kind: Kind, predicate: str) -> bool:
    # A predicate of newer releases of Arrow.
    known = getattr(pa.types, predicate, None)
    return bool(known and known(kind))
