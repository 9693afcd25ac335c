"""A city of one drawn street, built as a whole edition."""

from collections.abc import Collection
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from unittest import mock

import geopandas as gpd
import shapely
from shapely.affinity import translate

from mapping import build
from mapping.build import BuildInput
from mapping.city import City, city
from mapping.coverage.cases import Case
from mapping.crs import to_degrees
from mapping.edition.edition import Edition, publish
from mapping.geocoding.build_gazetteer import gazetteer_from_anchors
from mapping.model import Location, Position, Provenance, Service
from mapping.territory.areas import Layers
from tests.mapping.drawn import draw


def newly_listed(place: City, year: int = 2026) -> City:
    """Give a city whose complete lists all came out in that year: none has expired."""
    lists = {
        code: said.model_copy(update={"year": year}) if said.status == "complete" else said
        for code, said in place.completeness.items()
    }
    return place.model_copy(update={"completeness": lists})


MILANO = newly_listed(city("milano"))
TODAY = date(2026, 3, 2)  # a Monday
EAST, NORTH = 515_000.0, 5_035_000.0


def service(metres: float, key: str, **said: object) -> Service:
    """Invent a service on the drawn street, so many metres from its western end."""
    lon, lat = place(metres)
    spot = Position(lon=lon, lat=lat, precision="premises")
    hours = said.pop("opening_hours", None)
    where = Location.model_validate(
        {"location_id": f"prova:{key}", "position": spot, "opening_hours": hours}
    )
    return Service.model_validate(
        {
            "service_id": f"prova:{key}",
            "name": f"Inventato {key}",
            "categories": ("nido",),
            "locations": (where,),
            "provenance": Provenance(source_id="prova"),
            **said,
        }
    )


def square() -> Layers:
    """One municipio, one NIL and one section of 100 residents around a drawn street."""
    box = shapely.box(EAST - 500, NORTH - 500, EAST + 1500, NORTH + 500)
    area = {"area_id": ["1"], "name": ["Disegnato"], "residents": [100.0]}
    frame = gpd.GeoDataFrame(area, geometry=[box], crs=MILANO.epsg).to_crs(4326)
    return Layers(frame, frame, sections=frame)


def place(metres: float) -> tuple[float, float]:
    """Degrees of a point on the drawn street, so many metres from its western end."""
    lon, lat = to_degrees([EAST + metres], [NORTH], MILANO.epsg)
    return float(lon[0]), float(lat[0])


def drawn_city(
    root: Path,
    services: list[Service],
    drawing: str = "A---------B",
    layers: Layers | None = None,
    *,
    categories: Collection[str] = ("nido",),
    to_cut_tiles: bool = False,
    **more: object,
) -> Edition:
    """A city of one street, 1000 m from west to east where nothing else is drawn.

    Coverage is assessed for the categories of its services and for those that are named; `more`
    are further fields of a build's input.
    """
    lines, _ = draw(drawing, cell=100)
    lines = lines.set_geometry(lines.geometry.map(lambda line: translate(line, EAST, NORTH)))
    given = BuildInput(
        MILANO,
        layers or square(),
        lines,
        None,
        gazetteer_from_anchors([], MILANO),
        services,
        sources=[],
        **more,
    )
    return build_some(given, root, categories=categories, to_cut_tiles=to_cut_tiles)


def build_some(
    given: BuildInput, root: Path, *, categories: Collection[str] = (), to_cut_tiles: bool = False
) -> Edition:
    """Build an edition without the categories and the tiles that its test does not read."""
    wanted = {*categories, *(code for one in given.services for code in one.categories)}
    every = build.list_cases

    def some(*arguments: object) -> list[Case]:
        return [case for case in every(*arguments) if case.category.code in wanted]

    with ExitStack() as patched:
        patched.enter_context(mock.patch.object(build, "list_cases", some))
        if not to_cut_tiles:
            patched.enter_context(mock.patch.object(build, "_tiles", return_value={}))
        edition = build.build(
            given, root=root, software_version="0", today=TODAY, say=lambda _: None
        )
    return publish(root, edition.id)
