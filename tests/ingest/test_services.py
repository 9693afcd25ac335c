from pathlib import Path

import pytest

from ingest.readers.delimited import read_delimited
from ingest.services import any_row_hides, in_city, read_services
from ingest.source import Source
from mapping.catalogue.batches import MASKED_ROW
from mapping.city import city
from mapping.config import read_config
from mapping.disclosure import is_confidential, suspicions_of
from mapping.errors import SourceError

TOML = """
title = "Prova"
publisher = "Prova"
licence = "CC0"
attribution = "Prova"
yields = "services"
reader = "csv"
scope = "comune"
[columns]
key = "codice"
name = "nome"
street = "via"
cap = "cap"
lon = "x"
lat = "y"
hours = "orari"
[[categories]]
column = "tipo"
pattern = "punto"
category = "access_point"
"""
HEADER = "codice,nome,tipo,comune,via,cap,x,y,orari\n"


def reading(folder: Path, *lines: str, toml: str = TOML):
    (folder / "prova.toml").write_text(toml, encoding="utf-8")
    (folder / "prova.csv").write_text(HEADER + "\n".join(lines), encoding="utf-8")
    source = read_config(folder / "prova.toml", Source, SourceError)
    table = read_delimited(folder / "prova.csv", delimiter=",", source_id="prova")
    result = read_services(source, table, city("milano"), lambda lon, _lat: 9.0 < lon < 9.3)
    total = result.rows_kept + sum(result.out_of_scope.values()) + len(result.quarantined)
    assert total == len(lines)
    return result


def test_an_itinerant_point_is_one_service_at_two_places(tmp_path):
    result = reading(
        tmp_path,
        "A,Punto mobile,punto,Milano,via Prova 1,138,9.10,45.4,mar 10:00-13:00",
        "A,Punto mobile,punto,Milano,via Prova 2,138,9.20,45.5,mer 10:00-13:00",
    )
    (service,) = result.services
    assert [place.opening_hours for place in service.locations] == [
        "Tu 10:00-13:00", "We 10:00-13:00",
    ]  # fmt: skip
    assert service.locations[0].cap == "20138"
    assert len({place.location_id for place in service.locations}) == 2


def test_a_row_with_a_nul_waits_for_a_person(tmp_path):
    result = reading(tmp_path, "A,Punto\0mobile,punto,Milano,via Prova 1,138,,,")
    assert [row.raw["2"] for row in result.quarantined] == ["Puntomobile"]


def test_latitude_and_longitude_are_told_apart_whatever_their_names(tmp_path):
    result = reading(tmp_path, 'A,Uno,punto,15.146,,,"45,45","9,15",')
    position = result.services[0].locations[0].position
    assert (position.lon, position.lat) == (9.15, 45.45)


def test_a_row_of_another_comune_is_out_of_scope(tmp_path):
    result = reading(tmp_path, "A,Uno,punto,Monza,,,,,", "B,Due,punto,108033,,,,,")
    assert result.out_of_scope == {"another comune": 2}


def test_a_row_of_no_category_is_out_of_scope(tmp_path):
    assert reading(tmp_path, "A,Bar,bar,Milano,,,,,").out_of_scope == {"no category of ours": 1}


def test_a_position_outside_the_city_is_refused_and_the_service_kept(tmp_path):
    result = reading(tmp_path, "A,Uno,punto,Milano,via Prova 1,,9.87,45.28,")
    assert result.services[0].locations[0].position.precision == "none"
    assert result.positions_refused == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",Senza codice,punto,Milano,,,,,", "missing_key"),
        ("A,Non Disponibile,punto,Milano,,,,,", "missing_name"),
        ("A,Uno,punto", "ragged_row"),
    ],
)
def test_a_bad_row_is_quarantined_with_its_reason(tmp_path, line, code):
    (bad,) = reading(tmp_path, line).quarantined
    assert (bad.code, bad.line) == (code, 2)
    assert bad.message


def test_two_services_with_one_key_are_not_merged(tmp_path):
    result = reading(tmp_path, "A,Uno,punto,Milano,,,,,", "A,Due,punto,Milano,,,,,")
    assert [bad.code for bad in result.quarantined] == ["duplicate_key"]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_public_row_does_not_give_way_to_a_confidential_one_of_its_key(tmp_path, turn):
    public = "Aurora1,Alfa,punto,Milano,via Prova 1,,,,"
    shelter = "Aurora1,Casa rifugio,punto,Milano,via Prova 2,,,,"
    result = reading(tmp_path, *(public, shelter)[::turn])
    assert [service.name for service in result.services] == ["Alfa"]
    (apart,) = result.quarantined
    assert (apart.message, dict(apart.raw)) == (MASKED_ROW, {})
    assert result.rows_uncounted == 1


def test_the_order_of_the_file_does_not_matter(tmp_path):
    lines = [f"{key},Punto {key},punto,Milano,via Prova {key},,,," for key in "ABC"]
    one, other = reading(tmp_path, *lines), reading(tmp_path, *reversed(lines))
    assert sorted(one.services, key=str) == sorted(other.services, key=str)


def test_rows_told_again_are_one_place_with_all_that_they_note(tmp_path):
    toml = TOML.replace('hours = "orari"', 'note = "orari"')
    result = reading(
        tmp_path,
        "A,Centro,punto,Milano,via Prova 1,,9.10,45.4,Tennis",
        "A,Centro,punto,Milano,via Prova 1,,9.10,45.4,Nuoto",
        "A,Centro,punto,Milano,via Prova 1,,9.10,45.4,Tennis",
        toml=toml,
    )
    (service,) = result.services
    assert len(service.locations) == 1
    assert service.note == "Tennis; Nuoto"
    assert result.rows_kept == 3


def test_the_same_place_at_other_hours_is_a_location_of_its_own(tmp_path):
    line = "A,Punto,punto,Milano,via Prova 1,,9.10,45.4,"
    days = ("mar 10:00-12:00", "mer 10:00-12:00", "mar 10:00-12:00")
    (service,) = reading(tmp_path, *(line + day for day in days)).services
    assert [place.opening_hours_text for place in service.locations] == [*days[:2]]
    assert len({place.location_id for place in service.locations}) == 2


def test_a_service_of_no_place_has_no_location(tmp_path):
    result = reading(tmp_path, "A,Linea telefonica,punto,Milano,,,,,", "B,Due,punto,Milano,,138,,,")
    assert [len(service.locations) for service in result.services] == [0, 1]


EXTRACT = (
    TOML.replace('cap = "cap"', 'civic = "cap"\ncap = "cap"')
    + """
[extract]
civic = '^([^,]+),'
cap = '(\\d{5})$'
"""
)


@pytest.mark.parametrize(
    ("field", "address", "cap"),
    [
        ("4/A, 20158", "via Prova, 4/A", "20158"),
        (", 20161", "via Prova", "20161"),
        ("12", "via Prova", None),
    ],
)
def test_a_field_that_holds_two_things_is_taken_apart(tmp_path, field, address, cap):
    line = f'A,Uno,punto,Milano,via Prova,"{field}",,,'
    (service,) = reading(tmp_path, line, toml=EXTRACT).services
    (place,) = service.locations
    assert (place.address, place.cap) == (address, cap)


@pytest.mark.parametrize(
    "comune",
    [
        "Milano",
        "MILANO (MI)",
        "Comune di Milano",
        "MI",
        "Città di Milano",
        "20121 Milano",
        "milano MI",
    ],
)
def test_a_city_is_itself_however_lists_write_it(comune):
    assert in_city(comune, city("milano"))


@pytest.mark.parametrize(
    "comune", ["Milano Marittima (RA)", "Sesto San Giovanni (MI)", "Comune di Rho", "TO", ""]
)
def test_another_comune_is_another_comune(comune):
    assert not in_city(comune, city("milano"))
    assert not in_city("MI", city("cinisello_balsamo"))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("25", 25), ("25.0", 25), ("25 posti", 25), ("1.200 posti", 1200),
        ("circa 15 posti nido", 15),
        ("2 sezioni da 25 posti", 50), ("72 posti (18 piccoli, 54 medio/grandi)", 72),
        ("207 posti (nido + infanzia)", None), ("60 posti tra nido e scuola materna", None),
        ("5 famiglie per settimana", None), ("4 linee; circa 40.000 vaccinazioni l'anno", None),
        ("20-25 posti", None), ("", None), ("2x25", None), ("5 + 20", None), ("-3", None),
        ("3 gruppi", None),
    ],
)  # fmt: skip
def test_places_are_counted_where_they_are_those_of_one_service(tmp_path, text, places):
    toml = TOML.replace('hours = "orari"', 'capacity = "orari"')
    (service,) = reading(
        tmp_path, f'A,Punto,punto,Milano,via Prova 1,138,9.10,45.4,"{text}"', toml=toml
    ).services
    assert service.capacity == places


def test_an_error_without_end_is_not_that_of_a_point(tmp_path):
    toml = TOML.replace('hours = "orari"', 'error_metres = "orari"')
    (service,) = reading(
        tmp_path, "A,Punto,punto,Milano,via Prova 1,138,9.10,45.4,inf", toml=toml
    ).services
    assert service.locations[0].position.error_metres != float("inf")


def test_who_comes_only_by_appointment_needs_one(tmp_path):
    stated = TOML.replace('hours = "orari"', 'hours = "orari"\nappointment_required = "cap"')
    row = "A,Punto,punto,Milano,via Prova 1,{},9.10,45.4,solo su appuntamento: mar 14-17"
    (service,) = reading(tmp_path, row.format("138")).services
    assert service.appointment_required
    (service,) = reading(tmp_path, row.format("no"), toml=stated).services
    assert service.appointment_required is False


@pytest.mark.parametrize(
    ("line", "hides"),
    [
        ("1,Casa rifugio Ninfea,punto,Lecco,via Prova 1,,,,", True),  # another comune
        ("1,Aurora,centro antiviolenza,Milano,via Prova 1,,,,", True),  # no category of ours
        ("1,,punto,Milano,casa rifugio,,,,", True),  # quarantined
        (f"1,Punto,punto,Milano,{'x' * 100_001},,,,", True),  # cut: nobody read the rest
        ("1,Punto Verde,punto,Lecco,via Prova 1,,,,", False),
    ],
)
def test_a_row_that_makes_no_service_is_judged_too(tmp_path, line, hides):
    (tmp_path / "prova.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "prova.csv").write_text(HEADER + line, encoding="utf-8")
    source = read_config(tmp_path / "prova.toml", Source, SourceError)
    table = read_delimited(tmp_path / "prova.csv", delimiter=",", source_id="prova")
    milano = city("milano")
    left = read_services(source, table, milano, lambda _lon, _lat: True).rows_left
    assert any_row_hides(source, table, left) is hides


@pytest.mark.parametrize(
    ("line", "has_shelters", "is_masked"),
    [
        ("1,Aurora, accoglienza,antiviolenza,Milano,via Prova 1,,,,9-12", False, True),
        ("1,Aurora,casa rifugio,Milano,via Prova 1,,9,2,45,5,", False, True),
        ("1,Aurora, accoglienza,casa,Milano,via Prova 1,,,,9-12", True, True),  # nobody can say
        ("1,Punto, verde,punto,Milano,via Prova 1,,,,9-12", False, False),
    ],
)
def test_a_row_that_nobody_could_read_is_in_no_public_count(
    tmp_path, line, has_shelters, is_masked
):
    shelters = '[[categories]]\ncolumn = "tipo"\npattern = "casa"\ncategory = "antiviolenza"\n'
    read = reading(tmp_path, line, toml=TOML + shelters * has_shelters)
    (row,) = read.quarantined
    assert (row.message == MASKED_ROW, row.raw == {}) == (is_masked, is_masked)
    assert read.rows_uncounted == 1


@pytest.mark.parametrize(
    ("heading", "cell", "noted"),
    [
        ("note", "casa rifugio: indirizzo segreto", "casa rifugio: indirizzo segreto"),
        ("tipologia", "Casa rifugio", "Casa rifugio"),
        ("sede", "riservata", "sede: riservata"),
        ("casa rifugio", "X", "casa rifugio: X"),
        ("settore", "Centro antiviolenza", "Centro antiviolenza"),
        ("casa rifugio", "no", None),
        ("casa rifugio", "", None),
        ("posti", "riservati ai residenti", None),
        ("pubblicabile", "no", "non pubblicare: pubblicabile: no"),
        ("mostrare indirizzo", "NO", "non pubblicare: mostrare indirizzo: NO"),
        ("riservatezza", "sì", "non pubblicare: riservatezza: sì"),
        ("pubblicabile", "", None),
        ("pubblicabile", "sì", None),
        ("riservatezza", "no", None),
        ("note", "casa&nbsp;rifugio", "casa&nbsp;rifugio"),
        ("note", "Casa <b>rifugio</b>", "Casa <b>rifugio</b>"),
        ("note", "centro antiviol&shy;enza", "centro antiviol&shy;enza"),
        ("note", "Casa%20rifugio", "Casa%20rifugio"),
    ],
)
def test_a_column_that_is_not_read_tells_what_a_place_is(tmp_path, heading, cell, noted):
    (tmp_path / "prova.toml").write_text(TOML, encoding="utf-8")
    first = f"A,Ninfea,punto,Milano,via Prova 1,138,9.10,45.4,,{cell}\n"
    written = HEADER.replace("\n", f",{heading}\n") + first + first.replace("Prova 1", "Prova 2")
    (tmp_path / "prova.csv").write_text(written, encoding="utf-8")
    source = read_config(tmp_path / "prova.toml", Source, SourceError)
    table = read_delimited(tmp_path / "prova.csv", delimiter=",", source_id="prova")
    (service,) = read_services(source, table, city("milano"), lambda _lon, _lat: True).services
    assert service.speaking_cells == (None if noted is None else (noted,))
    assert is_confidential(service) is bool(suspicions_of(service)) is (noted is not None)


def test_what_a_service_says_itself_is_not_noted_again(tmp_path):
    (service,) = reading(tmp_path, "A,Casa rifugio Iris,punto,Milano,via Prova 1,,,,").services
    assert is_confidential(service)
    assert service.speaking_cells is None
