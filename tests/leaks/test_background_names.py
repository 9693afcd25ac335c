"""A name that is drawn behind a map gives no confidential place away, and excuses nothing."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import mapping.build
from mapping.build import BuildInput
from mapping.edition.edition import Edition, current
from mapping.geocoding.build_gazetteer import gazetteer_from_anchors
from mapping.leaks.file_content import contents
from mapping.leaks.publication import without_told_names
from mapping.maps.basemap import background_tiles
from mapping.territory.areas import assemble
from tests.leaks.conftest import Run
from tests.leaks.drawn_sources import CITY, SECRET_POINTS, write_config, write_mirror
from tests.mapping.drawn_city import MILANO, service, square
from tests.overlay import HEAD, write

BACKGROUND = f"""{HEAD}
yields = "background"
reader = "vector"
mirror = "sfondo.geojson"

[[background]]
kind = "KIND"
name = "name"
"""
PREMISES = f"""{HEAD}
yields = "premises"
reader = "vector"
mirror = "sfondo.geojson"
columns = {{ premises_id = "name", name = "name", kind = "name" }}
"""
NAMES = {
    "Scuola Riva": (9.2, 45.601), "Casa rifugio Ninfea": (9.202, 45.602),
    "Aurora": SECRET_POINTS[0],
}  # fmt: skip


@pytest.fixture(params=["premises", "park"])
def where(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, Path]:
    """A park is a place that is asked for by name, too."""
    config = write_config(tmp_path / "config")
    sources = CITY.replace('"elenco"]', '"elenco", "sfondo", "sedi"]')
    write(
        config,
        {
            "cities/valdilago.toml": sources,
            "sources/sfondo.toml": BACKGROUND.replace("KIND", request.param),
            "sources/sedi.toml": PREMISES,
        },
    )
    mirror = write_mirror(tmp_path / "mirror", secret=True)
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": point},
        }
        for name, point in NAMES.items()
    ]
    document = {"type": "FeatureCollection", "features": features}
    (mirror / "sfondo.geojson").write_text(json.dumps(document), encoding="utf-8")
    return {"var": tmp_path / "var", "config": config}


def _texts(edition: Edition) -> str:
    paths = sorted(edition.path.iterdir())
    return "\n".join(text for path in paths for part in contents(path) for text in part.texts)


def test_no_name_of_the_background_tells_a_shelter(
    run: Run, tmp_path: Path, where: dict[str, Path]
) -> None:
    code, printed = run("build", "--offline", "--mirror", str(tmp_path / "mirror"), **where)
    assert code == 0, printed
    texts = _texts(Edition.open(current(where["var"] / "editions")))
    assert "Scuola Riva" in texts
    assert not [name for name in ("Ninfea", "Aurora") if name in texts]


def test_what_the_background_says_excuses_no_confidential_record(
    run: Run, tmp_path: Path, where: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A record that is confidential by its category alone goes on into the edition.
    monkeypatch.setattr(mapping.build, "is_confidential", lambda _service: False)
    code, printed = run("build", "--offline", "--mirror", str(tmp_path / "mirror"), **where)
    assert code == 2
    assert "services.parquet by a point" in printed
    assert "services.parquet by a text" in printed
    assert "Aurora" not in printed


def test_tiles_draw_no_such_name_whoever_makes_them(tmp_path: Path) -> None:
    square = shapely.box(9.19, 45.59, 9.22, 45.62)
    area = {"area_id": ["1"], "name": ["Valdilago"], "level": ["municipality"]}
    areas = gpd.GeoDataFrame(area, geometry=[square], crs=4326)
    way = shapely.LineString([(9.2, 45.6), (9.21, 45.6)])
    street = {"name": ["Accesso casa rifugio"], "kind": ["street"], "walkable": [True]}
    lines = gpd.GeoDataFrame(street, geometry=[way], crs=4326).to_crs(32632)
    points = gpd.points_from_xy(*zip(*NAMES.values(), strict=True))
    drawn = gpd.GeoDataFrame({"kind": "premises", "name": [*NAMES]}, geometry=points, crs=4326)
    (tmp_path / "a.pmtiles").write_bytes(background_tiles(areas, lines, drawn))
    parts = list(contents(tmp_path / "a.pmtiles"))
    texts = {text for part in parts for text in part.texts}
    assert "Scuola Riva" in texts
    assert not [text for text in texts if "rifugio" in text.lower()]


def test_an_institution_that_is_called_as_a_shelter_stays_an_ordinary_section() -> None:
    layers = square()
    signs = layers.municipi.assign(kind="hospital").iloc[[0, 0]]
    amid = signs.representative_point()
    signs = signs.assign(name=["Ospedale Disegnato", "Casa Ninfea"], geometry=amid)
    whole = layers.municipi.assign(families=0.0)
    inputs = BuildInput(
        MILANO,
        replace(layers, sections=whole, signs=signs.iloc[[1]]),
        None,
        None,
        gazetteer_from_anchors([], MILANO),
        [],
        [],
    )
    shelter = service(0, "rifugio", name="Casa Ninfea", categories=("antiviolenza",))
    shown = without_told_names(inputs, [shelter]).layers
    assert "institution" in set(assemble(inputs.layers, MILANO).frame["level"])
    assert "institution" not in set(assemble(shown, MILANO).frame["level"])
    both = replace(inputs, layers=replace(inputs.layers, signs=signs))
    assert list(without_told_names(both, [shelter]).layers.signs["name"]) == ["Ospedale Disegnato"]
