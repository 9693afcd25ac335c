"""Maps as people draw and export them: folders, descriptions in HTML, lines, areas, links."""

import json
import zipfile
from pathlib import Path

import pytest

from ingest.layers.raw_table import read_table
from ingest.readers.kml import read_kml
from ingest.rows import LAT, LON, RawTable
from ingest.services import read_services
from ingest.source import CategoryRule, Source
from mapping.city import city
from mapping.errors import SourceError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Mappa</name>{}</Document></kml>'
POINT = "<Point><coordinates>\n  9.19,45.46,0\n</coordinates></Point>"

PLACE = {LON: "9.1900000", LAT: "45.4600000"}


def source(reader: str) -> Source:
    return Source(
        id="prova", title="Prova", publisher="Prova", licence="CC0", attribution="Prova",
        yields="services", reader=reader, columns={"name": "name"},
    )  # fmt: skip


def read(folder: Path, inside: str) -> RawTable:
    path = folder / "prova.kml"
    path.write_text(HEAD + KML.format(inside), encoding="utf-8")
    return read_kml(path, source_id="prova")


def place(*inside: str, name: str = "Uno") -> str:
    return f"<Placemark><name>{name}</name>{''.join(inside)}</Placemark>"


def test_a_place_has_its_folders_its_name_and_its_point(tmp_path: Path):
    inner = f"<Folder><name>Nidi</name>{place(POINT)}</Folder>"
    table = read(
        tmp_path, f"<Folder><name>Servizi</name>{inner}{place(POINT, name='Due')}</Folder>"
    )
    assert [row.texts["folder"] for row in table.rows] == ["Servizi / Nidi", "Servizi"]
    assert [row.texts["name"] for row in table.rows] == ["Uno", "Due"]
    assert table.rows[0].texts.items() >= PLACE.items()


def test_a_description_becomes_text_and_its_pairs_columns(tmp_path: Path):
    description = "<![CDATA[<b>Indirizzo: Via Prova 3</b><br>Tel: 02&amp;1<br/>Aperto &egrave; bello<br>http://example.org]]>"
    table = read(tmp_path, place(f"<description>{description}</description>", POINT))
    (row,) = table.rows
    assert row.texts["description.Indirizzo"] == "Via Prova 3"
    assert row.texts["description.Tel"] == "02&1"
    assert row.texts["description"].splitlines()[2:] == ["Aperto è bello", "http://example.org"]
    assert {"description.Indirizzo", "description.Tel"} <= set(table.columns)
    assert not [name for name in table.columns if "http" in name]


def test_extended_data_become_columns_and_do_not_hide_the_name(tmp_path: Path):
    data = (
        '<ExtendedData><Data name="età"><value>0-3</value></Data>'
        '<SchemaData><SimpleData name="posti">12</SimpleData></SchemaData>'
        '<Data name="name"><value>altro</value></Data></ExtendedData>'
    )
    (row,) = read(tmp_path, place(data, POINT)).rows
    assert (row.texts["età"], row.texts["posti"]) == ("0-3", "12")
    assert (row.texts["name"], row.texts["name (2)"]) == ("Uno", "altro")


def test_lines_and_areas_get_a_point_of_their_own(tmp_path: Path):
    def ring(kind: str, low: float, high: float) -> str:
        corners = f"{low},{low} {high},{low} {high},{high} {low},{high} {low},{low}"
        return f"<{kind}><LinearRing><coordinates>{corners}</coordinates></LinearRing></{kind}>"

    area = f"<Polygon>{ring('innerBoundaryIs', 9.1, 9.9)}{ring('outerBoundaryIs', 9, 10)}</Polygon>"
    line = "<LineString><coordinates>9,45 9.1,45 9.2,45</coordinates></LineString>"
    first, second = read(tmp_path, place(area) + place(line)).rows
    assert not 9.1 < float(first.texts[LON]) < 9.9
    assert second.texts[LON] == "9.1000000"


def test_a_place_without_a_point_keeps_its_address(tmp_path: Path):
    (row,) = read(tmp_path, place("<address>Via Prova 3</address>")).rows
    assert (row.texts["address"], row.texts[LON]) == ("Via Prova 3", "")


def test_what_cannot_be_placed_and_links_to_other_maps_are_quarantined(tmp_path: Path):
    link = "<NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink>"
    bad = "<Point><coordinates>9,95</coordinates></Point>"
    table = read(tmp_path, link + place(bad) + place(POINT, name="Due"))
    assert [(row.code, row.line) for row in table.unreadable] == [
        ("network_link", 1),
        ("bad_geometry", 2),
    ]
    assert table.unreadable[0].raw == {"href": "http://example.org/a.kml"}
    assert [row.line for row in table.rows] == [3]


def test_a_kmz_is_its_only_kml(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "prova.kmz", "w") as archive:
        archive.writestr("images/icon.png", b"\x89PNG")
        archive.writestr("doc.kml", HEAD + KML.format(place(POINT)))
    table = read_table(source("kml"), tmp_path / "prova.kmz")
    assert [row.texts["name"] for row in table.rows] == ["Uno"]


def test_the_whole_map_of_umap_has_its_layers_as_folders(tmp_path: Path):
    def feature(geometry: object) -> dict[str, object]:
        own = {"name": "Uno", "posti": 12, "_umap_options": {"color": "red"}}
        return {"type": "Feature", "geometry": geometry, "properties": own}

    features = [feature({"type": "Point", "coordinates": [9.19, 45.46]}), feature(None)]
    layer = {"type": "FeatureCollection", "features": features, "_umap_options": {"name": "Nidi"}}
    (tmp_path / "a.umap").write_text(json.dumps({"type": "umap", "layers": [layer]}))
    table = read_table(source("umap"), tmp_path / "a.umap")
    (row,) = table.rows
    assert row.texts == {"folder": "Nidi", "name": "Uno", "posti": "12", **PLACE}
    assert [bad.code for bad in table.unreadable] == ["bad_geometry"]


def test_a_drawn_map_becomes_services_at_their_points(tmp_path: Path):
    description = "<description>Via: Via Prova 3&lt;br&gt;Tel: 02 1234</description>"
    path = tmp_path / "a.kml"
    folder = f"<Folder><name>Nidi</name>{place(description, POINT)}</Folder>"
    path.write_text(HEAD + KML.format(folder), encoding="utf-8")
    entry = source("kml").model_copy(
        update={
            "columns": {
                "key": "name", "name": "name", "street": "description.Via", "lon": LON, "lat": LAT,
            },
            "categories": (CategoryRule(column="folder", pattern="^nidi$", category="nido"),),
        }
    )  # fmt: skip
    reading = read_services(entry, read_table(entry, path), city("milano"), lambda *_: True)
    (service,) = reading.services
    assert (service.name, service.locations[0].address) == ("Uno", "via Prova, 3")
    assert service.locations[0].position.lon == 9.19


def test_xml_of_another_kind_is_refused(tmp_path: Path):
    (tmp_path / "a.kml").write_text("<html><body/></html>", encoding="utf-8")
    with pytest.raises(SourceError, match="XML, but no KML"):
        read_kml(tmp_path / "a.kml", source_id="prova")


FIELDS = {"description.Indirizzo": "via Padova, 61", "description.Orari": "lun-ven 14-18"}


@pytest.mark.parametrize(
    "markup",
    [
        "Indirizzo: via Padova, 61<div>Orari: lun-ven 14-18</div>",
        "<ul><li>Indirizzo: via Padova, 61<li>Orari: lun-ven 14-18</ul>",
        "<b>Indirizzo</b>: via Padova, 61<p>Orari: lun-ven 14-18",
        "<table><tr><td>Indirizzo</td><td>via Padova, 61</td></tr>"
        "<tr><td>Orari</td><td>lun-ven 14-18</td></tr></table>",
        "<table><tr><th>Indirizzo:</th> <td><b>via Padova, 61</b></td></tr>"
        "<tr><th>Orari:</th><td>lun-ven 14-18</tr></table>",
        "<dl><dt>Indirizzo</dt><dd>via Padova, 61</dd><dt>Orari<dd>lun-ven 14-18</dd></dl>",
        "<h3>Sede</h3>Indirizzo: via Padova, 61<hr>Orari: lun-ven 14-18",
    ],
)
def test_each_line_of_a_description_is_a_field_whatever_its_markup(tmp_path: Path, markup: str):
    described = f"<description><![CDATA[{markup}]]></description>"
    (row,) = read(tmp_path, place(described, POINT)).rows
    assert FIELDS.items() <= row.texts.items()


def test_a_feature_that_says_nothing_costs_no_other_of_its_map(tmp_path: Path):
    point = {"type": "Point", "coordinates": [9.19, 45.46]}
    features = [
        {"type": "Feature", "geometry": point, "properties": None},
        {"type": "Feature", "geometry": point, "properties": {"name": "Uno"}},
        {"type": "Feature", "geometry": 5, "properties": {"name": "Due"}},
        "Tre",
    ]
    layers = [{"type": "FeatureCollection", "features": features, "_umap_options": {"name": "A"}}]
    path = tmp_path / "prova.umap"
    path.write_text(json.dumps({"type": "umap", "layers": layers}), encoding="utf-8")
    table = read_table(source("umap"), path)
    assert [row.texts["name"] for row in table.rows] == ["Uno"]
    assert [(row.line, row.code) for row in table.unreadable] == [
        (1, "bad_properties"), (3, "bad_geometry"), (4, "bad_properties"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "geometry",
    [
        "<Point><coordinates>9.19, 45.46, 0</coordinates></Point>",
        "<MultiGeometry><LineString><coordinates>9.1,45.4 9.3,45.5</coordinates></LineString>"
        "<Point><coordinates>9.19,45.46</coordinates></Point></MultiGeometry>",
    ],
    ids=["blanks behind commas", "a point beside a line"],
)
def test_a_place_is_where_its_point_is(tmp_path: Path, geometry: str):
    (row,) = read(tmp_path, place(geometry)).rows
    assert PLACE.items() <= row.texts.items()


def test_markup_that_stands_as_elements_is_a_description_too(tmp_path: Path):
    described = "<description><p>Orari: <b>lun</b> 9-12</p><name>Altro</name></description>"
    (row,) = read(tmp_path, place(described, POINT)).rows
    assert row.texts["description.Orari"] == "lun 9-12"
    assert row.texts["name"] == "Uno"


@pytest.mark.parametrize(
    "geometry",
    [
        "<Point><coordinates></coordinates></Point>",
        "<Point><coordinates>9,1900,45,4600</coordinates></Point>",
        "<LineString><coordinates>9.19,45.46</coordinates></LineString>",
    ],
)
def test_a_geometry_without_a_place_is_set_apart(tmp_path: Path, geometry: str):
    table = read(tmp_path, place(geometry) + place(POINT, name="Due"))
    assert [row.texts["name"] for row in table.rows] == ["Due"]
    assert [row.code for row in table.unreadable] == ["bad_geometry"]


@pytest.mark.parametrize(
    ("inside", "line", "remedy"),
    [
        (place(name="Orto & Casa"), 2, "write &amp;"),
        (place(name="Orto&nbsp;Casa"), 2, "write the character itself"),
        (place(name="Orto\x0bCasa"), 2, "delete it"),
    ],
)
def test_a_kml_that_is_not_whole_says_where_and_what_to_do(
    tmp_path: Path, inside: str, line: int, remedy: str
) -> None:
    with pytest.raises(SourceError, match=f"at line {line}, column .*{remedy}"):
        read(tmp_path, "\n" + inside)


def test_blank_lines_above_a_kml_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "prova.kml"
    path.write_text("\n \n" + HEAD + KML.format(place(POINT)), encoding="utf-8")
    assert [row.texts["name"] for row in read_kml(path, source_id="prova").rows] == ["Uno"]
    path.write_text("\n\n" + HEAD + KML.format("&"), encoding="utf-8")
    with pytest.raises(SourceError, match="at line 3"):
        read_kml(path, source_id="prova")
