"""The categories of services: code, label, ages served, acceptable walk."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Self
from unicodedata import normalize

from pydantic import Field, field_validator, model_validator

from mapping.config import Config, cached_for_overlay, read_entries, read_table
from mapping.config_values import HelpLine, Identifier, Label, Sentence, letters_alone
from mapping.errors import BadInputError, UnknownCategoryError
from mapping.model import Ownership

FILE = Path(__file__).with_name("taxonomy.toml")
MAX_AGE_MONTHS = 1_200
MAX_WALK_MINUTES = 120
MONTHS_PER_YEAR = 12
INFANTS_END_MONTHS = 36
"""The ages of children up to here are written in months."""
MAX_COMPLETE_YEARS = 10
Admission = Literal["referral", "waiting_list", "enrolment"]
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_LATIN_WITHOUT_ASCII = "æœøđłþð"


class Category(Config):
    """One category of service; its code is stable and public."""

    code: Identifier
    label: Label
    group: Label
    age_min_months: int | None = Field(default=None, ge=0, le=MAX_AGE_MONTHS)
    age_max_months: int | None = Field(default=None, ge=0, le=MAX_AGE_MONTHS)
    demand: Literal["residents", "women_15_49", "births"] | None = None
    """Whom it is for where it has no ages; None: nobody has declared it."""
    walk_minutes: int = Field(default=15, gt=0, le=MAX_WALK_MINUTES)
    places_per_100_norm: float | None = Field(default=None, gt=0, le=100)
    """Places for 100 of the people served below which a published norm calls them too few."""
    norm_source: Sentence | None = None
    complete_years: int = Field(default=2, ge=1, le=MAX_COMPLETE_YEARS)
    """How long after its year a complete list still tells what is missing."""
    colour: str = Field(default="#5c6f82", pattern=r"^#[0-9a-f]{6}$")
    admission: tuple[Admission, ...] | None = None
    """What stands between a family that is near and its place; None: nobody has declared it."""
    competent_first: tuple[Identifier, ...] = ()
    """Categories of which the competent service is named before the answers: a permanent door."""
    family: Identifier | None = None
    """How its records age: a family of `coverage/confidence/survival.toml`; None: not known."""
    family_by_ownership: dict[Ownership, Identifier] = Field(default_factory=dict)
    """The family of those records whose `ownership` is written here, in place of `family`."""
    confidential: bool = False
    help_line: HelpLine | None = None
    """The national number of a confidential category."""

    @property
    def walk_seconds(self) -> float:
        """The acceptable walk in seconds."""
        return self.walk_minutes * 60.0

    @property
    def counted_ages(self) -> tuple[int, int] | None:
        """Months [from, to) of the children whom it is for; None where it is not for children."""
        if self.demand == "births":
            return 0, MONTHS_PER_YEAR
        if self.age_min_months is None or self.age_max_months is None:
            return None
        return self.age_min_months, self.age_max_months

    @property
    def receives_whoever_comes(self) -> bool:
        """Whether it is declared that neither referral, nor waiting list, nor enrolment applies."""
        return self.admission == ()

    @property
    def is_demand_declared(self) -> bool:
        """Whether it is declared whom the category is for: else nobody is counted, or ranked."""
        return self.demand is not None or self.age_min_months is not None

    @field_validator("label")
    @classmethod
    def _in_latin_letters(cls, label: str) -> str:
        # A letter of another script may look like one of these, and make two labels look the same.
        letters = (letter for letter in letters_alone(label) if letter.isalpha())
        if not all(letter.isascii() or letter in _LATIN_WITHOUT_ASCII for letter in letters):
            raise ValueError("is written with letters of another alphabet: use Latin ones")
        return label

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        first, last = self.age_min_months, self.age_max_months
        if (first is None) != (last is None):
            raise ValueError("ages need both age_min_months and age_max_months")
        if first is not None and self.demand is not None:
            raise ValueError("demand is for a category without ages: whoever has them is counted")
        if first is not None and last is not None and first >= last:
            raise ValueError("age_min_months is not below age_max_months")
        return self


@cached_for_overlay
def categories() -> dict[str, Category]:
    """Read every category, by code, in the order of `taxonomy.toml`; an overlay's come last."""
    by_code = read_table(FILE, Category, key="code", weakened=_weakened)
    refuse_same_labels((entry.label, entry.code) for entry in by_code.values())
    return by_code


def bundled_categories() -> list[str]:
    """List the codes of the bundled taxonomy."""
    return list(read_entries(FILE, Category, key="code"))


def category(code: str) -> Category:
    """Look up one category; raises UnknownCategoryError when the taxonomy lacks the code."""
    by_code = categories()
    if code not in by_code:
        raise UnknownCategoryError(code, list(by_code))
    return by_code[code]


def for_infants(codes: Iterable[str]) -> bool:
    """Tell whether services of all these categories are for children counted in months."""
    ends = [category(code).age_max_months for code in codes]
    return bool(ends) and all(end is not None and end <= INFANTS_END_MONTHS for end in ends)


def placed_category(code: str) -> Category:
    """Look up a category whose services may be placed, and so counted, mapped and walked to.

    Raises UnknownCategoryError for an unknown code, and BadInputError for a confidential category:
    even a distance would give a place away.
    """
    kind = category(code)
    if kind.confidential:
        raise BadInputError(
            f"Category '{code}' is confidential: it has a phone number, and no place."
            " The number is in /v1/categories."
        )
    return kind


def refuse_same_labels(labels: Iterable[tuple[str, str]]) -> None:
    """Raise BadInputError where the label (first) of two codes (second) reads the same.

    Case, accents, blanks, signs and words in brackets make no difference: a place must not pass for
    one of another, confidential category.
    """
    taken: dict[str, str] = {}
    for label, code in labels:
        forms = (
            letters_alone(label),
            letters_alone(_IN_BRACKETS.sub("", normalize("NFKC", label))),
        )
        others = [taken.setdefault(form, code) for form in forms]
        other = next((holder for holder in others if holder != code), None)
        if other is not None:
            raise BadInputError(
                f"taxonomy.toml: '{code}' has the label '{label}', which is that of '{other}'. Give"
                " it another one."
            )


def _lent_curve(bundled: Category, own: Category) -> str | None:
    if own.family not in {bundled.family, None}:
        return (
            f"family = '{own.family}' of '{own.code}' is '{bundled.family}' where it is bundled: no"
            f" curve is lent to another family. Write that, or none."
        )
    for ownership, family in own.family_by_ownership.items():
        if family != bundled.family_by_ownership.get(ownership, bundled.family):
            return (
                f"family_by_ownership of '{own.code}' gives '{ownership}' the family '{family}',"
                f" and not where it is bundled: no curve is lent to another family. Take"
                f" '{ownership}' out."
            )
    return None


def _weakened(bundled: Category, own: Category) -> str | None:
    if bundled.confidential and not own.confidential:
        return f"'{own.code}' is no longer confidential. Add `confidential = true`."
    if (lent := _lent_curve(bundled, own)) is not None:
        return lent
    if own.complete_years > bundled.complete_years:
        return (
            f"complete_years of '{own.code}' is {own.complete_years}, and {bundled.complete_years}"
            f" where it is bundled: an older list would claim an absence. Write"
            f" {bundled.complete_years}, or fewer."
        )
    lacking = set(bundled.admission or ()) - set(own.admission or ())
    if lacking and own.admission is not None:
        return (
            f"admission of '{own.code}' lacks {', '.join(sorted(lacking))}, which it has where it"
            f" is bundled: who is near would count as served. Write it, or leave `admission` out."
        )
    return _help_line_lost(bundled, own)


def _help_line_lost(bundled: Category, own: Category) -> str | None:
    if bundled.help_line is not None and own.help_line != bundled.help_line:
        return (
            f"help_line of '{own.code}' is no longer {bundled.help_line}. Write it, and further"
            " numbers under [help_lines] of the city."
        )
    return None
