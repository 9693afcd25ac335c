"""Random draws of record and population errors, seeded by key."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from mapping.arrays import Bools, Floats
from mapping.errors import BadInputError

Flags = npt.NDArray[np.uint8]
Draws = npt.NDArray[np.float32]
"""An array whose last axis has one place for each of the `DRAWS`."""

DRAWS: Final = 1024
"""A share p of them is known within 1.645 √(p(1-p)/1024), at most 0.026, nine times in ten."""
SEED: Final = "prossima 1"
BEYOND_ERROR: Final = 0.15
"""Share of the places that are farther off than their stated error (docs/methods.md)."""
TRUST: Final = {"high": 0.985, "medium": 0.9, "low": 0.7}
"""How often a freshly assured record is true. `high` is measured: of the 271 schools in the state
register of 2026, 267 are in the second list of the same day. The other two are ours."""
CHILDREN_CV: Final = 0.37
"""How far a section's children are off, relative to their count: the coefficient of variation,
beyond chance, between two generations ten years apart in one section (0-4 and 10-14 years, ISTAT
2011)."""
RESIDENTS_CV: Final = 0.14
"""The same of all residents: the robust deviation of log(residents 2021 / residents 2011)."""


@dataclass(frozen=True)
class UncertainRecords:
    """What is known of r records: a lasting key and the position.

    `x` and `y` are metres, NaN where the place is unknown; `error_metres` is the stated error.
    """

    key: Sequence[str]
    error_metres: Floats
    x: Floats
    y: Floats

    def __post_init__(self) -> None:
        """Raise BadInputError if an error is negative or NaN."""
        if not (self.error_metres >= 0).all():
            value = self.error_metres[~(self.error_metres >= 0)][0]
            raise BadInputError(f"Error of {value} metres of a record: give 0 or more.")

    def take(self, rows: Bools) -> "UncertainRecords":
        """Choose some of the records.

        Parameters
        ----------
        rows : ndarray of bool, shape (r,)
            Which ones.

        Returns
        -------
        UncertainRecords
            Those.
        """
        key = [name for name, wanted in zip(self.key, rows, strict=True) if wanted]
        return UncertainRecords(key, self.error_metres[rows], self.x[rows], self.y[rows])


class DrawnRecords(NamedTuple):
    """Records in every draw: stated position, offsets, and whether they serve.

    `east`, `north` and `serves` are (r, DRAWS); `farthest` is the greatest offset of each.
    """

    x: Floats
    y: Floats
    east: Draws
    north: Draws
    serves: Flags
    farthest: Floats


def draw(records: UncertainRecords) -> DrawnRecords:
    """Draw positions of records, all serving; the result does not depend on other draws."""
    east, north = off_by(records)
    farthest = np.hypot(east, north).max(axis=1, initial=0).astype(float)
    return DrawnRecords(records.x, records.y, east, north, np.ones(east.shape, np.uint8), farthest)


def off_by(records: UncertainRecords) -> tuple[Draws, Draws]:
    """Draw how far each record is from where it is said to be.

    Parameters
    ----------
    records : UncertainRecords
        The records.

    Returns
    -------
    tuple of ndarray of float, shape (r, DRAWS)
        Metres east and north: an exponential distance of which 85 % is within the stated error, in
        any direction.
    """
    mean = records.error_metres / -np.log(BEYOND_ERROR)
    far = -np.log1p(-uniform(records.key, "distance")) * mean[:, None]
    angle = 2 * np.pi * uniform(records.key, "direction")
    return (far * np.cos(angle)).astype(np.float32), (far * np.sin(angle)).astype(np.float32)


def factors(keys: Sequence[str], cv: float) -> Draws:
    """Draw by what factor the people of each area are off.

    Parameters
    ----------
    keys : sequence of str
        A lasting name of each area.
    cv : float
        Coefficient of variation, `CHILDREN_CV` or `RESIDENTS_CV`.

    Returns
    -------
    ndarray of float, shape (areas, DRAWS)
        Lognormal, of mean 1.
    """
    variance = np.log1p(cv**2)
    angle, size = uniform(keys, "angle"), uniform(keys, "size")
    normal = np.sqrt(-2 * np.log1p(-size)) * np.cos(2 * np.pi * angle)  # Box, Muller (1958)
    return np.asarray(np.exp(np.sqrt(variance) * normal - variance / 2), np.float32)


def uniform(keys: Sequence[str], purpose: str) -> Floats:
    """Draw numbers that depend on a key and on what they are for, and on nothing else.

    Parameters
    ----------
    keys : sequence of str
        What draws.
    purpose : str
        What it is drawn for.

    Returns
    -------
    ndarray of float, shape (k, DRAWS)
        In [0, 1): of the Philox generator (Salmon et al., 2011, doi:10.1145/2063384.2063405) whose
        key is a hash of both.
    """
    drawn = [
        np.random.Generator(np.random.Philox(key=_number(key, purpose))).random(DRAWS)
        for key in keys
    ]
    return np.array(drawn).reshape(len(keys), DRAWS)


def _number(key: str, purpose: str) -> int:
    digest = hashlib.sha256(f"{SEED}|{purpose}|{key}".encode()).digest()
    return int.from_bytes(digest[:16], "big")
