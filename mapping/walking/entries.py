"""A queue of nodes by seconds, each entry in one whole number, for compiled searches.

An entry is half the memory of a pair, and one comparison in the place of two or three. It holds the
seconds rounded down: nodes that are less apart than `SHORTEST_SECONDS` may come in any order, so
whoever takes one out reads the exact seconds elsewhere.
"""

from mapping.arrays import Ints
from mapping.compiled import compiled

NODE_BITS = 26
MAX_NODES = 1 << NODE_BITS
NODE = MAX_NODES - 1
"""The bits of an entry that hold the node."""
PARTS_OF_SECOND = 2.0**14
SHORTEST_SECONDS = 1 / PARTS_OF_SECOND
MOST_SECONDS = 2.0 ** (63 - NODE_BITS) / PARTS_OF_SECOND - 1
"""Three months."""


@compiled
def entry_of(seconds: float, node: int) -> int:
    """Write seconds and a node in one number: earlier seconds come first, then lower nodes."""
    return int(seconds * PARTS_OF_SECOND) << NODE_BITS | node


@compiled
def put(queue: Ints, size: int, entry: int) -> int:
    """Put an entry where it belongs in a binary heap.

    Parameters
    ----------
    queue : ndarray of int
        With room for one more.
    size : int
        How many entries it has.
    entry : int
        Of `entry_of`.

    Returns
    -------
    int
        How many entries it has now.
    """
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if entry >= queue[parent]:
            break
        queue[child] = queue[parent]
        child = parent
    queue[child] = entry
    return size + 1


@compiled
def take(queue: Ints, size: int) -> int:
    """Take the first entry out, which the caller has read.

    Parameters
    ----------
    queue : ndarray of int
        A binary heap.
    size : int
        How many entries it has, at least 1.

    Returns
    -------
    int
        How many entries it has now.
    """
    size -= 1
    entry, parent, child = queue[size], 0, 1
    while child < size:
        if child + 1 < size:
            child += queue[child + 1] < queue[child]
        if queue[child] >= entry:
            break
        queue[parent] = queue[child]
        parent, child = child, 2 * child + 1
    queue[parent] = entry
    return size
