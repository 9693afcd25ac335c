"""A table of addresses geocoded by the command line."""

import csv
import io
import json

import pytest

from mapping.text import without_formula

HEAD = "id;indirizzo\n"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_a_table_gets_a_place_for_every_row_that_is_found(cli, pack_var):
    typed = HEAD + "1;via Oglio 18\n2;via Inesistente 3\n3;\n"
    done = cli("geocode", "-", "--column", "indirizzo", var=pack_var, typed=typed)
    first, second, third = rows(done.stdout)
    assert (first["id"], first["found"].lower()) == ("1", "via oglio 18")
    assert 9.1 < float(first["lon"]) < 9.3
    assert 0 < float(first["confidence"]) <= 1
    assert (second["lon"], second["found"], third["found"]) == ("", "", "")


def test_a_place_by_name_is_found_as_an_address_is(cli, pack_var):
    typed = HEAD + "1;consultorio via Aldini\n2;via Oglio 18\n3;familiare\n"
    done = cli("geocode", "-", "--column", "indirizzo", var=pack_var, typed=typed)
    place, address, several = rows(done.stdout)
    assert (place["kind"], address["kind"], several["kind"]) == ("service", "address", "")
    assert "Aldini" in place["found"]
    assert several["candidates"].count(" | ") > 2
    near = cli("nearest", "consultorio via Aldini", "--count", "1", "--json", var=pack_var)
    assert "Aldini" in json.loads(near.stdout)["origin"]["address"]


def test_no_address_is_said_beside_the_table(cli, pack_var, tmp_path):
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(HEAD + "1;via Oglio 18\n2;via Segretissima 77\n", encoding="utf-8")
    done = cli("geocode", str(table), "--column", "indirizzo", "--out", str(out), var=pack_var)
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 rows" in done.stderr
    assert "Oglio" not in done.stderr
    assert "Segretissima" not in done.stderr
    assert len(rows(out.read_text(encoding="utf-8"))) == 2


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("sep=;\nElenco\nid;indirizzo\n1;via Oglio 18\n", 1),
        ("id|indirizzo\n1|via Oglio 18\n", 1),
        ('id;indirizzo\n1;"via Oglio 18\n2;via Oglio 18\n', 1),
        ("id;indirizzo\n1;via Oglio 18;;\n;;\n", 1),
        ("indirizzo\nvia Oglio, 18\nvia Oglio 18, Milano\n", 2),
        ("id;indirizzo;città\n1;via Oglio 18;Città\n".encode("cp1252"), 1),
        ("id;indirizzo\n1;via Oglio 18\n".encode("utf-16"), 1),
        ("id;indirizzo\n1;45.4325, 9.2186\n", 1),
    ],
)
def test_a_table_is_read_as_a_sheet_that_is_imported(cli, pack_var, tmp_path, table, found):
    path, out = tmp_path / "in.csv", str(tmp_path / "out.csv")
    path.write_bytes(table if isinstance(table, bytes) else table.encode())
    done = cli("geocode", str(path), "--column", "indirizzo", "--out", out, var=pack_var)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{found} rows")
    assert "not found" not in done.stderr


def test_a_line_that_cannot_be_read_is_said_with_its_number(cli, pack_var):
    typed = HEAD + '1;"via Oglio 18\n2;via Oglio 18\n'
    done = cli("geocode", "-", "--column", "indirizzo", var=pack_var, typed=typed)
    assert [row["id"] for row in rows(done.stdout)] == ["2"]
    assert "Line 2 is left out" in done.stderr


@pytest.mark.parametrize("cell", ["=1+1", "+39", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_is_never_run_by_a_spreadsheet(cell):
    assert without_formula(cell) == f"'{cell}"
    assert without_formula(f"via {cell}") == f"via {cell}"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("id;via\n1;via Oglio 18\n", ("'indirizzo'", "id, via")),
        ("indirizzo;lon\nvia Oglio 18;9\n", ("lon", "Rename")),
        ("indirizzo;id\nvia Oglio 18\n", ("Line 2", "1 cells")),
        ("", ("empty",)),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_one_line(cli, pack_var, typed, words):
    done = cli("geocode", "-", "--column", "indirizzo", var=pack_var, typed=typed)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert all(word in line for word in words), line


@pytest.mark.shared
def test_what_may_be_several_streets_comes_with_its_candidates(cli, milano_var):
    done = cli(
        "geocode", "-", "--column", "indirizzo", var=milano_var, typed=HEAD + "1;via Rossi\n"
    )
    (row,) = rows(done.stdout)
    assert row["lon"] == ""
    assert len(row["candidates"].split(" | ")) > 1


@pytest.mark.shared
@pytest.mark.parametrize(
    ("typed", "street", "lon", "lat"),
    [
        ("Via Meucci 3", "Via Privata Antonio Meucci", 9.24698, 45.50964),
        ("Via Meucci 3, 20128 Milano", "Via Privata Antonio Meucci", 9.24698, 45.50964),
        ("via Pier Luigi da Palestrina 4", "Via Giovanni Pierluigi da Palestrina", 9.2144, 45.4851),
        ("metro Lotto", "Stazione Lotto", 9.1444, 45.4797),
        ("ospedale Niguarda", "Ospedale Niguarda", 9.1887, 45.5085),
    ],
)
def test_what_is_asked_in_milano_lies_where_it_is(cli, milano_var, typed, street, lon, lat):
    done = cli(
        "geocode", "-", "--column", "indirizzo", var=milano_var, typed=f'{HEAD}1;"{typed}"\n'
    )
    (row,) = rows(done.stdout)
    assert row["found"].startswith(street)
    assert (float(row["lon"]), float(row["lat"])) == pytest.approx((lon, lat), abs=0.004)
