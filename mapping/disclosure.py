"""What may be disclosed: public categories, confidential services, rounding of people, sections."""

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby, product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mapping.confidential_words import may_speak, suspicions, tidied_words
from mapping.config import cached_for_overlay
from mapping.model import Service
from mapping.taxonomy import Category, categories, category
from mapping.text import NO_WORDS, YES_WORDS, plain

if TYPE_CHECKING:
    from mapping.arrays import Bools, Floats  # loads numba, which an open edition needs not

ROUND_TO = 5
"""People and children are published to the nearest five."""
MIN_SHARED_PEOPLE = 50
"""Of fewer people, as they are published, no share and no probability is."""
MIN_PROBABILITY, MAX_PROBABILITY = 0.03, 0.97
"""No probability is published beyond these: the draws tell it within 0.026, and what is in no list
(a service that opened, one that closed yesterday) has no draw at all."""
MIN_CURVE_AREAS = 3
CENSUS_RATIO_LOW, CENSUS_RATIO_HIGH = 0.67, 1.5
"""Residents now over those at the census; outside, its ages tell nothing of an area."""
_NOISE = 1e-9
"""What a quotient of floats may lack of the whole number that it is."""
MOST_CHILDREN = 0.5
"""Minors of a registry over residents of a census, beyond which the two counts disagree: where
they agree about a quarter is the most (docs/methods.md)."""
SECTION = "section"
"""The level of areas so small that people there are never counted or shared out in public."""
BELOW_POSTCODES = ("nil", SECTION)
"""Levels of areas smaller than a postcode, below which nobody knows incomes."""
_DENIED = {"", "-", *NO_WORDS}
"""Cells of which the heading does not hold."""
_TO_SHOW = re.compile(r"\b(pubblicabil|pubblicare|mostra|visibil|divulga)")
_SECRET = re.compile(
    r"((dat[oi]|indirizz[oi]|sed[ei]|luog[ohi]+|uso) )?"
    r"(riservat[oaie]|riservatezza|segret[oaie]|segretezza|confiden\w*)( interno)?"
)
"""Headings whose no, and headings whose yes, keeps a row from the public."""
_MAY_BE_SECRET = re.compile(r"riserv|segret|confiden")
_NOT_TO_PUBLISH = "non pubblicare"
_SHORT_CELL = 40
"""Letters of a cell that may be a part of a phrase."""
_CELLS_OF_PHRASE = 4
_NEXT_CELL = " \n"


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
    """Whether the place of a service must not be known.

    One of its categories is confidential, a person said that it is one, or its words speak of such
    a place and no person decided that they do not. Raises UnknownCategoryError when the taxonomy
    does not hold a category.
    """
    by_category = any_confidential([category(code).code for code in service.categories])
    is_suspected = not service.cleared and bool(suspicions_of(service))
    return by_category or service.confirmed or is_suspected


def suspicions_of(service: Service) -> tuple[str, ...]:
    """List the kinds of confidential place that the words of a service speak of, sorted."""
    kinds = suspicions(texts_of(service), service.categories)
    # A cell may be no more than the name of a confidential category.
    return kinds or (("category",) if service.speaking_cells else ())


def words_of_record(service: Service) -> list[str]:
    """List what a person judges when a record is suspected: its categories, and its words, tidied.

    The order of places, capitals, accents and signs make no difference.
    """
    words = (tidied_words(text) for text in texts_of(service) if text)
    return [*sorted(service.categories), *sorted(filter(None, words))]


def texts_of(service: Service) -> tuple[str | None, ...]:
    """Give the texts by which a record may speak of a confidential place; some are None."""
    return (
        service.name,
        service.organization,
        service.email,
        service.url,
        service.required_documents,
        service.note,
        service.service_id.partition(":")[2],
        *(place.address for place in service.locations),
        *(place.opening_hours_text for place in service.locations),
        *(service.speaking_cells or ()),
    )


def row_speaks(row: Mapping[str, object], categories: Collection[str] = ()) -> bool:
    """Whether a row of some categories speaks of a confidential place, in any cell or heading.

    A word that only stands in an address counts too: a row that nobody reads is masked in doubt. So
    does a phrase that begins in one cell and goes on in the next.
    """
    texts = [*_cells_with_headings(row), *_runs(row)]
    return speaks_of_confidential(texts, categories) or _names_category(map(str, row.values()))


def with_speaking_cells(service: Service, row: Mapping[str, str]) -> Service:
    """Note of a service what its row says of a confidential place, in whatever column.

    What the service itself says is not noted again: a person who judged its words has judged that.
    """
    if not row_speaks(row, service.categories):
        return service
    own = [f" {tidied_words(text)} " for text in texts_of(service) if text and suspicions([text])]
    cells = [
        *(_speaking(name, cell, service.categories) for name, cell in row.items()),
        *_speaking_runs(row, service.categories),
    ]
    noted = {
        text
        for text in cells
        if text and not any(f" {tidied_words(text)} " in phrase for phrase in own)
    }
    return service.model_copy(update={"speaking_cells": tuple(sorted(noted)) or None})


def _speaking(heading: str, cell: str, categories: Collection[str]) -> str | None:
    """Give a cell that speaks of a confidential place, with its heading where that is needed."""
    if speaks_of_confidential([cell], categories):
        return cell
    return next(
        (text for text in _cells_with_headings({heading: cell}) if suspicions([text], categories)),
        None,
    )


def _runs(row: Mapping[str, object]) -> list[str]:
    """Join the cells of a few words that stand together: a phrase may run over several."""
    cells = (text for cell in row.values() if (text := str(cell).strip()))
    groups = groupby(cells, key=lambda text: len(text) <= _SHORT_CELL)
    return [_NEXT_CELL.join(group) for is_short, group in groups if is_short]


def _speaking_runs(row: Mapping[str, object], categories: Collection[str]) -> list[str]:
    """Give the fewest cells that speak of a confidential place together, and none alone."""
    phrases: list[str] = []
    for run in _runs(row):
        if not suspicions([run], categories):
            continue
        cells = run.split(_NEXT_CELL)
        for length, first in product(range(1, _CELLS_OF_PHRASE + 1), range(len(cells))):
            words = " ".join(cells[first : first + length])
            if suspicions([words], categories) and not any(text in words for text in phrases):
                phrases.append(words)
    return phrases


def _cells_with_headings(row: Mapping[str, object]) -> list[str]:
    return [text for heading, cell in row.items() if (text := _as_judged(heading, str(cell)))]


def _as_judged(heading: str, cell: str) -> str | None:
    """Say what a cell says under its heading, and that a row is not to be published in words."""
    answer = plain(cell).strip()
    is_hidden = answer in NO_WORDS and _TO_SHOW.search(plain(heading).strip())
    is_secret = answer in YES_WORDS and _SECRET.fullmatch(plain(heading).strip())
    if is_hidden or is_secret:
        return f"{_NOT_TO_PUBLISH}: {heading}: {cell}"
    return None if answer in _DENIED else f"{heading}: {cell}"


def as_sign(text: str) -> str | None:
    """Give a text that stands over rows where it speaks of a confidential place; None of others.

    As the heading of a column does where its cell says yes, one word may do: ``RISERVATO``. A
    helpline (``in caso di violenza chiama il 1522``), what a list has not and a licence are none.
    """
    if _says_secret(text):
        return f"{_NOT_TO_PUBLISH}: {text}"
    return text if suspicions([text], around=True) or _names_category([text]) else None


def may_be_signs(texts: Collection[str]) -> bool:
    """Whether there may be a sign among some texts, as `as_sign` gives: quicker than one by one."""
    return speaks_of_confidential(texts) or any(map(_says_secret, texts))


def may_hold_signs(texts: Collection[str]) -> bool:
    """Whether there may be a sign among some texts, or over several: quicker, for many texts."""
    return may_speak(texts) or any(
        _MAY_BE_SECRET.search(word) or word in _names_of_confidential()
        for word in map(plain, texts)
    )


def _says_secret(text: str) -> bool:
    return bool(_SECRET.fullmatch(tidied_words(text)))


def speaks_of_confidential(texts: Iterable[str], categories: Collection[str] = ()) -> bool:
    """Whether any of some texts names a confidential category, or speaks of such a place."""
    cells = list(texts)
    return bool(suspicions(cells, categories)) or _names_category(cells)


def _names_category(texts: Iterable[str]) -> bool:
    return not _names_of_confidential().isdisjoint(plain(text).strip() for text in texts)


@cached_for_overlay
def _names_of_confidential() -> frozenset[str]:
    hidden = confidential_categories()
    return frozenset(plain(word) for code in hidden for word in (code, categories()[code].label))


def speaking_names(names: Iterable[object]) -> set[str]:
    """Give those of some names, as maps draw them, that speak of a confidential place."""
    texts = {name for name in names if isinstance(name, str)}
    return {name for name in texts if suspicions([name])}


def publishes_people(level: str) -> bool:
    """Whether people and shares of people may be published by areas of a level: not by section."""
    return level != SECTION


def publishes_income(level: str) -> bool:
    """Whether figures of income may be published by areas of a level.

    Not by NIL, nor by section: their income is that of the postcode around them, and to order them
    by it would tell neighbours apart by nothing.
    """
    return level not in BELOW_POSTCODES


def is_outgrown(census_ratio: "Floats") -> "Bools":
    """Flag the areas of which the ages at a census tell nothing of who lives there now.

    Parameters
    ----------
    census_ratio : ndarray of float, shape (n,)
        Residents now over those at the census; NaN, where it is not known, flags nothing.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether it lies outside [0.67, 1.5].
    """
    flags: Bools = (census_ratio < CENSUS_RATIO_LOW) | (census_ratio > CENSUS_RATIO_HIGH)
    return flags


def publishes_zone_people(sections: int) -> bool:
    """Whether the people of a grey zone may be published: only if it has two sections or more."""
    return sections > 1


def publishes_curve(areas: int) -> bool:
    """Whether an inequality curve may be published: among few areas each could be recognised."""
    return areas >= MIN_CURVE_AREAS


def rounded(people: npt.ArrayLike) -> "Floats":
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


def disclosed_shares(shares: "Floats", people: npt.ArrayLike, *, whole_percent: bool) -> "Floats":
    """Give shares of people as the published counts give them, which tell nothing finer.

    Parameters
    ----------
    shares : ndarray of float, shape (n,)
        In [0, 1]; NaN where nobody knows.
    people : array_like of float, shape (n,)
        Of whom they are shares, not rounded.
    whole_percent : bool
        Whether to give no more than whole percents, as below the city.

    Returns
    -------
    ndarray of float, shape (n,)
        The rounded part over the rounded whole; NaN of fewer than `MIN_SHARED_PEOPLE`.
    """
    whole = rounded(people)
    part = rounded(np.asarray(shares, float) * np.asarray(people, float))
    nothing = np.full(len(whole), np.nan)
    as_counted: Floats = np.divide(part, whole, out=nothing, where=whole >= MIN_SHARED_PEOPLE)
    return as_counted.clip(max=1.0).round(2 if whole_percent else 6)


def least_shares(shares: "Floats", people: npt.ArrayLike, *, whole_percent: bool) -> "Floats":
    """Give shares that are told as at the least: as `disclosed_shares`, and never above the true.

    Parameters
    ----------
    shares, people, whole_percent
        As there.

    Returns
    -------
    ndarray of float, shape (n,)
        The part rounded down to 5 over the largest whole that rounds as the published one does,
        rounded down; NaN of fewer than `MIN_SHARED_PEOPLE`.
    """
    whole = rounded(people)
    part = np.floor(np.asarray(shares, float) * np.asarray(people, float) / ROUND_TO + _NOISE)
    least = np.divide(part * ROUND_TO, whole + ROUND_TO / 2)
    steps = 10 ** (2 if whole_percent else 6)
    return np.where(whole >= MIN_SHARED_PEOPLE, np.floor(least * steps + _NOISE) / steps, np.nan)


def disclosed_probability(probability: npt.ArrayLike) -> "Floats":
    """Keep probabilities within what is published of any.

    Parameters
    ----------
    probability : array_like of float
        Probabilities; NaN where nobody knows.

    Returns
    -------
    ndarray of float
        In [`MIN_PROBABILITY`, `MAX_PROBABILITY`]; NaN stays NaN.
    """
    return np.asarray(probability, float).clip(MIN_PROBABILITY, MAX_PROBABILITY)


def least_sum(counts: Collection[int]) -> int:
    """Give the fewest that counts rounded to 5 may be together, rounded down to 5."""
    return (sum(counts) - len(counts) * (ROUND_TO // 2)) // ROUND_TO * ROUND_TO


def rounded_count(people: float) -> int:
    """Round a known number of people as `rounded` does."""
    return ROUND_TO * round(people / ROUND_TO)
