"""Areas of the city, and the residents of the smallest areas that are known.

Every city has an outline. It may be divided into municipi, and these into NIL, and there may be
census sections: whatever is there is used, and nothing else is required.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import disclosure
from mapping.arrays import Bools, Floats, Ints
from mapping.city import City
from mapping.crs import WGS84
from mapping.geocoding.civics import Civics
from mapping.tables import AREAS
from mapping.territory import age_blocks, cohorts, income
from mapping.territory.area_people import people_of
from mapping.territory.cells import Cells
from mapping.territory.census_children import (
    census_ages,
    census_bands,
    census_people,
    census_women,
    joined_census,
    nil_ages,
    nil_bands,
)
from mapping.territory.cohorts import Register
from mapping.territory.institutions import NOT_CONFIRMED, institutions

TOUCHING_SHARE = 0.01
"""Share of a NIL that a municipio must hold to count: less is an inexact drawing."""


@dataclass(frozen=True)
class Layers:
    """The areas of a city as the sources give them, in EPSG:4326.

    `municipi` and `nil` are outlines, or points when `outlined` is false. A city that is not
    divided has one municipio, itself, with its ISTAT code. All else may be None.
    """

    municipi: gpd.GeoDataFrame
    nil: gpd.GeoDataFrame | None = None
    sections: gpd.GeoDataFrame | None = None
    neighbours: gpd.GeoDataFrame | None = None
    census: pd.DataFrame | None = None
    income: pd.DataFrame | None = None
    registry: Register | None = None
    """Births and minors of NIL, by year."""
    signs: gpd.GeoDataFrame | None = None
    """What tells of prisons, barracks, convents and hospitals: `name`, `kind`, a point."""
    residents_basis: str | None = None
    """Who counted the residents, and when."""

    @property
    def outlined(self) -> bool:
        """Whether municipi and NIL are outlines."""
        parts = [self.municipi, *([] if self.nil is None else [self.nil])]
        return {kind for part in parts for kind in part.geom_type} <= {"Polygon", "MultiPolygon"}


@dataclass(frozen=True)
class Areas:
    """Every area of the city, and the cells that hold its people.

    `divided` is false where the only one of `municipi` is the city itself.
    """

    frame: gpd.GeoDataFrame
    cells: Cells
    nil: gpd.GeoDataFrame
    municipi: gpd.GeoDataFrame
    outlined: bool
    divided: bool = True

    def locate(self, lon: Floats, lat: Floats) -> tuple[Ints, ...]:
        """Find the municipio and the NIL of points.

        Parameters
        ----------
        lon, lat : ndarray of float, shape (n,)
            Degrees; NaN for an unknown place.

        Returns
        -------
        tuple of ndarray of int
            Row of `municipi` and row of `nil`; -1 outside, where the city has no such parts, or
            when areas are only points.
        """
        points = shapely.points(lon, lat)
        nowhere = np.full(len(points), -1)
        if not self.outlined:
            return nowhere, nowhere
        municipio = _inside(points, self.municipi) if self.divided else nowhere
        return municipio, _inside(points, self.nil)


def assemble(layers: Layers, city: City, civics: Civics | None = None) -> Areas:
    """Join areas and population.

    Parameters
    ----------
    layers : Layers
        What the sources give.
    city : City
        The city.
    civics : Civics, optional
        Its civic numbers: declared income, known by postcode, comes to small areas through them.

    Returns
    -------
    Areas
        Municipality, municipi, NIL, sections, neighbours, and people without a real address.
    """
    municipi = _ordered(layers.municipi)
    divided = list(municipi["area_id"]) != [city.istat]
    nil = municipi.iloc[:0] if layers.nil is None else _ordered(layers.nil)
    nil = _with_municipi(nil, municipi, city, outlined=layers.outlined)
    sections, unplaced = _sections(layers, city)
    cells, elsewhere = _cells_of(layers, sections, (municipi, nil), city)
    elsewhere = pd.concat([_unplaced_rows(unplaced), elsewhere])
    cells = _with_income(cells, layers.income, civics)
    levels = [_city_row(municipi, city, cells, elsewhere["residents"].sum())]
    if divided:
        people = people_of(cells, "municipio", cells.municipio, len(municipi))
        levels.append(_level(municipi, "municipio", people, city))
    if len(nil):
        levels.append(_level(nil, "nil", people_of(cells, "nil", cells.nil, len(nil)), city))
    if len(elsewhere):
        levels.append(_with_few_hidden(elsewhere))
    if sections is not None:
        levels.append(_level(_with_parents(sections, cells, nil, municipi), "section", None, city))
    if layers.neighbours is not None:
        others = layers.neighbours[layers.neighbours["area_id"] != city.istat]
        levels.append(_level(_ordered(others), "neighbour", None, city))
    frame = pd.concat(levels, ignore_index=True).assign(residents_basis=layers.residents_basis)
    frame = frame.reindex(columns=[*AREAS.names, "geometry"])
    frame = gpd.GeoDataFrame(frame, geometry="geometry", crs=WGS84)
    return Areas(frame, cells, nil, municipi, layers.outlined, divided)


def _cells_of(
    layers: Layers,
    sections: gpd.GeoDataFrame | None,
    parts: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    city: City,
) -> tuple[Cells, gpd.GeoDataFrame]:
    """Make the cells, and the rows of people who live in the city and in none of them."""
    municipi, nil = parts
    if sections is not None:
        away = institutions(sections, layers.signs, city.institutions)
        cells = _section_cells(sections, layers, parts, city, away)
        return cells, _institution_rows(away, sections, nil, cells)
    if len(nil):
        return _nil_cells(nil, layers.registry, municipi, city), _unplaced_rows(
            _unplaced_of_nil(nil)
        )
    nobody = pd.DataFrame({"area_id": [], "residents": []})
    return _municipio_cells(municipi, layers.census, city), _unplaced_rows(nobody)


def _sections(layers: Layers, city: City) -> tuple[gpd.GeoDataFrame | None, pd.DataFrame]:
    """Set the sections with a place apart from the people without a real address."""
    if layers.sections is None or not layers.outlined:
        return None, pd.DataFrame({"area_id": [], "residents": []})
    fictitious = layers.sections["area_id"].isin(city.fictitious_sections)
    return _ordered(layers.sections[~fictitious]), layers.sections[fictitious]


def _with_parents(
    sections: gpd.GeoDataFrame, cells: Cells, nil: gpd.GeoDataFrame, municipi: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    municipio_ids = municipi["area_id"].to_numpy(object)[cells.municipio]
    parent = nil["area_id"].to_numpy(object)[cells.nil] if len(nil) else municipio_ids
    # Of a section no number is published: many have one family.
    uncounted = sections.drop(columns=["residents", "families"], errors="ignore")
    return uncounted.assign(parent=parent, touches=[[area_id] for area_id in municipio_ids])


def _section_cells(
    sections: gpd.GeoDataFrame,
    layers: Layers,
    parts: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    city: City,
    away: pd.DataFrame,
) -> Cells:
    municipi, nil = parts
    inside = sections.geometry.representative_point().to_numpy()
    nil_row, municipio_row = _nearest(inside, nil), _nearest(inside, municipi)
    ordinary = ~sections["area_id"].isin(away["area_id"]).to_numpy()
    residents = sections["residents"].fillna(0).to_numpy(float) * ordinary
    joined = joined_census(sections, layers.census)
    groups = nil_row if len(nil) else municipio_row
    families = sections.get("families", pd.Series(np.nan, sections.index))
    alone = (families == 0).to_numpy()
    bands = census_bands(joined, layers.census, residents, groups, alone)
    metric = sections.geometry.to_crs(city.epsg).make_valid().to_numpy()
    ids = sections["area_id"].to_numpy(object)
    women = census_women(joined, residents, groups)
    cells = Cells("section", ids, metric, nil_row, municipio_row, residents, bands, women=women)
    if joined is not None:
        cells = replace(cells, census=joined["residents"].to_numpy(float) * ordinary)
    if layers.registry is not None and not nil.empty:
        register = layers.registry.of(nil["area_id"].to_numpy(object))
        structure = census_ages(joined, layers.census, nil_row, len(nil))
        ages = cohorts.ages_of_minors(register, structure)
        cells = _with_cohorts(cells, register, cohorts.bands_of_ages(ages))
    return _with_ages_of_blocks(cells, groups, alone)


def _with_ages_of_blocks(cells: Cells, groups: Ints, alone: Bools) -> Cells:
    """Give each section its part of the children and women of the few around it."""
    children = cells.bands.sum(axis=1)
    block = age_blocks.blocks(children, cells.residents, groups, cells.shapes)
    # Where there are no families, and were no children, those of the neighbours do not live.
    at_home = np.where(alone & (children == 0), 0.0, cells.residents)
    cells = replace(cells, bands=age_blocks.shared_by_blocks(cells.bands, at_home, block))
    if cells.profiles is not None:
        shared = [age_blocks.shared_by_blocks(bands, at_home, block) for bands in cells.profiles]
        cells = replace(cells, profiles=np.stack(shared))
    if cells.women is not None:
        women = age_blocks.shared_by_blocks(cells.women[:, None], cells.residents, block)[:, 0]
        cells = replace(cells, women=women)
    return cells


def _with_cohorts(cells: Cells, register: Register, of_nil: Floats) -> Cells:
    """Share the children of the NIL out to their cells, by what the census makes likely."""
    profiles = cohorts.spread(of_nil, cells.bands, cells.residents, cells.nil)
    basis = f"nascite e minori dell'anagrafe {register.years[0]}-{register.years[-1]}"
    return replace(cells, bands=profiles[0], profiles=profiles, children_basis=basis)


def _nil_cells(
    nil: gpd.GeoDataFrame, registry: Register | None, municipi: gpd.GeoDataFrame, city: City
) -> Cells:
    unplaced = nil.get("residents_unplaced", pd.Series(0.0, nil.index)).fillna(0)
    uncounted = pd.Series(np.nan, nil.index)
    residents = (nil.get("residents", uncounted) - unplaced).to_numpy(float)
    rows = pd.Index(municipi["area_id"]).get_indexer(nil["parent"])
    points = nil.geometry.to_crs(city.epsg).representative_point().to_numpy()
    bands = nil_bands(nil, residents)
    ids = nil["area_id"].to_numpy(object)
    cells = Cells("nil", ids, points, np.arange(len(nil)), rows, residents, bands)
    if "residents_2011" in nil:
        cells = replace(cells, census=nil["residents_2011"].to_numpy(float))
    if registry is None:
        return cells
    register = registry.of(ids)
    of_nil = cohorts.bands_of_ages(cohorts.ages_of_minors(register, nil_ages(nil)))
    return _with_cohorts(replace(cells, bands=of_nil[0]), register, of_nil)


def _with_income(cells: Cells, declared: pd.DataFrame | None, civics: Civics | None) -> Cells:
    if declared is None or civics is None or not cells.outlined:
        return cells
    return replace(cells, income=income.of_areas(cells.shapes, civics, declared))


def _municipio_cells(municipi: gpd.GeoDataFrame, census: pd.DataFrame | None, city: City) -> Cells:
    residents, bands = census_people(municipi, census)
    shapes = municipi.geometry.to_crs(city.epsg).make_valid().to_numpy()
    rows, none = np.arange(len(municipi)), np.full(len(municipi), -1)
    ids = municipi["area_id"].to_numpy(object)
    return Cells("municipio", ids, shapes, none, rows, residents, bands)


def _city_row(
    municipi: gpd.GeoDataFrame, city: City, cells: Cells, elsewhere: float
) -> gpd.GeoDataFrame:
    people = people_of(cells, "municipality", np.zeros(len(cells.residents), np.int64), 1)
    people["residents"] += elsewhere
    outline = municipi.geometry.union_all()
    row = gpd.GeoDataFrame(
        {"area_id": [city.istat], "name": [city.name]}, geometry=[outline], crs=WGS84
    )
    return _level(row, "municipality", people, city)


def _level(
    areas: gpd.GeoDataFrame, level: str, people: pd.DataFrame | None, city: City
) -> gpd.GeoDataFrame:
    frame = areas.reset_index(drop=True).assign(level=level)
    inside = frame.geometry.representative_point()
    frame = frame.assign(lon=inside.x, lat=inside.y)
    if not frame.geom_type.eq("Point").any():
        frame["area_km2"] = frame.geometry.to_crs(city.epsg).area / 1e6
    if people is not None:
        frame = frame.drop(columns=[c for c in people if c in frame]).join(people)
    return frame


def _unplaced_rows(unplaced: pd.DataFrame) -> gpd.GeoDataFrame:
    rows = pd.DataFrame(unplaced.drop(columns="geometry", errors="ignore")).assign(
        level="unplaced", name="Residenti senza indirizzo reale", lon=np.nan, lat=np.nan
    )
    return gpd.GeoDataFrame(rows, geometry=[None] * len(rows), crs=WGS84)


def _institution_rows(
    away: pd.DataFrame, sections: gpd.GeoDataFrame, nil: gpd.GeoDataFrame, cells: Cells
) -> gpd.GeoDataFrame:
    """Make a line for each section of an institution: where, what, and how many live there."""
    row = pd.Index(sections["area_id"]).get_indexer(away["area_id"])
    inside = sections.geometry.representative_point().iloc[row]
    names = away["name"] + away["confirmed"].map({True: "", False: NOT_CONFIRMED})
    data = away.assign(level="institution", name=names, lon=inside.x.values, lat=inside.y.values)
    if len(nil):
        data["parent"] = nil["area_id"].to_numpy(object)[cells.nil[row]]
    return gpd.GeoDataFrame(data, geometry=[None] * len(data), crs=WGS84)


def _with_few_hidden(elsewhere: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Round who lives in each institution, which is a section, and leave out its few families."""
    rows = elsewhere.reindex(columns=list(dict.fromkeys([*elsewhere, "families"])))
    is_section = rows["level"] == "institution"
    families = rows["families"].astype(float)
    is_few = families < disclosure.ROUND_TO
    for name, counts in (("residents", rows["residents"]), ("families", families.mask(is_few))):
        rows[name] = counts.mask(is_section, disclosure.rounded(counts.astype(float)))
    return rows


def _unplaced_of_nil(nil: gpd.GeoDataFrame) -> pd.DataFrame:
    if "residents_unplaced" not in nil or not nil["residents_unplaced"].sum():
        return pd.DataFrame({"area_id": [], "residents": []})
    total = float(nil["residents_unplaced"].sum())
    return pd.DataFrame({"area_id": ["unplaced"], "residents": [total]})


def _with_municipi(
    nil: gpd.GeoDataFrame, municipi: gpd.GeoDataFrame, city: City, *, outlined: bool
) -> gpd.GeoDataFrame:
    if not outlined or nil.empty:
        return nil
    shapes, others = (frame.geometry.to_crs(city.epsg).make_valid() for frame in (nil, municipi))
    row, other = others.sindex.query(shapes, predicate="intersects")
    overlap = shapes.to_numpy()[row], others.to_numpy()[other]
    share = shapely.area(shapely.intersection(*overlap)) / shapely.area(overlap[0])
    ids = municipi["area_id"].to_numpy()[other]
    pairs = pd.DataFrame({"row": row, "id": ids, "share": share}).query("share >= @TOUCHING_SHARE")
    touches = pairs.sort_values("share", ascending=False).groupby("row")["id"].agg(list)
    touches = touches.reindex(range(len(nil)))
    return nil.assign(touches=touches.to_numpy(), parent=touches.str[0].to_numpy())


def _ordered(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    # Files come in any order; numbers sort as numbers.
    key = areas["area_id"].astype(str).str.zfill(12)
    return areas.iloc[key.argsort(kind="stable")].reset_index(drop=True)


def _inside(points: npt.NDArray[np.object_], areas: gpd.GeoDataFrame) -> Ints:
    owner = np.full(len(points), -1)
    if areas.empty:
        return owner
    point, row = areas.sindex.query(points, predicate="intersects")
    owner[point[::-1]] = row[::-1]
    return owner


def _nearest(points: npt.NDArray[np.object_], areas: gpd.GeoDataFrame) -> Ints:
    owner = _inside(points, areas)
    lost = owner < 0
    if lost.any() and not areas.empty:
        _, row = areas.sindex.nearest(points[lost], return_all=False)
        owner[lost] = row
    return owner
