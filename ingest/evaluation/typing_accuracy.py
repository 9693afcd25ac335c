"""Measures the search while one types: streets written badly, and places asked by name."""

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.named_places import name_words
from mapping.geocoding.place import Place
from mapping.lookup.place_search import PlaceSearch
from mapping.text import plain

FIRST = 5
"""How many of the places found are looked at while one types."""
Blur = Callable[[str, np.random.Generator], str | None]


@dataclass(frozen=True)
class Hits:
    """How many were tried, found first, and found among the first five."""

    tried: int
    first: int
    among_first: int
    missed: tuple[str, ...] = ()
    """What was asked and did not come first."""


def measure_typing(gazetteer: Gazetteer, blur: Blur, *, as_asked: bool = False) -> Hits:
    """Look every street up as people type it.

    Parameters
    ----------
    gazetteer : Gazetteer
        Its streets are tried, one after the other.
    blur : callable
        What is typed in the place of a name; None where the name gives no occasion.
    as_asked : bool, optional
        Whether a street counts as often as it has civic numbers; else all count alike.

    Returns
    -------
    Hits
        Of the streets that give an occasion, or of their civic numbers.
    """
    rng = np.random.default_rng(1)
    numbers = np.diff(gazetteer.civics.start)
    tried = first = among_first = 0
    for row, name in enumerate(gazetteer.streets):
        wanted = blur(name, rng)
        if wanted is None:
            continue
        weight = int(numbers[row]) if as_asked else 1
        streets = [place.street for place in gazetteer.search(wanted, limit=FIRST)]
        tried, first = tried + weight, first + weight * (name in streets[:1])
        among_first += weight * (name in streets)
    return Hits(tried, first, among_first)


def ceiling(gazetteer: Gazetteer, blur: Blur, *, as_asked: bool = False) -> tuple[float, float]:
    """Say how often a street can be first, or among the first, of those that begin as was typed.

    Whoever knows only the beginning, and how many civic numbers each street has, does no better.
    """
    rng, names = np.random.default_rng(1), list(map(plain, gazetteer.streets))
    numbers = np.diff(gazetteer.civics.start) if as_asked else np.ones(len(names))
    order = sorted(range(len(names)), key=names.__getitem__)
    sorted_names, weights = [names[row] for row in order], numbers[order].astype(float)
    first = among_first = 0.0
    for row, name in enumerate(names):
        typed = plain(blur(name, rng) or name)
        start = bisect_left(sorted_names, typed)
        alike = weights[start : bisect_left(sorted_names, typed + "\uffff", lo=start)]
        # Streets of one weight come in any order.
        more, same = (alike > numbers[row]).sum(), (alike == numbers[row]).sum()
        first += numbers[row] * float(more == 0) / same
        among_first += numbers[row] * float(np.clip((FIRST - more) / same, 0, 1))
    return first / numbers.sum(), among_first / numbers.sum()


def ceiling_by_cut(
    gazetteer: Gazetteer, blur: Blur, *, as_asked: bool = False
) -> tuple[float, float]:
    """Say the same of who knows besides where the writing broke off, as nobody does.

    What is typed is then that of few streets, of which those with most numbers are taken.
    """
    rng = np.random.default_rng(1)
    numbers = np.diff(gazetteer.civics.start) if as_asked else np.ones(len(gazetteer.streets))
    cut_so: dict[str, list[float]] = defaultdict(list)
    for name, weight in zip(gazetteer.streets, numbers.tolist(), strict=True):
        if (typed := blur(name, rng)) is not None:
            cut_so[plain(typed)].append(weight)
    best = [sorted(weights, reverse=True)[:FIRST] for weights in cut_so.values()]
    tried = sum(map(sum, cut_so.values()))
    return sum(weights[0] for weights in best) / tried, sum(map(sum, best)) / tried


def where_one_fits(gazetteer: Gazetteer, blur: Blur) -> Blur:
    """Leave out the streets that are not the only one to begin as was typed."""
    sorted_names = sorted(map(plain, gazetteer.streets))

    def alone(name: str, rng: np.random.Generator) -> str | None:
        typed = plain(blur(name, rng) or "")
        start = bisect_left(sorted_names, typed)
        fitting = bisect_left(sorted_names, typed + "\uffff", lo=start) - start
        return typed if typed and fitting == 1 else None

    return alone


def measure_names(search: PlaceSearch, questions: Path) -> Hits:
    """Ask for places by name, as people type them.

    Parameters
    ----------
    search : PlaceSearch
        What a box of the pages searches.
    questions : Path
        A table with the columns ``asked, kind, words``: right is a place of one of the kinds whose
        label has the words.

    Returns
    -------
    Hits
        With what was asked and did not come first.
    """
    with questions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = [[_fits(place, row) for place in search.places(row["asked"], FIRST)] for row in rows]
    missed = [row["asked"] for row, fits in zip(rows, answers, strict=True) if not any(fits[:1])]
    return Hits(len(rows), len(rows) - len(missed), sum(map(any, answers)), tuple(missed))


def _fits(place: Place, row: dict[str, str]) -> bool:
    words = set(name_words(row["words"]))
    return place.kind in row["kind"].split() and words <= set(name_words(place.label))
