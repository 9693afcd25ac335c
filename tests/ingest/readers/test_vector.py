"""Vector files as they come: whole, cut short, empty, of another format."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from ingest.layers.raw_table import read_table
from ingest.readers.vector import read_records, read_vector
from ingest.rows import LAT, LON
from ingest.source import Source
from mapping.errors import SourceError

NUMBER = 500


def written(path: Path, **more: object) -> bytes:
    names = {"NOME": [f"Luogo {n}" for n in range(NUMBER)]}
    points = shapely.points(np.linspace(9, 9.2, NUMBER), 45.45)
    gpd.GeoDataFrame(names, geometry=points, crs=4326).to_file(path, **more)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".fgb", ".gpkg", ".geojson"])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"places{suffix}"
    whole = written(path, **({"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}))
    assert len(read_vector(path)) == NUMBER
    for size in range(0, len(whole) - 2, len(whole) // 40):
        path.write_bytes(whole[:size])
        with pytest.raises(SourceError, match=path.name):
            read_vector(path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.geojson").write_text("<html>moved</html>", encoding="utf-8")
    with pytest.raises(SourceError, match=r"page\.geojson cannot be read"):
        read_vector(tmp_path / "page.geojson")


def test_a_layer_that_is_not_there_is_named(tmp_path: Path) -> None:
    written(tmp_path / "places.gpkg")
    with pytest.raises(SourceError, match="mend `layer`"):
        read_vector(tmp_path / "places.gpkg", layer="EL_STR")


def test_a_table_without_places_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path)
    with pytest.raises(SourceError, match="has no geometry"):
        read_vector(path)


@pytest.mark.parametrize(
    "text",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>",
        '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {}"}}',
    ],
)
def test_a_file_that_points_at_another_is_never_followed(tmp_path: Path, text: str) -> None:
    written(tmp_path / "secret.geojson")
    (tmp_path / "a.geojson").write_text(text.format(tmp_path / "secret.geojson"), encoding="utf-8")
    with pytest.raises(SourceError, match="it is no GeoJSON"):
        read_vector(tmp_path / "a.geojson")


def zipped(folder: Path, *names: str) -> Path:
    for name in names:
        written(folder / f"{name}.shp")
    path = folder / "shapes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.glob("*.[sdpc]*"):
            archive.write(file, file.name)
    return path


def mark_deleted(table: Path, *rows: int) -> None:
    """Flag rows of a .dbf as an editor leaves them before it repacks the file."""
    content = bytearray(table.read_bytes())
    header, row_bytes = (
        int.from_bytes(content[8:10], "little"),
        int.from_bytes(content[10:12], "little"),
    )
    for row in rows:
        content[header + row * row_bytes] = 0x2A
    table.write_bytes(content)


@pytest.mark.parametrize("name", ["places.shp", "shapes.zip"])
def test_rows_that_a_shapefile_marks_as_deleted_are_left_out_and_counted(
    tmp_path: Path, name: str
) -> None:
    written(tmp_path / "places.shp")
    mark_deleted(tmp_path / "places.dbf", 0, 7, NUMBER - 1)
    with zipfile.ZipFile(tmp_path / "shapes.zip", "w") as archive:
        for file in tmp_path.glob("places.*"):
            archive.write(file, file.name)

    table = read_table(source(), tmp_path / name)

    assert (len(table.rows), table.deleted, table.rows_in) == (NUMBER - 3, 3, NUMBER - 3)
    assert "Luogo 7" not in {row.texts["NOME"] for row in table.rows}


def test_a_shapefile_that_is_cut_is_refused_however_many_rows_are_deleted(tmp_path: Path) -> None:
    written(tmp_path / "places.shp")
    mark_deleted(tmp_path / "places.dbf", 0)
    whole = (tmp_path / "places.shp").read_bytes()
    (tmp_path / "places.shp").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(SourceError):
        read_table(source(), tmp_path / "places.shp")


def source(**more: object) -> Source:
    return Source.model_validate({
        "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0",
        "attribution": "Prova", "yields": "services", "reader": "vector", **more,
    })  # fmt: skip


def test_a_zipped_shapefile_is_read_as_it_is(tmp_path: Path) -> None:
    path = zipped(tmp_path, "places")
    (tmp_path / "places.shp").unlink()
    assert len(read_table(source(), path).rows) == NUMBER


def test_one_of_several_zipped_shapefiles_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path, "places", "others")
    assert len(read_table(source(member="others.shp"), path).rows) == NUMBER
    assert len(read_table(source(layer="places"), path).rows) == NUMBER


def test_records_carry_a_point_inside_their_shape(tmp_path: Path) -> None:
    ring = shapely.box(9, 45, 9.2, 45.2).difference(shapely.box(9.05, 45.05, 9.15, 45.15))
    frame = gpd.GeoDataFrame({"NOME": ["Anello"]}, geometry=[ring], crs=4326)
    frame.to_file(tmp_path / "ring.gpkg")
    (row,) = read_records(tmp_path / "ring.gpkg").rows
    assert ring.contains(shapely.Point(float(row.texts[LON]), float(row.texts[LAT])))
    assert row.texts["NOME"] == "Anello"


def test_of_several_zipped_shapefiles_one_is_to_be_named(tmp_path: Path) -> None:
    path = zipped(tmp_path, "places", "others")
    with pytest.raises(SourceError, match=r"shapes\.zip holds 2 layers\. Say which in `layer`"):
        read_table(source(), path)


POINT = {"type": "Point", "coordinates": [9.19, 45.46]}
OPEN_RING = [[9.19, 45.46], [9.20, 45.46], [9.20, 45.47], [9.19, 45.47]]


def geojson(path: Path, *features: tuple[object, object]) -> Path:
    listed = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in features
    ]
    text = json.dumps({"type": "FeatureCollection", "features": listed})
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": [OPEN_RING]},
        {"type": "MultiPolygon", "coordinates": [[OPEN_RING]]},
    ],
)
def test_a_ring_that_nobody_closed_is_closed(tmp_path: Path, shape: object) -> None:
    path = geojson(tmp_path / "a.geojson", (shape, {"n": 1}), (POINT, {"n": 2}))
    assert read_vector(path).geometry.is_valid.all()
    first, second = read_records(path).rows
    assert (first.texts[LON], first.texts[LAT]) == ("9.1950000", "45.4650000")
    assert second.texts["n"] == "2"


def test_a_shape_that_cannot_be_mended_costs_no_other_row(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[9.19, 45.46]]}
    path = geojson(tmp_path / "a.geojson", (line, {"n": 1}), (POINT, {"n": 2}), (None, {"n": 3}))
    assert [row.texts[LON] for row in read_records(path).rows] == ["", "9.1900000", ""]


def test_a_whole_number_beside_a_missing_one_stays_whole(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson",
        (POINT, {"civico": 61, "tel": 288451234, "quota": 1.5}),
        (POINT, {"civico": None, "tel": None, "quota": 2}),
        (POINT, None),
    )
    texts = [row.texts for row in read_records(path).rows]
    assert [(row["civico"], row["tel"], row["quota"]) for row in texts] == [
        ("61", "288451234", "1.5"), ("", "", "2"), ("", "", ""),
    ]  # fmt: skip


GML = """<?xml version="1.0"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0"
 xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:x="http://example.invalid/x"><wfs:member>
<x:sede gml:id="s.1"><x:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>45.46 9.19
</gml:pos></gml:Point></x:geom><x:nome>A</x:nome></x:sede></wfs:member></wfs:FeatureCollection>"""


def test_a_plain_gml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sedi.gml"
    path.write_text(GML, encoding="utf-8")
    (row,) = read_records(path).rows
    assert (row.texts["nome"], row.texts[LON]) == ("A", "9.1900000")
    assert [file.name for file in tmp_path.iterdir()] == ["sedi.gml"]


@pytest.mark.parametrize(
    "text",
    [
        GML.replace("<wfs:F", "<!DOCTYPE a [<!ENTITY b 'c'>]><wfs:F", 1),
        GML.replace("?>", "?><!-- <OGRVRTDataSource/> -->", 1),
        GML.replace("FeatureCollection", "Altro"),
        "<OGRVRTDataSource><!-- http://www.opengis.net/gml --></OGRVRTDataSource>",
    ],
)
def test_xml_that_is_no_plain_gml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sedi.gml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="no GeoJSON, GML"):
        read_records(path)


def test_a_whole_number_of_twenty_digits_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "places.geojson"
    places = [
        {"type": "Feature", "properties": {"id": number, "n": 2.5}, "geometry": point}
        for number in (12345678901234567891, 7, None)
        for point in [{"type": "Point", "coordinates": [9.2, 45.4]}]
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": places}), "utf-8")

    assert [row.texts["id"] for row in read_records(path).rows] == ["12345678901234567891", "7", ""]
