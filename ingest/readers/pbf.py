"""Reads OpenStreetMap extracts (.osm.pbf) through osmium."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import shapely
from osmium.osm import Area, Node, Relation, Way

from ingest.rows import LAT, LON, RawRow, RawTable
from mapping.catalogue.batches import QuarantinedRow
from mapping.crs import WGS84
from mapping.errors import SourceError
from mapping.walking import osm_ways

MAX_BYTES = 256 * 2**20
OSM_ID = "osm_id"
"""The column with the object, such as ``node/123``."""
DRAWN = ("motorway", "trunk", "cycleway")
"""Kinds of ways that maps show though nobody may walk them."""
_Thing = Node | Way | Relation | Area
_Places = list[tuple[float, float]]

Values = bool | str | tuple[str, ...]


def read_tagged(path: Path, *, tags: Mapping[str, Values], source_id: str) -> RawTable:
    """Read the nodes, ways and areas that carry any of the tags; True wants any value.

    Columns are the tags, `OSM_ID`, and a point inside the geometry. An object whose nodes lie
    outside of the extract is quarantined. Raises SourceError when the file is no extract, is
    truncated or too large.
    """
    tagged: dict[str, tuple[dict[str, str], shapely.Geometry | None]] = {}
    wanted = osmium.filter.KeyFilter(*tags)
    for feature in _things(path, _opened(path).with_areas(wanted).with_filter(wanted)):
        if any(_wants(values, feature.tags.get(key)) for key, values in tags.items()):
            # A closed way comes again as an area, which knows its inside.
            tagged[_name(feature)] = dict(feature.tags), _shape(feature)
    columns = sorted({OSM_ID}.union(*(attributes for attributes, _ in tagged.values())))
    table = RawTable(columns, [])
    for line, (name, (attributes, shape)) in enumerate(tagged.items(), start=1):
        texts = {**attributes, OSM_ID: name}
        if shape is None:
            table.unreadable.append(_broken(source_id, line, texts))
        else:
            point = shapely.point_on_surface(shape)
            texts |= {LON: f"{point.x:.7f}", LAT: f"{point.y:.7f}"}
            table.rows.append(RawRow(line, texts))
    return table


def _wants(values: Values, value: str | None) -> bool:
    if value is None or isinstance(values, bool):
        return value is not None and bool(values)
    return value == values if isinstance(values, str) else value in values


def read_ways(path: Path) -> gpd.GeoDataFrame:
    """Read the ways that are for walkers or drawn, in degrees, cut where they share a node.

    `mapping.walking.osm_ways` says what may be walked, and on which level a way is. Raises
    SourceError when the file is no extract, is truncated or too large, or has no way.
    """
    uses: Counter[int] = Counter()
    for way, _ in _ways(path):
        refs = [node.ref for node in way.nodes]
        uses.update(refs)
        uses.update((refs[0], refs[-1]))
    lines, rows = [], []
    for way, tags in _ways(path):
        row = tags.get("name"), osm_ways.kind_of(tags), osm_ways.may_walk(tags)
        for places in _cut(way, uses):
            lines.append(shapely.LineString(places))
            rows.append((*row, osm_ways.level_of(tags)))
    if not lines:
        raise SourceError(f"{path.name} has no street. Give an extract of the city.")
    frame = pd.DataFrame(rows, columns=["name", "kind", "walkable", "level"])
    return gpd.GeoDataFrame(frame, geometry=lines, crs=WGS84)


def _opened(path: Path) -> osmium.FileProcessor:
    # By its content: a file of the raw store has no suffix that osmium knows.
    return osmium.FileProcessor(osmium.io.File(path, "pbf"))


def _things(path: Path, processor: osmium.FileProcessor) -> Iterator[_Thing]:
    if path.stat().st_size > MAX_BYTES:
        raise _too_large(path)
    try:
        yield from (feature for feature in processor if isinstance(feature, _Thing))
    except RuntimeError as error:
        raise SourceError(
            f"{path.name} cannot be read: {error}. Fetch the extract (.osm.pbf) again."
        ) from error


def _too_large(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} is larger than the extract of a city. Cut it: `osmium extract --bbox`."
    )


def _ways(path: Path) -> Iterator[tuple[Way, dict[str, str]]]:
    processor = _opened(path).with_locations()
    for way in _things(path, processor.with_filter(osmium.filter.KeyFilter("highway"))):
        if isinstance(way, Way) and len(way.nodes):
            tags = dict(way.tags)
            drawn = tags["highway"].startswith(DRAWN) and osm_ways.exists(tags)
            if drawn or osm_ways.may_walk(tags):
                yield way, tags


def _cut(way: Way, uses: Counter[int]) -> Iterator[_Places]:
    piece: _Places = []
    for node in way.nodes:
        if not node.location.valid():
            # Beyond the edge of the extract.
            if len(piece) > 1:
                yield piece
            piece = []
            continue
        piece.append((node.lon, node.lat))
        if uses[node.ref] > 1 and len(piece) > 1:
            yield piece
            piece = piece[-1:]
    if len(piece) > 1:
        yield piece


def _name(feature: _Thing) -> str:
    if isinstance(feature, Area):
        return f"{'way' if feature.from_way() else 'relation'}/{feature.orig_id()}"
    return f"{type(feature).__name__.lower()}/{feature.id}"


def _shape(feature: _Thing) -> shapely.Geometry | None:
    factory = osmium.geom.WKBFactory()
    try:
        if isinstance(feature, Node):
            return shapely.from_wkb(factory.create_point(feature))
        if isinstance(feature, Way):
            return shapely.from_wkb(factory.create_linestring(feature))
        if isinstance(feature, Area):
            return shapely.from_wkb(factory.create_multipolygon(feature))
    except (osmium.InvalidLocationError, RuntimeError, shapely.GEOSException):
        return None
    return None


def _broken(source_id: str, line: int, texts: dict[str, str]) -> QuarantinedRow:
    return QuarantinedRow(
        source_id=source_id,
        line=line,
        field="geometry",
        code="no_geometry",
        message="It has no outline, or one beyond the extract. Cut the extract with whole ways.",
        raw=texts,
    )
