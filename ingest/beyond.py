"""Reads what lists hold of other comuni: services over the border, for distance alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import shapely

from ingest.border import BORDER_DEGREES
from ingest.locate import without_number
from ingest.rows import RawRow, RawTable
from ingest.services import hides, in_city, read_services
from ingest.source import Source
from ingest.values import normalise
from mapping.city import City
from mapping.disclosure import is_confidential
from mapping.model import Service
from mapping.text import tidy


@dataclass(frozen=True)
class Ground:
    """The ground over the border, in degrees: as far as one walks, without the city itself."""

    around: shapely.Geometry
    inner: shapely.Geometry
    """Deeper in the city than surveys differ: a point here contradicts the comune of its row."""
    comuni: Mapping[str, str] = field(default_factory=dict)
    """Names of comuni by ISTAT code."""

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies over the border, within the longest walk of it."""
        return bool(
            shapely.contains_xy(self.around, lon, lat)
            and not shapely.contains_xy(self.inner, lon, lat)
        )

    def comune(self, text: str) -> str | None:
        """Name a comune that a list writes by name or by code."""
        known = {name.casefold(): name for name in self.comuni.values()}
        written = tidy(text) or ""
        by_code = self.comuni.get(normalise.istat_code(text) or "")
        return (
            by_code
            or known.get(written.casefold())
            or (written.title() if written.replace(" ", "").isalpha() else None)
        )


@dataclass
class BeyondReading:
    """The services that a list has over the border, and why it may not be all of them."""

    services: list[Service] = field(default_factory=list)
    rows: int = 0
    """Rows of other comuni."""
    hidden: int = 0
    """Rows of any comune that may be of a confidential place."""
    placeless: int = 0
    """Of these, without a position."""
    placeless_near: int = 0
    """Of these, in comuni that have services over the border."""

    @property
    def is_whole(self) -> bool:
        """Whether no row without a position may lie just over the border."""
        return self.rows > 0 and not self.placeless_near and 2 * self.placeless < self.rows


def ground(
    municipi: gpd.GeoDataFrame, metres: float, epsg: int, comuni: Mapping[str, str]
) -> Ground:
    """Measure the ground around a city, so many metres over its border."""
    outline = municipi.geometry.union_all()
    metric = gpd.GeoSeries([outline], crs=municipi.crs).to_crs(epsg).buffer(metres)
    around = metric.to_crs(municipi.crs).iloc[0]
    inner = outline.buffer(-BORDER_DEGREES)
    for shape in (around, inner):
        shapely.prepare(shape)
    return Ground(around, inner, comuni)


def read_beyond(source: Source, table: RawTable, city: City, ground: Ground) -> BeyondReading:
    """Read the rows of other comuni that lie within the longest walk of the border.

    Confidential ones are left out, and counted nowhere: even their distance would give their place
    away.
    """
    reading, lacking = BeyondReading(), Counter[str]()
    near: dict[str, list[RawRow]] = defaultdict(list)
    for row in table.rows:
        texts, comune = row.texts, row.texts.get(source.scope or "", "")
        is_hidden = hides(source, row)
        reading.hidden += is_hidden
        is_ours = in_city(comune, city) or not any(rule.fits(texts) for rule in source.categories)
        if is_ours or is_hidden:
            continue
        reading.rows += 1
        point = normalise.coordinates(source.value(texts, "lon"), source.value(texts, "lat"))
        if point is None:
            lacking[comune] += 1
        elif ground.holds(*point):
            near[comune].append(row)
    anywhere = source.model_copy(update={"scope": None})
    for comune, rows in near.items():
        name = ground.comune(comune) or (None if ground.comuni else comune)
        if name is None:  # a comune that lies nowhere near: its point contradicts it
            lacking[comune] += len(rows)
            continue
        place = city.model_copy(update={"name": name, "cap_prefix": ""})
        read = read_services(anywhere, RawTable(table.columns, rows), place, ground.holds)
        public = (service for service in read.services if not is_confidential(service))
        reading.services += map(without_number, public)
    reading.placeless = lacking.total()
    reading.placeless_near = sum(lacking[comune] for comune in near)
    return reading
