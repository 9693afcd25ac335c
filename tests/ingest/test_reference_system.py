"""Files whose numbers or reference systems are not what they seem: one line each, or read right."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from ingest.layers.raw_table import check_degrees, read_table
from ingest.layers.reference import read_areas, read_census
from ingest.readers.vector import read_vector
from ingest.source import Source
from ingest.values.counts import count
from mapping.city import city
from mapping.errors import SourceError

MILANO = city("milano")
COMMON = {
    "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0", "attribution": "Prova",
}  # fmt: skip
SQUARE = shapely.box(9.1, 45.4, 9.2, 45.5)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("0.125", 0.125),
        ("1.234", 1234), ("98.531", 98531), ("12 345", 12345), ("1.234.567", 1234567),
        ("12\u00a0345", 12345), ("12'345", 12345), ("1,234", 1234), ("1.234,0", 1234),
        ("1234", 1234), ("1234.0", 1234), ("12,5", 12.5), ("0", 0), ("", None), ("n.d.", None),
        ("-5", -5), ("-1.234", -1234),
    ],
)  # fmt: skip
def test_people_are_counted_in_whole_numbers(text: str, people: float | None) -> None:
    assert count(text) == people


def census(folder: Path, *cells: str):
    path = folder / "census.csv"
    rows = "\n".join(f"{number};{cell}" for number, cell in enumerate(cells))
    path.write_text(f"SEZ;P1\n{rows}\n", encoding="utf-8")
    columns = {"area_id": "SEZ", "residents": "P1"}
    source = {**COMMON, "yields": "population", "reader": "csv", "delimiter": ";"}
    return read_census(Source.model_validate({**source, "columns": columns}), path, MILANO)


def test_residents_with_points_for_thousands_are_read_and_negative_ones_refused(tmp_path) -> None:
    layer = census(tmp_path, "1.234", "98.531", "12 345", "-5")
    assert layer.frame["residents"].tolist() == [1234, 98531, 12345]
    (bad,) = layer.quarantined
    assert (bad.code, str(bad.message)) == (
        "negative_count", "'residents' is -5. Give 0 or more, or leave the cell empty.",
    )  # fmt: skip


def outline(folder: Path, shape: shapely.Geometry, epsg: int = 4326) -> Path:
    path = folder / "outline.geojson"
    gpd.GeoDataFrame({"id": ["1"]}, geometry=[shape], crs=epsg).to_file(path)
    return path


AREAS = {**COMMON, "yields": "areas", "level": "municipio", "reader": "vector",
         "columns": {"area_id": "id"}}  # fmt: skip


def test_an_outline_with_latitude_before_longitude_is_refused(tmp_path) -> None:
    swapped = shapely.transform(SQUARE, lambda points: points[:, ::-1])
    with pytest.raises(SourceError, match=r"latitude stands before longitude\. Give them as"):
        read_areas(Source.model_validate(AREAS), outline(tmp_path, swapped), MILANO)
    assert len(read_areas(Source.model_validate(AREAS), outline(tmp_path, SQUARE), MILANO).frame)


def test_metres_that_are_said_to_be_degrees_are_refused(tmp_path) -> None:
    metres = gpd.GeoSeries([SQUARE], crs=4326).to_crs(32632).iloc[0]
    path = outline(tmp_path, metres)
    with pytest.raises(SourceError, match=r"they reach 5038\d{3}: they are metres"):
        read_vector(path)


def test_services_in_metres_without_a_reference_system_are_refused(tmp_path) -> None:
    path = tmp_path / "services.csv"
    path.write_text("n,x,y\nA,514000,5034000\nB,515000,5035000\n", encoding="utf-8")
    columns = {"key": "n", "name": "n", "lon": "x", "lat": "y"}
    source = Source.model_validate(
        {**COMMON, "yields": "services", "reader": "csv", "columns": columns}
    )
    with pytest.raises(SourceError, match=r"none of its 2 positions is in Italy, as degrees"):
        check_degrees(source, read_table(source, path))
    path.write_text("n,x,y\nA,514000,5034000\nB,9.19,45.46\nC,,\n", encoding="utf-8")
    check_degrees(source, read_table(source, path))


UNKNOWN = (
    'PROJCS["Monte Mario fuso 1",GEOGCS["sconosciuto",DATUM["unknown",SPHEROID["International 1924"'
    ',6378388,297]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],'
    'PARAMETER["central_meridian",9],PARAMETER["scale_factor",0.9996],'
    'PARAMETER["false_easting",1500000],PARAMETER["false_northing",0],UNIT["metre",1]]'
)


def shapefile(folder: Path, prj: str) -> Path:
    path = folder / "areas.shp"
    gpd.GeoDataFrame({"id": ["1"]}, geometry=[SQUARE], crs=4326).to_crs(3003).to_file(path)
    path.with_suffix(".prj").write_text(prj, encoding="ascii")
    return path


def test_a_datum_that_is_not_named_is_refused(tmp_path) -> None:
    with pytest.raises(SourceError, match=r"does not name the datum .* International 1924"):
        read_vector(shapefile(tmp_path, UNKNOWN))


def test_an_unnamed_datum_on_the_ellipsoid_of_gps_is_taken(tmp_path) -> None:
    prj = UNKNOWN.replace("International 1924", "GRS 1980").replace("6378388,297", "6378137,298.26")
    assert len(read_vector(shapefile(tmp_path, prj))) == 1


def test_of_several_layers_one_is_to_be_named(tmp_path) -> None:
    path = tmp_path / "two.gpkg"
    for name in ("aree", "altre"):
        gpd.GeoDataFrame({"id": [name]}, geometry=[SQUARE], crs=4326).to_file(path, layer=name)
    with pytest.raises(SourceError, match=r"two\.gpkg holds 2 layers\. Say which in `layer`"):
        read_vector(path)
    assert read_vector(path, layer="altre")["id"].tolist() == ["altre"]
