"""People by the word of their own section, in the whole city."""

import numpy as np

from mapping.arrays import Floats
from mapping.coverage.classes import Kinds
from mapping.coverage.study_area import Level
from mapping.disclosure import publishes_people
from mapping.tables import SURENESS, word_share


def word_shares(words: Kinds, cells: Level, people: Floats) -> dict[str, Floats]:
    """Give the shares of the people of a city whose own cell has each word.

    A word that a single section has would tell how many live there: it has no share, nor has the
    word of fewest besides, which would follow from the others.

    Parameters
    ----------
    words : ndarray of int, shape (cells,)
        The word of each cell, an index into `tables.SURENESS`.
    cells : Level
        The smallest level of the city.
    people : ndarray of float, shape (points,)
        The people of every point, not negative.

    Returns
    -------
    dict of str to ndarray of float, shape (1,)
        A column for each word; NaN where it has no share, and of a city of nobody.
    """
    of_cell = np.bincount(cells.groups, people, cells.areas)
    crowd = np.bincount(words, of_cell, len(SURENESS))
    holders = np.bincount(words[of_cell > 0], minlength=len(SURENESS))
    total = crowd.sum()
    shares = crowd / total if total > 0 else np.full(len(SURENESS), np.nan)
    lone = holders == 1
    if not publishes_people(cells.name) and lone.any() and holders.sum() > 1:
        shares[lone] = np.nan
        if lone.sum() == 1:
            shares[np.where(holders > 1, crowd, np.inf).argmin()] = np.nan
    return {word_share(name): shares[n : n + 1] for n, name in enumerate(SURENESS)}
