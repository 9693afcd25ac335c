"""The maps of an edition: each layer is in its tiles, and no tile says more than it should."""

import gzip
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pmtiles import reader
from shapely.affinity import translate

from mapping.edition.edition import Edition
from mapping.edition.tiles import DEEPEST, Tiles
from mapping.errors import BadInputError
from mapping.maps.basemap import area_tiles, background_tiles
from mapping.maps.tiling import CLOSEST, TileLayer, archive, by_gdal
from mapping.territory.areas import Layers
from tests.mapping.drawn import lines
from tests.mapping.drawn_city import EAST, MILANO, NORTH, drawn_city, square

EARTH_METRES = 2 * 20037508.342789244
THERE = gpd.GeoSeries([shapely.Point(EAST + 500, NORTH)], crs=MILANO.epsg)
BACKGROUND = {
    "water": shapely.box(0, 100, 300, 200),
    "stream": shapely.LineString([(0, 300), (900, 300)]),
    "park": shapely.box(500, 100, 800, 300),
    "rail": shapely.LineString([(0, -100), (900, -100)]),
    "metro": shapely.LineString([(0, -200), (900, -200)]),
    "tram": shapely.LineString([(0, -300), (900, -300)]),
    "station": shapely.Point(500, -200),
    "premises": shapely.box(100, -400, 200, -350),
}


def background() -> gpd.GeoDataFrame:
    """One invented thing of each kind, around the drawn street."""
    shapes = [translate(shape, EAST, NORTH) for shape in BACKGROUND.values()]
    frame = {"kind": list(BACKGROUND), "name": [f"Inventato {kind}" for kind in BACKGROUND]}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=MILANO.epsg).to_crs(4326)


def streets() -> gpd.GeoDataFrame:
    """Two pieces of one street, a nameless footpath, and a motorway."""
    west, east = [(EAST, NORTH), (EAST + 400, NORTH)], [(EAST + 400, NORTH), (EAST + 900, NORTH)]
    up, fast = [(EAST, NORTH), (EAST, NORTH + 90)], [(EAST, NORTH + 400), (EAST + 900, NORTH + 400)]
    drawn = lines(("street", west), ("street", east), ("footpath", up), ("street", fast))
    names = ["VIA INVENTATA", "VIA INVENTATA", None, "TANGENZIALE INVENTATA"]
    return drawn.assign(name=names, walkable=[True, True, True, False])


def read(path: Path, layer: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(path, layer=layer)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return drawn_city(
        tmp_path_factory.mktemp("editions"), [], background=background(), to_cut_tiles=True
    )


@pytest.fixture(scope="module")
def one_square(tmp_path_factory: pytest.TempPathFactory) -> Tiles:
    path = tmp_path_factory.mktemp("square") / "square.pmtiles"
    path.write_bytes(archive([TileLayer("square", square().municipi, 9)]))
    return Tiles(path)


@pytest.fixture(scope="module")
def drawn_map(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "basemap.pmtiles"
    path.write_bytes(background_tiles(edition.frame("areas.parquet"), streets(), background()))
    return path


def test_each_kind_of_background_has_its_layer(drawn_map: Path) -> None:
    held = {name for name, _ in pyogrio.list_layers(drawn_map)}
    kinds = {"water", "green", "stream", "rail", "metro", "tram", "station", "premises"}
    assert held == kinds | {"road", "street", "path", "border", "place"}
    assert set(read(drawn_map, "place")["name"]) == {"Disegnato", "Inventato park"}
    assert list(read(drawn_map, "station")["name"]) == ["Inventato station"]


def test_the_pieces_of_a_street_are_one_line_with_its_readable_name(drawn_map: Path) -> None:
    (street,) = read(drawn_map, "street").dissolve("name").reset_index().to_dict("records")
    assert street["name"] == "Via Inventata"
    metres = gpd.GeoSeries([street["geometry"]], crs=3857).to_crs(MILANO.epsg).length[0]
    assert metres == pytest.approx(900, abs=5)
    assert set(read(drawn_map, "road")["name"]) == {"Tangenziale Inventata"}


def test_an_area_says_who_it_is_and_nothing_else(edition: Edition) -> None:
    path = edition.path / "areas.pmtiles"
    layers = {name for name, _ in pyogrio.list_layers(path)}
    assert layers == {"municipality", "municipio", "nil", "section"}
    for layer in layers:
        assert set(pyogrio.read_info(path, layer=layer)["fields"]) - {"mvt_id"} == {
            "area_id",
            "name",
        }


def test_the_tile_of_a_place_is_found_at_every_zoom(edition: Edition) -> None:
    tiles = edition.tiles["areas"]
    (at,) = THERE.to_crs(3857)
    for zoom in range(tiles.zooms[0], tiles.zooms[1] + 1):
        share = 2**zoom / EARTH_METRES
        x, y = (int((EARTH_METRES / 2 + way) * share) for way in (at.x, -at.y))
        content = tiles.tile(zoom, x, y)
        assert content is not None
        assert b"area_id" in gzip.decompress(content)
    west, south, east, north = tiles.bounds
    assert shapely.box(west, south, east, north).contains(THERE.to_crs(4326)[0])


@given(st.integers(-2, 30), st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31))
def test_a_tile_outside_of_the_pyramid_is_refused(
    one_square: Tiles, zoom: int, x: int, y: int
) -> None:
    tiles = one_square
    inside = 0 <= zoom <= DEEPEST and 0 <= x < 2**zoom and 0 <= y < 2**zoom
    if inside:
        assert tiles.tile(zoom, x, y) is None or zoom in range(tiles.zooms[0], CLOSEST + 1)
    else:
        with pytest.raises(BadInputError, match="No tile"):
            tiles.tile(zoom, x, y)


def test_equal_layers_are_equal_tiles(edition: Edition) -> None:
    areas = edition.frame("areas.parquet")
    assert area_tiles(areas) == area_tiles(areas)


def test_without_tippecanoe_the_same_is_drawn(tmp_path: Path) -> None:
    ours = streets()[["name", "geometry"]]
    layers = [TileLayer("street", ours, 12), TileLayer("near", ours, CLOSEST)]
    (tmp_path / "parts").mkdir()
    made = {"tippecanoe": archive(layers), "gdal": by_gdal(layers, tmp_path / "parts")}
    for name, content in made.items():
        path = tmp_path / f"{name}.pmtiles"
        path.write_bytes(content)
        assert Tiles(path).zooms == (12, CLOSEST)
        assert set(read(path, "near")["name"].dropna()) == set(ours["name"].dropna())


def test_a_layer_is_in_no_tile_wider_than_its_least_zoom(tmp_path: Path) -> None:
    ours = streets()[["name", "geometry"]]
    layers = [TileLayer("far", ours, 12), TileLayer("near", ours, CLOSEST)]
    (tmp_path / "parts").mkdir()
    for content in (archive(layers), by_gdal(layers, tmp_path / "parts")):
        path = tmp_path / "made.pmtiles"
        path.write_bytes(content)
        seen = {
            name: len(pyogrio.read_dataframe(path, layer=name, ZOOM_LEVEL=12))
            for name in ("far", "near")
        }
        assert (seen["far"] > 0, seen["near"]) == (True, 0)


def test_points_have_no_maps(tmp_path: Path) -> None:
    municipi = square().municipi
    points = municipi.set_geometry(municipi.representative_point())
    assert drawn_city(tmp_path, [], layers=Layers(points), to_cut_tiles=True).tiles == {}


def test_an_archive_names_no_folder_of_the_machine_that_made_it(tmp_path: Path) -> None:
    made = archive([TileLayer("land", gpd.GeoDataFrame(geometry=THERE), 10)])
    path = tmp_path / "made.pmtiles"
    path.write_bytes(made)
    with path.open("rb") as file:
        metadata = reader.Reader(reader.MmapSource(file)).metadata()
    assert "/" not in metadata.get("generator_options", "").split("--")[0]
