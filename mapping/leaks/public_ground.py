"""Where published points may lie near a confidential place: what public sources have there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from mapping.arrays import Floats
from mapping.build import BuildInput
from mapping.crs import to_metres
from mapping.disclosure import is_confidential
from mapping.geocoding import gazetteer_table
from mapping.geocoding.gazetteer import Gazetteer
from mapping.leaks.confidential_records import ConfidentialRecords, points_of
from mapping.leaks.file_content import contents
from mapping.leaks.points_near import points_near
from mapping.leaks.street_numbers import StreetNumber, addresses_in
from mapping.model import Service
from mapping.territory.institutions import NOT_CONFIRMED

AROUND_METRES = 60.0
BASEMAP, ADDRESSES = "basemap.pmtiles", "addresses.arrow"
REFERENCE_FILES = (
    "network.arrow", "areas.parquet", "areas.pmtiles", BASEMAP, "demand.arrow", "stops.parquet",
    "premises.parquet", "places.parquet",
)  # fmt: skip
"""Files of an edition that are made of reference layers, and of no service."""
NAMED_TABLES = (
    "areas.parquet", "networks.parquet", "places.parquet", "premises.parquet", "stops.parquet",
)  # fmt: skip
"""Those with names that public sources say."""
_PLACED_ALONG = ("interpolated", "street", "area")


@dataclass(frozen=True, eq=False)
class PublicGround:
    """Shapes in metres that explain a point, and names that explain a text, in one file alone."""

    tree: shapely.STRtree
    by_file: Mapping[str, shapely.STRtree] = field(default_factory=dict)
    """What explains points in a file, in the place of what explains them in the others."""
    texts_by_file: Mapping[str, frozenset[str]] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()
    """What public sources say in the one file that this explains."""

    @classmethod
    def of(cls, shapes: Iterable[object]) -> "PublicGround":
        """Take shapes in metres."""
        return cls(shapely.STRtree(list(shapes)))

    def of_file(self, name: str) -> "PublicGround":
        """Give what explains points and texts in one file."""
        texts = self.texts_by_file.get(name, frozenset())
        return PublicGround(self.by_file.get(name, self.tree), texts=texts)

    def explains(self, points: Floats, tolerance_metres: float) -> list[bool]:
        """Say of each point whether public ground is so near.

        Parameters
        ----------
        points : ndarray of float, shape (n, 2)
            Metres.
        tolerance_metres : float
            How near.

        Returns
        -------
        list of bool
            Of length n.
        """
        places = shapely.points(points)
        near = self.tree.query(places, predicate="dwithin", distance=tolerance_metres)
        explained = np.zeros(len(points), dtype=bool)
        explained[near[0]] = True
        return list(map(bool, explained))


def ground_of(inputs: BuildInput, secret: Floats) -> PublicGround:
    """Gather what the inputs of a build have around confidential points, but for those records.

    Outlines and streets with their corners, the points inside areas, stops, the points of public
    services, and the numbers that were placed along streets. What is drawn behind maps explains
    points of the base map and of its named places alone, and premises those of their own table:
    either may be the place that is secret.

    Parameters
    ----------
    inputs : BuildInput
        All that the build was given, confidential records too.
    secret : ndarray of float, shape (n, 2)
        The points of those records, in metres.

    Returns
    -------
    PublicGround
        Within `AROUND_METRES` of those points.
    """
    around = shapely.union_all(shapely.points(secret).reshape(-1)).buffer(AROUND_METRES)
    epsg = inputs.city.epsg
    layers = inputs.layers
    outlines = (layers.municipi, layers.nil, layers.sections, layers.neighbours, inputs.lines)
    shapes = [shape for frame in outlines for shape in _shapes(frame, epsg, around)]
    outside = inputs.beyond.services if inputs.beyond is not None else ()
    every = (*inputs.services, *outside)
    public = [service for service in every if not is_confidential(service)]
    texts = [place.address for service in public for place in service.locations]
    known = _addresses([*texts, *_names(inputs.stops)])
    surveyed = inputs.lines is not None
    parts = [points_of(public, epsg), _numbers(inputs.gazetteer, known, surveyed=surveyed)]
    shapes += [*_within(np.vstack(parts), around), *_within(_points(inputs.stops, epsg), around)]
    drawn = [*shapes, *_shapes(inputs.background, epsg, around)]
    offered = [*shapes, *_within(_points(inputs.premises, epsg), around)]
    return PublicGround(
        shapely.STRtree(shapes),
        {
            BASEMAP: shapely.STRtree(drawn),
            "places.parquet": shapely.STRtree(drawn),
            "premises.parquet": shapely.STRtree(offered),
        },
        _names_by_file(inputs),
    )


def _names_by_file(inputs: BuildInput) -> dict[str, frozenset[str]]:
    """Give the names that public sources say: each stays where it is drawn or listed.

    To leave one out because a confidential record is called so would tell which it is, to whoever
    has the source too. It explains nothing in any other file.
    """
    drawn, institutions = _names(inputs.background), _names(inputs.layers.signs)
    unconfirmed = {name + NOT_CONFIRMED for name in institutions}
    return {
        BASEMAP: drawn,
        "places.parquet": drawn,
        "premises.parquet": _names(inputs.premises),
        "stops.parquet": _names(inputs.stops),
        "networks.parquet": _names(inputs.networks),
        "areas.parquet": institutions | unconfirmed,
    }


def ground_of_edition(
    folder: Path, services: Iterable[Service], records: ConfidentialRecords, near_metres: float
) -> PublicGround:
    """Gather what an edition itself has as streets, areas, stops and premises near some points.

    Parameters
    ----------
    folder : Path
        The edition, of any format.
    services : iterable of Service
        All of today: the points of the public ones explain, too.
    records : ConfidentialRecords
        What is confidential today.
    near_metres : float
        How near to their points.

    Returns
    -------
    PublicGround
        Without the services of the edition and the addresses that are known for sure.
    """
    public = [service for service in services if not is_confidential(service)]
    parts, drawn = [points_of(public, records.epsg)], set[str]()
    for name in REFERENCE_FILES:
        if (folder / name).is_file():
            for part in contents(folder / name):
                drawn.update(part.texts if name == BASEMAP else ())
                for rows in part.numbers:
                    parts += points_near(rows, records, near_metres)
    if (folder / ADDRESSES).is_file():
        table = pa.ipc.open_file(pa.memory_map(str(folder / ADDRESSES))).read_all()
        texts = [place.address for service in public for place in service.locations]
        known = _addresses([*texts, *_names(_table(folder / "stops.parquet"))])
        parts.append(_numbers(gazetteer_table.from_arrow(table), known, surveyed=True))
    names = {table: _names(_table(folder / table)) for table in NAMED_TABLES}
    names[BASEMAP] = frozenset(drawn)
    return PublicGround(shapely.STRtree(shapely.points(np.vstack(parts))), {}, names)


def _table(path: Path) -> pd.DataFrame | None:
    return pd.read_parquet(path, columns=["name"]) if path.is_file() else None


def _shapes(frame: gpd.GeoDataFrame | None, epsg: int, around: object) -> list[object]:
    """Give outlines, lines and points of a layer around a place, and the points inside of them."""
    if frame is None:
        return []
    metres = frame.to_crs(epsg).geometry
    inside = frame.geometry.representative_point().to_crs(epsg)
    kinds = (metres, metres.boundary, metres.representative_point(), inside)
    near = (series.to_numpy()[shapely.intersects(series.to_numpy(), around)] for series in kinds)
    return [shape for shapes in near for shape in shapes if not _is_surface(shape)]


def _within(points: Floats, around: object) -> list[object]:
    shapes = shapely.points(points)
    return list(shapes[shapely.intersects(shapes, around)])


def _names(frame: pd.DataFrame | None) -> frozenset[str]:
    if frame is None or "name" not in frame:
        return frozenset()
    return frozenset(name for name in frame["name"] if isinstance(name, str))


def _is_surface(shape: object) -> bool:
    return bool(shapely.get_dimensions(shape) == 2)  # noqa: PLR2004 - an area


def _points(table: pd.DataFrame | None, epsg: int) -> Floats:
    if table is None:
        return np.empty((0, 2))
    if isinstance(table, gpd.GeoDataFrame) and table.crs is not None and "lon" not in table:
        coordinates: Floats = shapely.get_coordinates(table.to_crs(epsg).geometry.to_numpy())
        return coordinates
    known = table.dropna(subset=["lon", "lat"])
    return np.column_stack(
        to_metres(known["lon"].to_numpy(float), known["lat"].to_numpy(float), epsg)
    )


def _addresses(texts: Iterable[str | None]) -> frozenset[StreetNumber]:
    return frozenset(address for text in texts if text for address in addresses_in(text))


def _numbers(gazetteer: Gazetteer, known: Collection[StreetNumber], *, surveyed: bool) -> Floats:
    """Give the numbers that were placed along a street, and those that public things stand at.

    Any other number whose place is known for sure explains nothing, but where a register tells the
    place of every door.
    """
    if not surveyed:
        return np.empty((0, 2))
    civics, middles = gazetteer.civics, gazetteer.middles
    explains = np.isin(np.array(civics.precision, dtype=object), _PLACED_ALONG)
    explains |= civics.surveyed
    for row in np.flatnonzero(~explains):
        street = gazetteer.streets[int(np.searchsorted(civics.start, row, "right")) - 1]
        explains[row] = any(
            address in known for address in addresses_in(f"{street}, {civics.number[row]}")
        )
    return np.vstack(
        [
            np.column_stack([civics.x[explains], civics.y[explains]]),
            np.column_stack([middles.x, middles.y]),
        ]
    )
