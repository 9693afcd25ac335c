"""The categories of services: code, label, ages served, acceptable walk."""

from pathlib import Path

from pydantic import Field

from mapping.config import Config, cached_for_overlay, read_entries, read_table
from mapping.errors import BadInputError, UnknownCategoryError

FILE = Path(__file__).with_name("taxonomy.toml")


class Category(Config):
    """One category of service; its code is stable and public."""

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
    help_line: str | None = None
    """The national number of a confidential category."""


@cached_for_overlay
def categories() -> dict[str, Category]:
    """Read every category, by code, in the order of `taxonomy.toml`; an overlay's come last."""
    return read_table(FILE, Category, key="code", weakened=_weakened)


def bundled_categories() -> list[str]:
    """List the codes of the bundled taxonomy."""
    return list(read_entries(FILE, Category, key="code"))


def category(code: str) -> Category:
    """Look up one category; raises UnknownCategoryError when the taxonomy lacks the code."""
    known = categories()
    if code not in known:
        raise UnknownCategoryError(code, list(known))
    return known[code]


def placed_category(code: str) -> Category:
    """Look up a category whose services may be placed, and so counted, mapped and walked to.

    Raises UnknownCategoryError for an unknown code, and BadInputError for a confidential category:
    even a distance would give a place away.
    """
    found = category(code)
    if found.confidential:
        raise BadInputError(
            f"Category '{code}' is confidential: it has a phone number, and no place."
            " The number is in /v1/categories."
        )
    return found


def _weakened(bundled: Category, own: Category) -> str | None:
    if bundled.confidential and not own.confidential:
        return f"'{own.code}' is no longer confidential. Add `confidential = true`."
    return None
