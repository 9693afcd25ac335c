"""A drawn city of streets that cross: each has a name, and services stand on some."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from mapping.build import BuildInput
from mapping.city import City
from mapping.crs import to_degrees
from mapping.edition.edition import Edition
from mapping.geocoding.build_gazetteer import gazetteer_from_anchors
from mapping.model import Location, Position, Provenance, Service
from mapping.territory.areas import Layers
from tests.mapping.drawn_city import EAST, MILANO, NORTH, build_some

SIDE, BLOCK_METRES = 8, 400.0
"""So many streets each way, and how far apart they are."""


def degrees(x: float, y: float) -> tuple[float, float]:
    lon, lat = to_degrees([EAST + x], [NORTH + y], MILANO.epsg)
    return float(lon[0]), float(lat[0])


MIDDLE = SIDE * BLOCK_METRES / 2 + 100
CITY: City = MILANO.model_copy(update={"centre": degrees(MIDDLE, MIDDLE)})
"""Its centre is in the middle of the streets, on none of them."""


def grid() -> gpd.GeoDataFrame:
    steps = [n * BLOCK_METRES for n in range(SIDE + 1)]
    rows = []
    for n, at in enumerate(steps):
        for start, end in pairwise(steps):
            rows.append((f"VIA LUNGA {n}", [(start, at), (end, at)]))
            rows.append((f"VIA LARGA {n}", [(at, start), (at, end)]))
    lines = [
        (name, shapely.LineString([(EAST + x, NORTH + y) for x, y in line])) for name, line in rows
    ]
    names, shapes = zip(*lines, strict=True)
    frame = {"name": pd.Series(names), "kind": "street", "walkable": True}
    return gpd.GeoDataFrame(frame, geometry=list(shapes), crs=MILANO.epsg)


def service(key: str, code: str, place: tuple[float, float] = (0, 0), **said: object) -> Service:
    lon, lat = degrees(*place)
    spot = Position(lon=lon, lat=lat, precision="premises")
    fields = {
        "service_id": f"prova:{key}",
        "name": f"Inventato {key}",
        "categories": (code,),
        "locations": (Location(location_id=f"prova:{key}", position=spot),),
        "provenance": Provenance(source_id="prova"),
        **said,
    }
    return Service.model_validate(fields)


def grid_city(root: Path, services: list[Service]) -> Edition:
    """Build an edition of the streets, in one municipio."""
    ends = SIDE * BLOCK_METRES
    box = shapely.box(EAST - 100, NORTH - 100, EAST + ends + 100, NORTH + ends + 100)
    area = {"area_id": ["1"], "name": ["Disegnato"], "residents": [100.0]}
    frame = gpd.GeoDataFrame(area, geometry=[box], crs=MILANO.epsg).to_crs(4326)
    layers = Layers(frame, frame, sections=frame)
    given = BuildInput(
        CITY, layers, grid(), None, gazetteer_from_anchors([], CITY), services, sources=[]
    )
    return build_some(given, root)


def nidi_everywhere() -> list[Service]:
    """Nidi two blocks apart."""
    steps = [n * BLOCK_METRES for n in range(0, SIDE + 1, 2)]
    places = [(x + 50, y) for x in steps for y in steps]
    return [service(f"{n}", "nido", place) for n, place in enumerate(places)]
