"""Cases: one for each published category and walking profile, with its services and records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from mapping.arrays import Bools, Floats, Ints
from mapping.city import City
from mapping.coverage import requirements
from mapping.coverage.confidence.doubt import Doubt, doubt
from mapping.coverage.declared import DeclaredPremises, declared_premises
from mapping.coverage.list_extent import ListExtent, list_extent
from mapping.coverage.service_status import Supply, supply
from mapping.coverage.situations import Situation, situations
from mapping.coverage.study_area import Level, StudyArea
from mapping.crs import to_metres
from mapping.disclosure import SECTION, published_categories
from mapping.hours import windows
from mapping.hours.city_calendar import calendar_of
from mapping.tables import is_listed, is_routed
from mapping.taxonomy import Category, category
from mapping.territory import population
from mapping.territory.cells import Cells
from mapping.walking.profiles import profiles


@dataclass(frozen=True, eq=False)
class Case:
    """One category as one profile walks to it: the unit of work, independent of the others.

    `rows` are the indices of its placed services among the living ones.
    """

    category: Category
    profile: str
    supply: Supply
    rows: Ints
    doubt: Doubt
    lost: Bools
    """(records, cells): of each record without a place, the cells in which it may be."""
    extent: ListExtent
    """Where the list is complete, and where it was."""
    declared: DeclaredPremises
    """What says that it is such a service, and no record accounts for."""
    situations: tuple[Situation, ...]

    @property
    def complete(self) -> bool:
        """Whether the list is complete in the whole city."""
        return self.extent.everywhere

    def differs(self, situation: Situation) -> bool:
        """Whether the result can differ from the base: something that matters in it is known."""
        plain = (situation.window, situation.requirement) == (windows.ANY, requirements.ANY)
        return plain or self.supply.is_known_for(situation)

    def levels(self, situation: Situation, study_area: StudyArea) -> list[Level]:
        """List the levels of which a situation has rows: sections only where it differs."""
        small = self.differs(situation)
        return [level for level in study_area.levels if small or level.name != SECTION]


def list_cases(
    services: gpd.GeoDataFrame,
    study_area: StudyArea,
    city: City,
    today: date,
    premises: pd.DataFrame | None = None,
) -> list[Case]:
    """List the cases in the order of the taxonomy; days of the windows are counted from `today`.

    A category of which the city has no record makes none: there is nothing to walk to. `premises`
    have the columns of `tables.PREMISES`. Raises BadInputError where a list is declared complete in
    areas that the city does not have.
    """
    services = living_services(services)
    metric = services.geometry.to_crs(city.epsg)
    metres = metric.x.to_numpy(), metric.y.to_numpy()
    published = _published(services, city.epsg)
    supply_of_all = supply(services, metres, published, today, calendar_of(city))
    possible = _possible(services, study_area)
    known = supply_of_all, doubt(services, metres, today)
    return [
        case
        for code in published_categories()
        for case in _cases(
            services,
            (*known, possible),
            category(code),
            list_extent(city.completeness_on(code, today), code, study_area, city.epsg),
            declared_premises(premises, code, city.epsg),
        )
    ]


def _published(services: gpd.GeoDataFrame, epsg: int) -> tuple[Floats, Floats]:
    """Give the sources' own points in metres; NaN where the place of a service is no other."""
    lon, lat = (services[name].to_numpy(float) for name in ("published_lon", "published_lat"))
    x, y = np.full_like(lon, np.nan), np.full_like(lat, np.nan)
    known = ~np.isnan(lon)
    x[known], y[known] = to_metres(lon[known], lat[known], epsg)
    return x, y


def with_outside(services: gpd.GeoDataFrame, outside: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the services over the border behind the city's, marked by a column `outside`.

    Their names say where they are: a zone repeats that of its nearest service.
    """
    places = zip(outside["name"], outside["city"], strict=True)
    named = [f"{name} ({city})" if isinstance(city, str) else name for name, city in places]
    parts = [services.assign(outside=False), outside.assign(outside=True, name=named)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=services.crs)


def living_services(services: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out the services that have ended; the others keep their order."""
    return services[services["status"].map(is_listed).to_numpy(bool)]


def _cases(
    services: gpd.GeoDataFrame,
    known: tuple[Supply, Doubt, Bools],
    kind: Category,
    extent: ListExtent,
    declared: DeclaredPremises,
) -> Iterator[Case]:
    of_kind = services["categories"].map(lambda codes: kind.code in codes).to_numpy(bool)
    if not (of_kind & ~known[0].outside).any():
        return
    placed = services["precision"].map(is_routed).to_numpy(bool)
    supply = known[0].take(of_kind & placed)
    rows = np.flatnonzero(of_kind & placed)
    doubt = known[1].take(kind.code, of_kind & placed)
    lost = known[2][of_kind & ~placed]
    unknown = declared.without_record(supply)
    for walker in profiles():
        own_situations = tuple(
            situation for situation in situations() if situation.profile == walker
        )
        yield Case(kind, walker, supply, rows, doubt, lost, extent, unknown, own_situations)


def _possible(services: gpd.GeoDataFrame, study_area: StudyArea) -> Bools:
    """Mark the cells in which each record without a place may be, shape (records, cells)."""
    # A record known only by its municipio or postcode may be anywhere in it; else, anywhere.
    ids = (
        study_area.areas.municipi["area_id"]
        .to_numpy(object)[study_area.areas.cells.municipio]
        .astype(str)
    )
    everywhere = set(ids.tolist())
    may = np.zeros((len(services), len(ids)), bool)
    places = zip(services["municipio"], services["cap"], services["precision"], strict=True)
    for row, (municipio, cap, precision) in enumerate(places):
        if not is_routed(precision):
            named = (
                {municipio} if isinstance(municipio, str) else study_area.caps.get(cap, everywhere)
            )
            may[row] = np.isin(ids, sorted(named))
    return may


def people_served(kind: Category, cells: Cells) -> Floats:
    """Count whom a category is for.

    Parameters
    ----------
    kind : Category
        The category.
    cells : Cells
        The n cells of the city.

    Returns
    -------
    ndarray of float, shape (n,)
        People; NaN where it is not declared whom it is for, or nobody counts them.
    """
    if kind.is_demand_declared and kind.demand != "women_15_49":
        return population.demand(cells.bands, cells.residents, kind.counted_ages)
    unknown = np.full(len(cells.residents), np.nan)
    if kind.demand is None or cells.women is None:
        return unknown
    return cells.women
