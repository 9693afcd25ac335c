"""Measures how well children are counted from births: later minors, hidden and foretold."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.fetching.fetch import Fetcher, Request
from ingest.layers.raw_table import read_table
from ingest.layers.reference import read_areas, read_census
from ingest.layers.registry import read_registry, register_of
from ingest.services import in_city
from ingest.source import source
from ingest.source_reader import ReadLayer
from ingest.values.normalise import decimal
from mapping.arrays import Floats
from mapping.city import City
from mapping.coverage.confidence.draws import CHILDREN_CV
from mapping.coverage.confidence.simulate import interval
from mapping.territory.areas import Areas, Layers, assemble
from mapping.territory.census_children import census_ages, joined_census
from mapping.territory.cohorts import Register, forecast

ORIGIN: Final = 2019
HORIZON: Final = 5
"""Minors of so many years after the origin are foretold."""
FIRST_ORIGIN: Final = 2014
"""Earlier origins have too few years before them to tell how people move."""
FEW_MINORS: Final = 200
"""Parts with fewer minors than this tell chance, and no error of a method."""
PUPILS: Final = "scuole_2026"
NINE_IN_TEN: Final = 0.9
Foretell = Callable[[Register, Floats, Register], Floats]


@dataclass(frozen=True, eq=False)
class Population:
    """A city's register, the ages of its children in the first year, and where they live."""

    register: Register
    structure: Floats
    """Children by part and single year of age, (n, 18)."""
    areas: Areas


def read_population(place: City, fetcher: Fetcher) -> Population:
    """Read the people of a city from the sources of its configuration, as a build does.

    Parameters
    ----------
    place : City
        A city with sections, a census by age, and births by NIL.
    fetcher : Fetcher
        Where the files are taken from.

    Returns
    -------
    Population
        Of its NIL.
    """
    entries = [source(name) for name in place.sources]

    def layer(read: ReadLayer, yields: str, level: str | None = None) -> gpd.GeoDataFrame:
        entry = next(e for e in entries if (e.yields, e.level) == (yields, level))
        return gpd.GeoDataFrame(read(entry, fetcher.take(Request.of(entry)).path, place).frame)

    census = layer(read_census, "population")
    municipi, nil, sections = (
        layer(read_areas, "areas", level) for level in ("municipio", "nil", "section")
    )
    register = register_of(layer(read_registry, "registry"))
    areas = assemble(
        Layers(municipi, nil, sections=sections, census=census, registry=register), place
    )
    cells = areas.frame[areas.frame["level"] == areas.cells.level]
    structure = census_ages(joined_census(cells, census), census, areas.cells.nil, len(areas.nil))
    return Population(register.of(areas.nil["area_id"].to_numpy(object)), structure, areas)


def state_pupils(place: City, fetcher: Fetcher) -> dict[str, int]:
    """Count the pupils of state schools by type of school, where `PUPILS` tells them.

    Parameters
    ----------
    place : City
        The city.
    fetcher : Fetcher
        Where the file is taken from.

    Returns
    -------
    dict of int
        Pupils by the words of the source.
    """
    entry = source(PUPILS)
    table = read_table(entry, fetcher.take(Request.of(entry)).path)
    pupils: Counter[str] = Counter()
    for row in table.rows:
        if in_city(row.texts[str(entry.scope)], place):
            pupils[row.texts["Tipologia"]] += int(decimal(row.texts["Organico Sede"]) or 0)
    return dict(pupils)


def _held_shares(known: Register, _structure: Floats, later: Register) -> Floats:
    """Hold the share of each part in the city's minors: what is to be beaten."""
    return np.repeat(known.minors[:, -1:], len(later.years), axis=1)


def _by_residents(known: Register, _structure: Floats, later: Register) -> Floats:
    """Hold the share of minors in the residents of each part, who are known."""
    now = known.residents[:, -1:]
    change = np.divide(later.residents, now, out=np.zeros_like(later.residents), where=now > 0)
    return np.asarray(known.minors[:, -1:] * change)


def _by_cohorts(known: Register, structure: Floats, later: Register) -> Floats:
    """Let children be born and grow, and move as in the last years."""
    return forecast(known, structure, later.births)


def _by_cohorts_and_residents(known: Register, structure: Floats, later: Register) -> Floats:
    """Take the geometric mean of what births and what residents tell."""
    product = _by_cohorts(known, structure, later) * _by_residents(known, structure, later)
    return np.asarray(np.sqrt(product))


METHODS: Final[dict[str, Foretell]] = {
    "held_shares": _held_shares,
    "cohorts": _by_cohorts,
    "residents": _by_residents,
    "cohorts_and_residents": _by_cohorts_and_residents,
}
"""Ways to foretell minors; the first is to be beaten."""


def foretold(
    population: Population, method: str, origin: int = ORIGIN, *, city_known: bool = True
) -> pd.DataFrame:
    """Foretell the minors of each part in the years after an origin.

    Parameters
    ----------
    population : Population
        What is known; of minors only those until the origin are looked at.
    method : str
        A key of `METHODS`.
    origin : int
        The last year whose minors are known.
    city_known : bool
        Whether the minors of the whole city are known, and met.

    Returns
    -------
    DataFrame
        A row for each part of at least `FEW_MINORS` and year: `part` (its row), `year`, `truth`,
        `foretold`, `error` (relative).
    """
    register = population.register
    at = np.flatnonzero((register.years > origin) & (register.years <= origin + HORIZON))
    later = Register(
        register.part,
        register.years[at],
        register.births[:, at],
        register.minors[:, at],
        register.residents[:, at],
    )
    minors = METHODS[method](register.until(origin), population.structure, later)
    if city_known:
        minors = minors * later.minors.sum(axis=0) / minors.sum(axis=0)
    count = len(register.part)
    rows = pd.DataFrame(
        {
            "part": np.tile(np.arange(count), len(at)),
            "year": np.repeat(later.years, count),
            "truth": later.minors.T.ravel(),
            "foretold": minors.T.ravel(),
        }
    )
    rows = rows[rows["truth"] >= FEW_MINORS]
    return rows.assign(error=(rows["foretold"] / rows["truth"] - 1).abs())


def with_range(population: Population, method: str) -> pd.DataFrame:
    """Foretell from `ORIGIN`, with the range in which nine in ten of earlier errors were.

    Parameters
    ----------
    population : Population
        What is known; the range is measured on origins and years before `ORIGIN`'s end.
    method : str
        A key of `METHODS`.

    Returns
    -------
    DataFrame
        Of `foretold`, with `low` and `high`.
    """
    earlier = [
        foretold(population, method, origin).assign(origin=origin)
        for origin in range(FIRST_ORIGIN, ORIGIN)
    ]
    known = pd.concat(earlier).query("year <= @ORIGIN")
    off = pd.Series(np.log(known["foretold"] / known["truth"])).abs()
    reach = off.groupby(known["year"] - known["origin"]).quantile(NINE_IN_TEN).cummax()
    rows = foretold(population, method)
    factor = np.exp(reach.reindex(rows["year"] - ORIGIN).to_numpy())
    return rows.assign(low=rows["foretold"] / factor, high=rows["foretold"] * factor)


def with_zone_range(population: Population, method: str) -> pd.DataFrame:
    """Foretell from `ORIGIN`, with the range that a zone as large as each part would have.

    Parameters
    ----------
    population : Population
        What is known.
    method : str
        A key of `METHODS`.

    Returns
    -------
    DataFrame
        Of `foretold`, with `low` and `high`, as `demand_low` and `demand_high`.
    """
    cells = population.areas.cells
    children = cells.bands.sum(axis=1)
    count = len(population.register.part)
    of_part = np.bincount(cells.nil, children, count)
    rows = foretold(population, method)
    parts = []
    for _, of_year in rows.groupby("year"):
        minors = np.zeros(count)
        minors[of_year["part"]] = of_year["foretold"]
        share = np.divide(minors, of_part, out=np.zeros(count), where=of_part > 0)
        low, high = interval(children * share[cells.nil], cells.nil, count, CHILDREN_CV)
        parts.append(of_year.assign(low=low[of_year["part"]], high=high[of_year["part"]]))
    return pd.concat(parts)


def share_within(rows: pd.DataFrame) -> float:
    """Give the share of rows whose truth lies in their range."""
    return float(((rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])).mean())
