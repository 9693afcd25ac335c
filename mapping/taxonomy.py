"""The categories of services: codes, labels, whom they are for."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from mapping.errors import BadInputError, UnknownCategoryError


class Category(BaseModel):
    """One category of service; its code is stable and public."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    label: str
    group: str
    age_min_months: int | None = Field(default=None, ge=0)
    age_max_months: int | None = Field(default=None, ge=0)
    walk_minutes: int = Field(default=15, gt=0)
    capacity_unit: str = "persone"
    places_per_100_norm: float | None = Field(default=None, gt=0)
    """Places for 100 of the people served below which a published norm calls them too few."""
    norm_source: str | None = None
    colour: str = Field(default="#5c6f82", pattern=r"^#[0-9a-f]{6}$")
    icon: str = "map-pin"
    confidential: bool = False


@cache
def categories() -> dict[str, Category]:
    """Read every category, by code, in the order of the taxonomy file."""
    text = Path(__file__).with_name("taxonomy.toml").read_text(encoding="utf-8")
    return {code: Category(code=code, **entry) for code, entry in tomllib.loads(text).items()}


def category(code: str) -> Category:
    """Look up one category.

    Raises UnknownCategoryError when the taxonomy does not hold the code.
    """
    known = categories()
    if code not in known:
        raise UnknownCategoryError(code, list(known))
    return known[code]


def placed_category(code: str) -> Category:
    """Look up a category whose services may be placed, and so counted, mapped and walked to.

    Raises UnknownCategoryError when the taxonomy does not hold the code.
    Raises BadInputError when the category is confidential: even a distance would give a place away.
    """
    found = category(code)
    if found.confidential:
        raise BadInputError(
            f"Category '{code}' is confidential: it has a phone number, and no place."
            " The number is in /v1/categories."
        )
    return found
