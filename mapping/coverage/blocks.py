"""Rows of coverage as blocks of one level and situation, and blocks as the published table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapping.arrays import Floats
from mapping.coverage.situations import Situation
from mapping.disclosure import SECTION
from mapping.tables import COVERAGE

Objects = npt.NDArray[np.object_]
FLAGS = ("estimated", "estimated_2nd", "estimated_3rd")
_CODED = (
    "level", "area_id", "category", "profile", "window", "requirement", "class", "reason",
    "may_come", "has_room", "sureness",
)  # fmt: skip


class Head(NamedTuple):
    """Level, category and situation of a block of rows, and whether the list is complete."""

    level: str
    category: str
    situation: Situation
    estimated: bool
    is_complete: bool


@dataclass(frozen=True, eq=False)
class Block:
    """The rows of one level, category and situation; a column that is missing is unknown."""

    head: Head
    area_id: Objects
    classes: Objects
    reasons: Objects
    may_come: Objects
    has_room: Objects
    sureness: Objects
    numbers: Mapping[str, Floats]


def table(blocks: Iterable[Block]) -> pa.Table:
    """Put blocks together, sections last, so that a reader of larger areas skips them."""
    ordered = sorted(blocks, key=lambda block: block.head.level == SECTION)
    return pa.table({name: _column(name, ordered) for name in COVERAGE.names})


def _column(name: str, blocks: Sequence[Block]) -> pa.Array:
    if name in _CODED:
        return _coded([_words(name, block) for block in blocks])
    if name in FLAGS:
        return pa.array(np.concatenate([[]] + [_flag(name, each) for each in blocks]) > 0)
    parts = [block.numbers.get(name, _alike(block, np.nan)) for block in blocks]
    values = pa.array(np.concatenate([np.zeros(0), *parts]), pa.float64(), from_pandas=True)
    return values.cast(COVERAGE.columns[name].type)


def _flag(name: str, block: Block) -> Floats:
    """Mark what is estimated: everything without streets, else what rests on straight lines."""
    nothing = _alike(block, 0.0)
    return _alike(block, 1.0) if block.head.estimated else block.numbers.get(name, nothing)


def _alike(block: Block, value: float) -> Floats:
    return np.full(len(block.area_id), value, float)


def _words(name: str, block: Block) -> tuple[Objects | str, int]:
    head, count = block.head, len(block.area_id)
    several = {
        "area_id": block.area_id,
        "class": block.classes,
        "reason": block.reasons,
        "may_come": block.may_come,
        "has_room": block.has_room,
        "sureness": block.sureness,
    }
    if name in several:
        return several[name], count
    single = {"level": head.level, "category": head.category, **head.situation._asdict()}
    return single[name], count


def _coded(parts: Sequence[tuple[Objects | str, int]]) -> pa.DictionaryArray:
    seen: dict[str, int] = {}
    codes = [
        np.full(count, seen.setdefault(words, len(seen)), np.int32)
        if isinstance(words, str)
        else np.array([seen.setdefault(word, len(seen)) for word in words], np.int32)
        for words, count in parts
    ]
    indices = np.concatenate([np.zeros(0, np.int32), *codes])
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(seen), pa.string()))
