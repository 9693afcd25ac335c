"""Ages of small areas as those of the few around them, so that nobody's children can be told apart.

What is published of many overlapping zones can be subtracted, down to one small area. Here ages are
known of blocks of neighbouring areas only, and each area has the part of its residents, whom the
census publishes: whatever is summed and subtracted tells the ages of whole blocks, and no finer.
"""

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats, Ints

MIN_AREAS, MIN_CHILDREN = 5, 50
"""Inhabited areas and children that a block has at the least, where its neighbourhood has them."""
MOST_OF_BLOCK = 0.5
"""Of its residents no area has more: else its people were told beside a few of its neighbours'."""


def shared_by_blocks(people: Floats, residents: Floats, block: Ints) -> Floats:
    """Share the people of each block out to its areas, by their residents.

    Parameters
    ----------
    people : ndarray of float, shape (n, b)
        People of each area, in b kinds; NaN where nobody knows.
    residents : ndarray of float, shape (n,)
        Those who live where such people may.
    block : ndarray of int, shape (n,)
        Of `blocks`.

    Returns
    -------
    ndarray of float, shape (n, b)
        Of each block the same sums, where anybody lives in it; NaN where any of it is not known.

    Examples
    --------
    Two areas of 100 and 300 residents with 30 and 10 children have 10 and 30 of the 40.
    """
    count = int(block.max(initial=-1)) + 1
    lived_in = np.bincount(block, residents, count)[block]
    part = np.divide(residents, lived_in, out=np.zeros(len(residents)), where=lived_in > 0)
    sums = np.column_stack([np.bincount(block, column, count) for column in people.T])
    return np.asarray(sums[block] * part[:, None])


def blocks(
    children: Floats, residents: Floats, group: Ints, shapes: npt.NDArray[np.object_]
) -> Ints:
    """Join neighbouring areas into blocks, within each group.

    Along a Hilbert curve a block ends where it has `MIN_AREAS` in which anybody lives, of which
    none has more than `MOST_OF_BLOCK`, and `MIN_CHILDREN`; what is left at the end of a group joins
    the block before it, until that is one.

    Parameters
    ----------
    children : ndarray of float, shape (n,)
        Those of 0 to 17 years; NaN counts as none.
    residents : ndarray of float, shape (n,)
        All who live there.
    group : ndarray of int, shape (n,)
        The neighbourhood of each area.
    shapes : ndarray of geometry, shape (n,)
        Where the areas lie.

    Returns
    -------
    ndarray of int, shape (n,)
        From 0.
    """
    block = np.zeros(len(children), np.int64)
    if not len(block):
        return block
    order = np.lexsort((gpd.GeoSeries(shapes).hilbert_distance().to_numpy(np.int64), group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-2))
    first = 0
    for rows in np.split(order, starts[1:]):
        block[rows] = first + _along(np.nan_to_num(children[rows]), residents[rows])
        first = int(block[rows].max()) + 1
    return block


def _along(children: Floats, residents: Floats) -> Ints:
    """Give each area of one run its block, from 0."""
    starts, begun = [0], 0
    for row in range(1, len(children)):
        if _is_block(children[begun:row], residents[begun:row]):
            starts.append(row)
            begun = row
    while len(starts) > 1 and not _is_block(children[starts[-1] :], residents[starts[-1] :]):
        starts.pop()
    block: Ints = np.searchsorted(starts, np.arange(len(children)), side="right") - 1
    return block


def _is_block(children: Floats, residents: Floats) -> bool:
    is_large = (residents > 0).sum() >= MIN_AREAS and children.sum() >= MIN_CHILDREN
    return bool(is_large and residents.max() <= MOST_OF_BLOCK * residents.sum())
