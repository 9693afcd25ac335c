"""A place that was found, and how well it answers the words."""

import math
from dataclasses import dataclass

NUMBER_SHARE = {"interpolated": 0.9, "street": 0.6, "area": 0.6}
"""What is left of the likeness of an answer whose civic number is a guess, or not found at all."""
BY_NUMBER_SHARE = 0.9
"""What is left of it where a number decides among streets of one name."""
DOUBTED_SHARE = {"cap": 0.8, "suffix": 0.9, "area": 0.8, "unread": 0.8}
"""What is left of it by each doubt of a `Place`."""


@dataclass(frozen=True)
class Place:
    """A place found, in degrees and metres, with its precision and expected error in metres."""

    label: str
    lon: float
    lat: float
    x: float
    y: float
    precision: str
    error_metres: float
    municipio: str | None
    street: str
    civic: int | None = None
    likeness: float = 1.0
    """How alike what was written and the street's name are, in [0, 1]."""
    asked_civic: int | None = None
    """The civic number that was written."""
    doubts: tuple[str, ...] = ()
    """What was written and is not so: ``cap``; ``suffix``, the letter of a civic number; ``area``,
    a municipio or a quarter; ``unread`` words behind it may name another comune."""
    is_by_number: bool = False
    """Whether only the number says which street is meant of several that are called so."""
    kind: str = "address"
    """Or that of a place with a name, such as ``station``."""
    category: str | None = None
    """Of a service."""

    @property
    def confidence(self) -> float:
        """How well the place answers the words that were written, in [0, 1].

        1 for the street and the number that were written; how near the place is, `error_metres`
        says.
        """
        share = 1.0 if self.asked_civic is None else NUMBER_SHARE.get(self.precision, 1.0)
        doubt = math.prod(DOUBTED_SHARE[doubt] for doubt in self.doubts)
        share *= BY_NUMBER_SHARE if self.is_by_number else 1.0
        return float(round(self.likeness * share * doubt, 2))
