"""Maps as programs export them (KML, uMap, GeoJSON, shapefiles), where readers were wrong."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from ingest.layers.raw_table import read_table
from ingest.readers.kml import read_kml
from ingest.readers.umap import read_umap
from ingest.readers.vector import read_records
from ingest.rows import LAT, LON, RawTable
from ingest.source import Source
from mapping.errors import SourceError
from mapping.text import tidy
from tests.reported.kind import Kind

REFUSED = None
PLACE = "<Point><coordinates>9.1,45.4</coordinates></Point>"
POINT = {"type": "Point", "coordinates": [9.1, 45.4]}
AREA = "<outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs>"


def kml(*placemarks: str) -> str:
    marks = "".join(f"<Placemark>{mark}</Placemark>" for mark in placemarks)
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    return f"{head}{marks}</Document></kml>"


def data(name: str, *values: str) -> str:
    parts = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for value in values)
    return f"<ExtendedData>{parts}</ExtendedData>{PLACE}"


def simple(schema: str, name: str, value: str) -> str:
    cell = f'<SimpleData name="{name}">{value}</SimpleData>'
    return (
        f'<ExtendedData><SchemaData schemaUrl="#{schema}">{cell}</SchemaData></ExtendedData>{PLACE}'
    )


KML = [
    Kind("mapbox/togeojson#56", "blanks around marked text", kml(
        f"<description>\n <![CDATA[\n Aperto\n ]]>\n</description>{PLACE}"),
        [{"description": "Aperto"}]),
    Kind("mapbox/togeojson#42", "marked text as a name",
         kml(f"<name><![CDATA[Casa & Famiglia]]></name>{PLACE}"), [{"name": "Casa & Famiglia"}]),
    Kind("OSGeo/gdal#12278", "line ends in a description",
         kml(f"<description>riga 1\nriga 2</description>{PLACE}"),
         [{"description": "riga 1\nriga 2"}]),
    Kind("OSGeo/gdal#14698", "data by a schema",
         kml(simple("a", "tel", "02 1")), [{"tel": "02 1"}]),
    Kind("OSGeo/gdal#826", "places with data of different schemas",
         kml(simple("a", "tel", "02 1"), simple("b", "orari", "lun 9-12")),
         [{"tel": "02 1"}, {"orari": "lun 9-12"}]),
    Kind("duckdb/duckdb-spatial#727", "data that have the name of an element",
         kml(f"<name>Casa</name>{data('name', 'B12')}"), [{"name": "Casa", "name (2)": "B12"}]),
    Kind("duckdb/duckdb-spatial#727", "two data of one name",
         kml(data("tel", "02 1", "02 2")), [{"tel": "02 1; 02 2"}]),
    Kind("OSGeo/gdal#4031", "a table of keys and values", kml(
        "<description><![CDATA[<table><tr><td>Tel:</td><td>02 1</td></tr></table>]]></description>"
        f"{PLACE}"),
        [{"description.Tel": "02 1"}]),
    Kind("OSGeo/gdal#12278", "one key on two lines",
         kml(f"<description>Tel: 02 1\nTel: 02 2</description>{PLACE}"),
         [{"description.Tel": "02 1; 02 2"}]),
    Kind("OSGeo/gdal#4031", "two areas of one place", kml(
        "<name>A</name><MultiGeometry>"
        f"<Polygon>{AREA.format('9,45 9.1,45 9.1,45.1 9,45')}</Polygon>"
        f"<Polygon>{AREA.format('9.2,45 9.3,45 9.3,45.1 9.2,45')}</Polygon></MultiGeometry>"),
        [{"name": "A"}]),
    Kind("cachly/issues-tracker#2987", "line ends and blanks around coordinates", kml(
        "<name>A</name><Point><coordinates>\n 9.1, 45.4,0\n </coordinates></Point>"),
        [{"name": "A", LON: "9.1000000"}]),
]  # fmt: skip


def features(*properties: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [{"type": "Feature", "properties": one, "geometry": POINT} for one in properties]


def collection(*properties: dict[str, Any] | None) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features(*properties)}).encode()


def umap(*layers: object) -> bytes:
    return json.dumps({"type": "umap", "layers": layers}).encode()


UMAP = [
    Kind("umap-project/umap#82", "a layer that is null",
         umap(None, {"features": features({"name": "A"})}), [{"name": "A"}]),
    Kind("umap-project/umap#82", "a layer whose features are null",
         umap({"features": None}, {"features": features({"name": "A"})}), [{"name": "A"}]),
    Kind("umap-project/umap#136", "a map without layers", collection({"name": "A"}), REFUSED),
    Kind("cityjson/cjio#21", "a byte order mark before the map",
         b"\xef\xbb\xbf" + umap({"features": features({"name": "A"})}), [{"name": "A"}]),
    Kind("umap-project/umap#1163", "a layer without options, or with a name that is null",
         umap({"features": features({"name": "A"}), "_umap_options": {"name": None}}),
         [{"name": "A", "folder": ""}]),
    Kind("umap-project/umap#3383", "properties of a layer beside its features",
         umap({"features": features({"name": "A"}), "properties": {"iconClass": "x"},
               "_storage": {"name": "Nidi"}}), [{"name": "A", "folder": "Nidi"}]),
    Kind("mapbox/geobuf#42", "a list among the properties of a map",
         umap({"features": features({"giorni": ["lun", "mar"]})}), [{"giorni": "lun; mar"}]),
]  # fmt: skip
NULL_POINT = [{"type": "Feature", "properties": {"nome": "A"}, "geometry": None}]
GEOJSON = [
    Kind("mapbox/geobuf#42", "an object inside the properties",
         collection({"tel": {"casa": "02 1"}}, {"tel": None}), [{"tel.casa": "02 1"}, {}]),
    Kind("mapbox/geobuf#42", "lists inside the properties",
         collection({"giorni": ["lun", "mar"], "anni": [3, 6]}),
         [{"giorni": "lun; mar", "anni": "3; 6"}]),
    Kind("OSGeo/gdal#7313", "a list here, a text there",
         collection({"giorni": ["lun", "mar"]}, {"giorni": "mer"}),
         [{"giorni": "lun; mar"}, {"giorni": "mer"}]),
    Kind("OSGeo/gdal#93", "whole numbers, one of them null",
         collection({"civico": 168}, {"civico": None}), [{"civico": "168"}, {"civico": ""}]),
    Kind("OSGeo/gdal#7336", "a number here, a text there",
         collection({"civico": 42}, {"civico": "42/A"}), [{"civico": "42"}, {"civico": "42/A"}]),
    Kind("django/django#10760", "a property that only some features have",
         collection({"nome": "A"}, {"tel": "02 1"}), [{"nome": "A"}, {"tel": "02 1"}]),
    Kind("bamcis-io/GeoJSON#11", "a feature without a place", json.dumps(
        {"type": "FeatureCollection", "features": NULL_POINT + features({"nome": "B"})}).encode(),
        [{"nome": "A", LON: ""}, {"nome": "B", LON: "9.1000000"}]),
    Kind("OSGeo/gdal#92", "a place without coordinates", json.dumps(
        {"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"nome": "A"},
             "geometry": {"type": "Point", "coordinates": []}}]}).encode(),
        [{"nome": "A", LON: "", LAT: ""}]),
    Kind("bamcis-io/GeoJSON#11", "properties that are null",
         collection(None, {"nome": "B"}), [{"nome": ""}, {"nome": "B"}]),
    Kind("OSGeo/gdal#3297", "a feature alone, with a long text before its place",
         json.dumps({"type": "Feature", "properties": {"nome": "x" * 70_000}, "geometry": POINT})
         .encode(), [{"nome": "x" * 70_000}]),
    Kind("mit-cml/appinventor-sources#1407", "a byte order mark before features",
         b"\xef\xbb\xbf" + collection({"nome": "A"}), [{"nome": "A"}]),
    Kind("umap-project/umap#2869", "features in the JSON of ArcGIS", json.dumps(
        {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326},
         "fields": [{"name": "nome", "type": "esriFieldTypeString"}],
         "features": [{"attributes": {"nome": "A"}, "geometry": {"x": 9.1, "y": 45.4}}]}).encode(),
        [{"nome": "A", LON: "9.1000000"}]),
]  # fmt: skip

SHAPES = [
    Kind("portolan-sdi/portolan-cli#783", "Latin letters, and no file that says so",
         {"encoding": "ISO-8859-1", "cpg": None}, "Città"),
    Kind("portolan-sdi/portolan-cli#783", "a file for the letters that is wrong",
         {"encoding": "UTF-8", "cpg": "1252"}, "Città"),
    Kind("gasparesganga/php-shapefile#18", "letters of UTF-8, and no file that says so",
         {"encoding": "UTF-8", "cpg": None}, "Città"),
    Kind("rgeo/rgeo-shapefile#39", "a number for the letters",
         {"encoding": "CP1252", "cpg": "1252"}, "Città"),
    Kind("CartoDB/cartodb#14189", "a line end behind the name of the letters",
         {"encoding": "UTF-8", "cpg": "UTF-8\n"}, "Città"),
    Kind("oskariorg/oskari-server#61", "letters by a name that nobody knows",
         {"encoding": "UTF-8", "cpg": "sconosciuto"}, "Città"),
    Kind("hydroshare/hydroshare#646", "a folder of its own in the zip",
         {"encoding": "UTF-8", "folder": "dati/"}, "Città"),
    Kind("conveyal/analyst-server#81", "what a Mac adds to a zip",
         {"encoding": "UTF-8", "folder": "dati/", "mac": True}, "Città"),
]  # fmt: skip
KINDS = [*KML, *UMAP, *GEOJSON, *SHAPES]


def shapefile(
    folder: Path, *, encoding: str, cpg: str | None = "", inside: str = "", mac: bool = False
) -> Path:
    frame = gpd.GeoDataFrame({"nome": ["Città"]}, geometry=[shapely.Point(9.1, 45.4)], crs=4326)
    pyogrio.write_dataframe(frame, folder / "a.shp", encoding=encoding)
    if cpg is None:
        (folder / "a.cpg").unlink(missing_ok=True)
    elif cpg:
        (folder / "a.cpg").write_text(cpg)
    with zipfile.ZipFile(folder / "prova.zip", "w") as archive:
        for part in folder.glob("a.*"):
            archive.write(part, f"{inside}{part.name}")
            if mac:
                archive.writestr(f"__MACOSX/{inside}._{part.name}", b"\0\5\x16\7")
    return folder / "prova.zip"


def holds(table: RawTable, right: list[dict[str, str]]) -> None:
    kept = [
        {name: row.texts.get(name, "") for name in one}
        for row, one in zip(table.rows, right, strict=True)
    ]
    assert kept == right


@pytest.mark.parametrize("kind", KML, ids=str)
def test_a_kml_is_read(tmp_path: Path, kind: Kind) -> None:
    (tmp_path / "prova.kml").write_text(kind.example, encoding="utf-8")
    holds(read_kml(tmp_path / "prova.kml", source_id="prova"), kind.right)


Read = Callable[[Path], RawTable]


@pytest.mark.parametrize("kind", [*UMAP, *GEOJSON], ids=str)
def test_features_are_read(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "prova.geojson"
    path.write_bytes(kind.example)
    read: Read = (lambda file: read_umap(file, source_id="prova")) if kind in UMAP else read_records
    if kind.right is REFUSED:
        with pytest.raises(SourceError, match="no list of layers"):
            read(path)
        return
    holds(read(path), kind.right)


@pytest.mark.parametrize("kind", SHAPES, ids=str)
def test_the_letters_of_a_shapefile_are_read(tmp_path: Path, kind: Kind) -> None:
    options = dict(kind.example)
    path = shapefile(tmp_path, inside=options.pop("folder", ""), **options)
    entry = Source(
        id="prova", title="Prova", publisher="Prova", licence="CC0", attribution="Prova",
        yields="services", reader="vector", columns={"name": "nome"},
    )  # fmt: skip
    (only,) = read_table(entry, path).rows
    assert tidy(only.texts["nome"]) == kind.right
