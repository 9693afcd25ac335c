"""What may be disclosed: public categories, confidential services, rounding of people, sections."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from mapping.arrays import Floats
from mapping.model import Service
from mapping.taxonomy import Category, categories, category

ROUND_TO = 5
"""People and children are published to the nearest five."""
MIN_CURVE_AREAS = 3
SECTION = "section"
"""The level of areas so small that people there are never counted or shared out in public."""


def public_categories() -> dict[str, Category]:
    """Give the categories that may be placed on a map, by code, in the order of the taxonomy."""
    return {code: entry for code, entry in categories().items() if not entry.confidential}


def published_categories() -> list[str]:
    """List the codes of `public_categories`."""
    return list(public_categories())


def confidential_categories() -> list[str]:
    """List the codes of the categories whose services have a phone number, and no place."""
    return [code for code, entry in categories().items() if entry.confidential]


def published_labels() -> dict[str, str]:
    """Give the Italian labels of `public_categories`, by code."""
    return {code: entry.label for code, entry in public_categories().items()}


def any_confidential(codes: Iterable[str]) -> bool:
    """Whether any of some category codes is confidential; codes of older editions are not."""
    known = categories()
    return any(code in known and known[code].confidential for code in codes)


def is_confidential(service: Service) -> bool:
    """Whether the place of a service must never be known: any of its categories is confidential.

    Raises UnknownCategoryError when the taxonomy does not hold one of them.
    """
    return any_confidential([category(code).code for code in service.categories])


def publishes_people(level: str) -> bool:
    """Whether people and shares of people may be published by areas of a level: not by section."""
    return level != SECTION


def publishes_zone_people(sections: int) -> bool:
    """Whether the people of a grey zone may be published: only if it has two sections or more."""
    return sections > 1


def publishes_curve(areas: int) -> bool:
    """Whether an inequality curve may be published: among few areas each could be recognised."""
    return areas >= MIN_CURVE_AREAS


def rounded(people: npt.ArrayLike) -> Floats:
    """Round people to the nearest 5, as they are published.

    Parameters
    ----------
    people : array_like of float
        People, of any shape; NaN where nobody knows.

    Returns
    -------
    ndarray of float
        Multiples of 5, in the same shape; halves go to the even multiple, NaN stays NaN.
    """
    return np.round(np.asarray(people, float) / ROUND_TO) * ROUND_TO


def rounded_count(people: float) -> int:
    """Round a known number of people as `rounded` does."""
    return ROUND_TO * round(people / ROUND_TO)
