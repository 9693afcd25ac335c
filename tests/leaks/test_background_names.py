"""A public name stays whoever else is called so: leaving it out would tell. It excuses nothing."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import mapping.build
from mapping.build import BuildInput
from mapping.edition.edition import Edition, current
from mapping.geocoding.build_gazetteer import gazetteer_from_anchors
from mapping.leaks.file_content import contents
from mapping.leaks.public_ground import ground_of
from mapping.maps.basemap import background_tiles
from tests.leaks.conftest import Run
from tests.leaks.drawn_sources import CITY, SECRET_POINTS, write_config, write_mirror
from tests.mapping.drawn_city import MILANO
from tests.mapping.drawn_city import square as drawn_layers
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
NOWHERE = np.empty((0, 2))


@pytest.fixture(params=["premises", "park"])
def kind(request: pytest.FixtureRequest) -> str:
    """A park is a place that is asked for by name, too."""
    return request.param


def _inputs(folder: Path, kind: str, *, secret: bool) -> dict[str, Path]:
    """Write what a city is built of; public sources say the name of a confidential place."""
    config = write_config(folder / "config")
    sources = CITY.replace('"elenco"]', '"elenco", "sfondo", "sedi"]')
    write(
        config,
        {
            "cities/valdilago.toml": sources,
            "sources/sfondo.toml": BACKGROUND.replace("KIND", kind),
            "sources/sedi.toml": PREMISES,
        },
    )
    mirror = write_mirror(folder / "mirror", secret=secret)
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
    return {"var": folder / "var", "config": config}


def _built(run: Run, folder: Path, kind: str, *, secret: bool) -> Edition:
    folder.mkdir()
    where = _inputs(folder, kind, secret=secret)
    code, printed = run("build", "--offline", "--mirror", str(folder / "mirror"), **where)
    assert code == 0, printed
    return Edition.open(current(where["var"] / "editions"))


def _texts(edition: Edition) -> str:
    paths = sorted(edition.path.iterdir())
    return "\n".join(text for path in paths for part in contents(path) for text in part.texts)


def test_no_public_name_is_left_out_for_a_record(run: Run, tmp_path: Path, kind: str) -> None:
    """Whoever has the source too would see which, and where: a secret place has that name."""
    one = _built(run, tmp_path / "with", kind, secret=True)
    other = _built(run, tmp_path / "without", kind, secret=False)
    assert one.manifest.files == other.manifest.files
    texts = _texts(one)
    assert "Scuola Riva" in texts
    assert "Aurora" in texts
    assert "Ninfea" not in texts  # by its words, which no record changes
    where = {"var": tmp_path / "with" / "var", "config": tmp_path / "with" / "config"}
    _, printed = run("doctor", **where)
    assert "leak" not in printed


def test_what_the_background_says_excuses_no_confidential_record(
    run: Run, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = _inputs(tmp_path, kind, secret=True)
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


def test_the_public_name_of_an_institution_explains_its_own_table_alone() -> None:
    layers = drawn_layers()
    signs = layers.municipi.assign(kind="hospital", name="Casa Ninfea")
    gazetteer = gazetteer_from_anchors([], MILANO)
    layers = replace(layers, signs=signs)
    ground = ground_of(BuildInput(MILANO, layers, None, None, gazetteer, [], []), NOWHERE)
    assert "Casa Ninfea" in ground.of_file("areas.parquet").texts
    assert not ground.of_file("services.parquet").texts
