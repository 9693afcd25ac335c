"""Text tables as publishers and people save them: each line read, or set apart."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.layers.raw_table import read_table
from ingest.readers.delimited import read_delimited
from ingest.rows import RawTable, distinct
from ingest.source import Source
from mapping.errors import SourceError


def read(folder: Path, text: str | bytes, delimiter: str = ",") -> RawTable:
    path = folder / "prova.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_delimited(path, delimiter=delimiter, source_id="prova")


def names(table: RawTable) -> list[str]:
    return [row.texts["nome"] for row in table.rows]


def troubles(table: RawTable) -> list[tuple[int | None, str]]:
    return [(row.line, row.code) for row in table.unreadable]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_rows(tmp_path: Path, encoding: str, end: str):
    text = end.join(["nome,via", "Età,Via Prova", "Città,Via Due"])
    table = read(tmp_path, text.encode(encoding))
    assert names(table) == ["Età", "Città"]
    assert [row.line for row in table.rows] == [2, 3]


def test_utf_16_of_the_other_order_is_read_too(tmp_path: Path):
    text = "\ufeffnome,via\nEtà,Via Prova"
    assert names(read(tmp_path, text.encode("utf-16-be"))) == ["Età"]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [("nome;via;cap\n", '= ";"'), ("nome\tvia\n", r'= "\\t"'), ("nome|via\n", r'= "\|"')],
)
def test_a_wrong_delimiter_is_refused_with_the_one_that_fits(tmp_path: Path, text, remedy):
    with pytest.raises(SourceError, match=f"set `delimiter {remedy}`"):
        read(tmp_path, text)


def test_a_quote_that_nobody_closed_costs_its_own_line(tmp_path: Path):
    lines = [f"Luogo {number},Via Prova" for number in range(300)]
    lines[5] = 'Rotto,"Via Prova'
    lines[298] = '"Rotto anche,Via Prova'
    table = read(tmp_path, "\n".join(["nome,via", *lines]))
    assert troubles(table) == [(7, "unreadable_row"), (300, "unreadable_row")]
    assert len(table.rows) == 298
    assert table.rows[-1].line == 301


def test_a_quoted_text_of_several_lines_is_one_record(tmp_path: Path):
    table = read(tmp_path, 'nome,via\n"Uno\ndue",Via Prova\nTre,Via B')
    assert [(row.line, row.texts["nome"]) for row in table.rows] == [(3, "Uno\ndue"), (4, "Tre")]


def test_ragged_rows_nuls_and_endless_cells_are_set_apart(tmp_path: Path):
    long = "x" * 1_000_000
    table = read(tmp_path, f"nome,via\nUno\nDue,a\0b\nTre,{long}\nQuattro,Via Prova\n")
    assert names(table) == ["Quattro"]
    assert troubles(table) == [(2, "ragged_row"), (3, "unreadable_row"), (4, "unreadable_row")]
    assert all("\0" not in str(row.raw) for row in table.unreadable)


def test_delimiters_to_spare_at_the_end_of_a_line_hold_nothing(tmp_path: Path):
    table = read(tmp_path, "nome,via\nUno,Via Prova,,\nDue,Via Prova,,tre\n")
    assert names(table) == ["Uno"]
    assert troubles(table) == [(3, "ragged_row")]


def test_columns_of_one_name_keep_their_cells(tmp_path: Path):
    (row,) = read(tmp_path, "nome,tel,tel\nUno,1,2").rows
    assert row.texts == {"nome": "Uno", "tel": "1", "tel (2)": "2"}


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "b"])))
def test_names_told_apart_are_distinct(names: list[str]):
    assert len(set(distinct(names))) == len(names)


@given(st.text(alphabet='ab",\n\r', max_size=200))
def test_no_letter_is_lost_whatever_the_quotes(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("csv") / "prova.csv"
    path.write_bytes(b"nome,via\n" + text.encode())
    table = read_delimited(path, delimiter=",", source_id="prova")
    kept = [cell for row in table.rows for cell in row.texts.values()]
    set_apart = [cell for row in table.unreadable for cell in row.raw.values()]
    read = "".join(kept + set_apart)
    assert (read.count("a"), read.count("b")) == (text.count("a"), text.count("b"))


def source(**more: object) -> Source:
    return Source.model_validate({
        "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0", "reader": "csv",
        "attribution": "Prova", "yields": "services", "columns": {"name": "nome"}, **more,
    })  # fmt: skip


def zipped(folder: Path, **members: str) -> Path:
    path = folder / "prova.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return path


def test_a_zip_of_one_table_needs_no_member(tmp_path: Path):
    path = zipped(tmp_path, dati_csv="nome,via\nUno,Via Prova", leggimi_pdf="x")
    assert names(read_table(source(), path)) == ["Uno"]


def test_a_member_is_read_out_of_a_zip_of_many(tmp_path: Path):
    path = zipped(tmp_path, stops_txt="nome,via\nUno,a", routes_txt="nome,via\nDue,b")
    assert names(read_table(source(member="routes.txt"), path)) == ["Due"]
    with pytest.raises(SourceError, match=r"`member`.*stops\.txt, routes\.txt"):
        read_table(source(), path)
    with pytest.raises(SourceError, match=r"no file 'trips\.txt'. Use one of: stops\.txt"):
        read_table(source(member="trips.txt"), path)


def test_a_text_that_is_kept_from_becoming_a_number_is_that_text(tmp_path: Path):
    table = read(tmp_path, 'nome,tel\nA,="0288451234"\nB,"=""02"""\nC,=1+1\n')
    assert [row.texts["tel"] for row in table.rows] == ["0288451234", "02", "=1+1"]


def test_what_stands_above_a_header_is_passed_over_and_its_own_delimiter_holds(tmp_path: Path):
    table = read(tmp_path, "sep=;\nElenco\n\nnome;via\nA;via X, 1\n", delimiter=",")
    assert table.columns == ["nome", "via"]
    assert [(row.line, row.texts["via"]) for row in table.rows] == [(5, "via X, 1")]


def test_a_byte_order_mark_is_no_part_of_a_name_however_often_it_stands(tmp_path: Path):
    assert read(tmp_path, "\ufeff\ufeffnome,via\nA,B\n").columns == ["nome", "via"]


MAC = "Nome;Età;Note\nCaffè;6-11;perché sì\nPiù su;3-6;è là\n"


@pytest.mark.parametrize(
    ("encoding", "old"),
    [("mac_roman", "mac_roman"), ("cp1252", ""), ("cp850", "cp850"), ("cp437", "cp850")],
)
def test_accents_of_old_programs_are_told_by_the_letters_of_italian(
    tmp_path: Path, encoding: str, old: str
) -> None:
    path = tmp_path / "prova.csv"
    path.write_bytes(MAC.encode(encoding))

    table = read_delimited(path, delimiter=";", source_id="prova")

    assert table.columns == ["Nome", "Età", "Note"]
    assert [row.texts["Nome"] for row in table.rows] == ["Caffè", "Più su"]
    assert table.old_encoding == old


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("piazza Libertà", "cp850"),
        ("CITTÀ", "cp850"),
        ("ecc…", "cp1252"),
        ("orari e inform…", "cp1252"),
        ("nido • scuola: 5 anni €", "cp1252"),
    ],
)
def test_a_single_sign_tells_letters_of_dos_from_signs_of_windows(
    tmp_path: Path, text: str, encoding: str
) -> None:
    (row,) = read(tmp_path, f"nome,via\n{text},A".encode(encoding)).rows
    assert row.texts["nome"] == text


def test_signs_of_windows_are_no_accents_of_a_macintosh(tmp_path: Path) -> None:
    path = tmp_path / "prova.csv"
    path.write_bytes("Nome;Note\n“Uno” più;5 €…\n".encode("cp1252"))

    (row,) = read_delimited(path, delimiter=";", source_id="prova").rows

    assert row.texts == {"Nome": "“Uno” più", "Note": "5 €…"}
