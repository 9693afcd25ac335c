"""Registers of civic numbers with coordinates: what is kept, set apart, refused and joined."""

import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from ingest.layers.addresses import (
    homes,
    joined,
    read_civics,
    read_street_names,
    with_municipi,
)
from ingest.layers.layer import Layer
from ingest.source import source
from mapping.city import City, city
from mapping.errors import SourceError
from mapping.geocoding.build_gazetteer import Numbering

MILANO = city("milano")
HEAD = (
    "CODICE_VIA;NUMERO;LETTERA;BARRA;BARRA2;MUNICIPIO;RESIDENZIALE;STATOCIVICO;LONG_WGS84;LAT_WGS84"
)
STREETS = "CODICE_VIA;STATO;TIPO;DENOMINAZIONE;DESCRITTIVO;ANNCSU;OPENSTREETMAP"
HERE = "9,19;45,46"


def zipped(folder: Path, *rows: str, head: str = HEAD, member: str = "CIVICI_20260101.CSV") -> Path:
    path = folder / "civici.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "\n".join([head, *rows]))
        archive.writestr("STATOCIVICO.Csv", "ID;CODICE")
    return path


def civics(folder: Path, *rows: str, **how: str) -> Layer:
    entry = source("civici_ds634").model_copy(update={"expect": source("foglio").expect})
    path = zipped(folder, *rows, **how)
    return read_civics(entry, path, MILANO, lambda lon, lat: 9 < lon < 9.3 and 45 < lat < 46)


def test_a_number_has_its_suffix_its_point_and_whether_people_live_there(tmp_path):
    layer = civics(tmp_path, f"1;21;A;2;;1;1;2;{HERE}", f"1;23;;;;1;0;Applicato;{HERE}")
    lettered, plain = layer.frame.to_dict("records")
    assert (lettered["number"], lettered["suffix"], lettered["residential"]) == (21, "A2", True)
    assert (lettered["lon"], lettered["lat"], lettered["status"]) == (9.19, 45.46, "applied")
    assert pd.isna(plain["suffix"])
    assert (plain["residential"], plain["status"]) == (False, "applied")


@pytest.mark.parametrize("number", ["0", "99999", "00", "123456"])
def test_a_number_that_no_door_has_is_set_apart_with_the_reason(tmp_path, number):
    layer = civics(tmp_path, f"1;{number};;;;1;1;2;{HERE}", f"1;9999;;;;1;1;2;{HERE}")
    assert layer.frame["number"].tolist() == [9999]
    (wrong,) = layer.quarantined
    assert (wrong.line, wrong.code, wrong.field) == (2, "no_civic_number", "number")
    assert f"'{number}' is no civic number" in wrong.message


def test_homes_are_the_residential_numbers_that_have_a_place(tmp_path):
    rows = [f"1;1;;;;1;1;2;{HERE}", f"1;3;;;;1;0;2;{HERE}", "1;5;;;;1;1;2;;", f"1;7;;;;1;;2;{HERE}"]
    known = civics(tmp_path, *rows).frame
    assert homes(known, MILANO).round(-3).tolist() == [[515_000, 5_034_000]]
    assert homes(known[known["number"] == 3], MILANO) is None
    assert homes(known.drop(columns="residential"), MILANO) is None


def test_what_hangs_at_no_door_is_out_of_scope_and_what_is_under_way_is_marked(tmp_path):
    gone, shops, under_way = (("", "99"), ("", "Soppresso")), (("N05", "2"),), (("", "4"),)
    codes = [*gone, *shops, *under_way, ("", "Iter in corso")]
    rows = [f"1;{2 * n + 1};;;{bar};1;1;{code};{HERE}" for n, (bar, code) in enumerate(codes)]
    layer = civics(tmp_path, *rows)
    assert layer.frame["number"].tolist() == [7, 9]
    assert set(layer.frame["status"]) == {"under_way"}
    assert layer.out_of_scope == {"suppressed number": 2, "shop, driveway or the like": 1}


def test_an_unknown_code_is_set_apart_and_costs_no_other_row(tmp_path):
    layer = civics(tmp_path, f"1;1;;;;1;1;7;{HERE}", f"1;3;;;;1;1;2;{HERE}", f"1;x;;;;1;1;2;{HERE}")
    assert layer.frame["number"].tolist() == [3]
    code, number = layer.quarantined
    assert (code.line, code.field, code.code) == (2, "status", "unknown_code")
    assert "'7' is no known status" in code.message
    assert (number.field, number.code) == ("number", "missing_value")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([f"1;{n};;;;1;1;2;514817,0;5034608,4" for n in (1, 3)], "0 of 2 civic numbers"),
        ([f"1;{n};;;;1;1;2;7,68;45,07" for n in (1, 3, 5)], "0 of 3 civic numbers"),
    ],
)
def test_metres_or_another_city_are_refused_in_one_line(tmp_path, rows, words):
    with pytest.raises(SourceError, match=words) as refused:
        civics(tmp_path, *rows)
    assert "in degrees" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_register_without_its_coordinates_is_of_another_shape(tmp_path):
    with pytest.raises(SourceError, match="lacks the columns LAT_WGS84, LONG_WGS84"):
        civics(tmp_path, "1;1;;;;1;1;2", head=HEAD.rsplit(";", 2)[0])


def test_one_number_outside_the_city_keeps_its_street_and_loses_its_point(tmp_path):
    layer = civics(tmp_path, "1;1;;;;1;1;2;8,1;45,1", f"1;3;;;;1;1;2;{HERE}")
    assert layer.frame["lon"].isna().tolist() == [True, False]


def test_a_zip_without_such_a_file_says_what_it_holds(tmp_path):
    with pytest.raises(SourceError, match=r"has no file 'CIVICI_\*\.CSV'") as refused:
        civics(tmp_path, member="ELENCO.CSV")
    assert "ELENCO.CSV" in str(refused.value)
    assert "ELENCO.CSV" not in refused.value.public


def test_registers_are_joined_number_by_number():
    points = pd.DataFrame(
        {"street_code": ["1", "1"], "number": [3, 5], "suffix": [None, "A"], "lon": [9.1, 9.2]}
    )
    codes = pd.DataFrame(
        {"street_code": ["1", "1"], "number": [3, 7], "suffix": [None, None], "cap": ["20127"] * 2}
    )
    rows = joined([points, codes]).set_index("number")
    assert rows.loc[3, ["lon", "cap"]].tolist() == [9.1, "20127"]
    assert rows.loc[5, "suffix"] == "A"
    assert pd.isna(rows.loc[7, "lon"])
    assert joined([]) is None


def test_a_street_has_all_its_names(tmp_path):
    row = "1;2;3;GOTTARDO (SAN);SAN GOTTARDO;SAN GOTTARDO AL CORSO; "
    path = zipped(tmp_path, row, head=STREETS, member="VIARIO_20260101.CSV")
    entry = source("vie_ds634").model_copy(update={"expect": source("foglio").expect})
    (street,) = read_street_names(entry, path, MILANO).frame.to_dict("records")
    assert street["kind"] == "Piazza"
    assert street["names"] == ("SAN GOTTARDO", "GOTTARDO (SAN)", "SAN GOTTARDO AL CORSO")


def of_source(name: str, path: Path, place: City, rows: list[str]) -> Layer:
    """Read a drawn register in the shape of a source."""
    path.write_text("\n".join(rows), encoding="utf-8")
    entry = source(name).model_copy(update={"expect": source("foglio").expect})
    return read_civics(entry, path, place, lambda lon, lat: 7 < lon < 10 and 44 < lat < 47)


def test_the_register_of_torino_names_streets_without_codes(tmp_path):
    rows = [
        "VIA;CIVICO;CAP;COORDINATA_X;COORDINATA_Y",
        "VIA DISEGNATA;12/A;10152;7,6812;45,0801",
        "VIA DISEGNATA;14 BIS;10152;7,6815;45,0802",
        "CORSO INVENTATO;3;10121;7.6701;45.0701",
    ]
    layer = of_source("civici_torino", tmp_path / "civici.csv", city("torino"), rows)
    first, second, third = layer.frame.to_dict("records")
    assert (first["street_code"], first["number"], first["suffix"]) == ("VIA DISEGNATA", 12, "A")
    assert (second["suffix"], third["cap"], third["lon"]) == ("BIS", "10121", 7.6701)


def test_the_national_register_gives_one_comune_by_its_code(tmp_path):
    rows = [
        "CODICE_COMUNE;CODICE_ISTAT;PROGRESSIVO_NAZIONALE;ODONIMO;CIVICO;ESPONENTE;"
        "COORD_X_COMUNE;COORD_Y_COMUNE;METODO",
        "C707;015077;11;VIA DISEGNATA;7;B;9,2101;45,5601;4",
        "F205;015146;12;VIA ALTROVE;7;;9,19;45,46;4",
        "C707;015077;11;VIA DISEGNATA;9;;;;",
    ]
    cinisello = city("cinisello_balsamo")
    layer = of_source("anncsu", tmp_path / "anncsu.csv", cinisello, rows)
    first, second = layer.frame.to_dict("records")
    assert (first["street_code"], first["suffix"], first["lon"]) == ("11", "B", 9.2101)
    assert pd.isna(second["lon"])
    assert layer.out_of_scope == {"another comune": 1}


def test_a_register_that_tells_no_municipio_takes_it_from_its_points(tmp_path):
    rows = ["VIA;CIVICO;CAP;COORDINATA_X;COORDINATA_Y"]
    rows += [f"VIA DISEGNATA;{n};10152;{lon};45,05" for n, lon in ((1, "7,60"), (3, "7,70"))]
    civics = of_source("civici_torino", tmp_path / "civici.csv", city("torino"), rows).frame
    halves = [shapely.box(7.55, 45, 7.65, 45.1), shapely.box(7.65, 45, 7.75, 45.1)]
    municipi = gpd.GeoDataFrame({"area_id": ["4", "7"]}, geometry=halves, crs=4326)
    assert with_municipi(civics, municipi)["municipio"].tolist() == ["4", "7"]
    lines = gpd.GeoDataFrame(
        {"name": ["VIA DISEGNATA"]},
        geometry=[shapely.LineString([(7.59, 45.05), (7.71, 45.05)])],
        crs=4326,
    )
    place = city("torino")
    numbering = Numbering(lines.to_crs(place.epsg), municipi.to_crs(place.epsg), place)
    gazetteer = numbering.gazetteer(with_municipi(civics, municipi), [])
    assert gazetteer.streets == ["Via Disegnata"]
    answer = gazetteer.geocode("via Disegnata 3, 10152 Torino (TO)")
    assert (answer.precision, answer.municipio) == ("civic", "7")
    assert (answer.lon, answer.lat) == pytest.approx((7.7, 45.05), abs=1e-5)


def test_a_register_of_another_city_than_the_outline_is_refused_in_one_line(tmp_path):
    rows = ["VIA;CIVICO;CAP;COORDINATA_X;COORDINATA_Y"]
    rows += [f"VIA DISEGNATA;{n};20121;9,19;45,46" for n in (1, 3, 5)]
    path = tmp_path / "civici.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    entry = source("civici_torino").model_copy(update={"expect": source("foglio").expect})
    with pytest.raises(SourceError, match="0 of 3 civic numbers have a point in Torino") as refused:
        read_civics(entry, path, city("torino"), lambda lon, _lat: 7 < lon < 8)
    assert "\n" not in str(refused.value)
