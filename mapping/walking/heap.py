"""A binary heap in two arrays, for compiled searches."""

from typing import NamedTuple

from mapping.arrays import Floats, Ints
from mapping.compiled import compiled


class Heap(NamedTuple):
    """A priority queue of items by key; the first `size` entries are in use."""

    key: Floats
    item: Ints


@compiled
def comes_before(key: float, item: int, other_key: float, other: int) -> bool:
    """Whether an entry goes before another: by key, then by number."""
    return key < other_key or (key == other_key and item < other)


@compiled
def push(heap: Heap, size: int, key: float, item: int) -> int:
    """Put an entry where it belongs.

    Parameters
    ----------
    heap : Heap
        The queue, with room for one more.
    size : int
        How many entries it has.
    key, item : float, int
        The entry; of equal keys the lower item comes first.

    Returns
    -------
    int
        How many entries it has now.
    """
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if not comes_before(key, item, heap.key[parent], heap.item[parent]):
            break
        heap.key[child], heap.item[child] = heap.key[parent], heap.item[parent]
        child = parent
    heap.key[child], heap.item[child] = key, item
    return size + 1


@compiled
def pop(heap: Heap, size: int) -> int:
    """Take the first entry out, which the caller has read.

    Parameters
    ----------
    heap : Heap
        The queue.
    size : int
        How many entries it has, at least 1.

    Returns
    -------
    int
        How many entries it has now.
    """
    size -= 1
    key, item = heap.key[size], heap.item[size]
    parent, child = 0, 1
    while child < size:
        right = child + 1
        if right < size and comes_before(
            heap.key[right], heap.item[right], heap.key[child], heap.item[child]
        ):
            child = right
        if not comes_before(heap.key[child], heap.item[child], key, item):
            break
        heap.key[parent], heap.item[parent] = heap.key[child], heap.item[child]
        parent, child = child, 2 * child + 1
    heap.key[parent], heap.item[parent] = key, item
    return size
