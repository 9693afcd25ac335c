"""Text tables as programs and people save them, where readers of CSV were reported wrong."""

from pathlib import Path

import pytest

from ingest.readers.delimited import read_any
from mapping.errors import SourceError
from tests.reported.kind import Kind

REFUSED = None
LONG = "".join(f"L{number},via {number},\n" for number in range(40))

KINDS = [
    Kind("frictionlessdata/frictionless-py#1048", "an open quote that meets another far below",
         f'nome,via,note\nA,via A,"aperta\n{LONG}B,via B,"chiusa", sì\nC,via C,\n',
         (["C"], 41, [(2, "unreadable_row"), (43, "ragged_row")])),
    Kind("pandas-dev/pandas#22661", "a quote that opens a cell and is never closed",
         'nome\tvia\nA\t"via A"\nB\t"via B\n', (["A"], 1, [(3, "unreadable_row")])),
    Kind("pandas-dev/pandas#22140", "a quote alone in a cell",
         'nome|via|cap\nA|via A|1\nB|"|2\nC|via C|3\n', (["C"], 2, [(3, "unreadable_row")])),
    Kind("pandas-dev/pandas#15910", "letters behind a closing quote",
         'nome,via\n"a"b,via A\n', (['"a"b'], 1, [])),
    Kind("transitland/transitland-datastore#511", "quotes inside quotes that nobody doubled",
         'nome,via\n"CASA "IL FARO"",via A\n', (['CASA "IL FARO"'], 1, [])),
    Kind("OpenRefine/OpenRefine#3853", "a sign for inches in the middle of a cell",
         'nome\tvia\nTV 32" e 40"\tvia A\n', (['TV 32" e 40"'], 1, [])),
    Kind("pandas-dev/pandas#12775", "line ends inside quotes",
         'nome,via\n"riga 1\nriga 2","via\nA"\nB,via B\n', (["B"], 2, [])),
    Kind("NASA-PDS/validate#355", "line ends of Windows inside quotes",
         'nome,via\r\n"riga 1\r\nriga 2",via A\r\nB,via B\r\n', (["B"], 2, [])),
    Kind("digital-preservation/csv-validator#512", "a carriage return inside quotes",
         'nome,via\n"riga 1\rriga 2",via A\nB,via B\n', (["B"], 2, [])),
    Kind("pandas-dev/pandas#9102", "lines that end as on old Macs",
         "nome,via\rA,via A\rB,via B\r", (["B"], 2, [])),
    Kind("chairemobilite/transition#1909", "two carriage returns at each line's end",
         "nome,via\r\r\nA,via A\r\r\n", (["A"], 1, [])),
    Kind("pandas-dev/pandas#7340", "the end sign of old programs",
         "nome,via\r\nA,via A\r\n\x1a", (["A"], 1, [])),
    Kind("pandas-dev/pandas#5500", "that sign inside a cell",
         "nome,via\nA\x1a,via A\nB,via B\n", (["B"], 2, [])),
    Kind("TablePress/TablePress#198", "a header that is a cell short, and commas in the rows",
         "nome;via\nA, B;via A;\nC, D;via C;\n", (["C, D"], 2, [])),
    Kind("mechatroner/vscode_rainbow_csv#134", "one comma in every row of a semicolon table",
         "data;nome;via;\nmaggio, 2;A;via A;\nmaggio, 3;B;via B\n",
         (["A"], 1, [(3, "ragged_row")])),
    Kind("OpenRefine/OpenRefine#490", "few rows with commas",
         "nome,via\nA,via A\n", (["A"], 1, [])),
    Kind("OpenRefine/OpenRefine#1075", "semicolons inside quotes, more than between them",
         'nome;via\n"A; B; C; D";via A\nE;via E\n', (["E"], 2, [])),
    Kind("OpenRefine/OpenRefine#4899", "single quotes around cells are letters",
         "nome;via\n'A';'via A; 1'\n'B';'via B'\n", (["'B'"], 1, [(2, "ragged_row")])),
    Kind("OpenRefine/OpenRefine#6527", "a byte order mark before a semicolon table",
         "\ufeffnome;via\nA;via A\n", (["A"], 1, [])),
    Kind("CartoDB/cartodb#15423", "many blanks beside the delimiter",
         "nome  ,  via      di   sede\nA A A A,via B C D\n", (["A A A A"], 1, [])),
    Kind("onaio/onadata#3199", "bars between cells", "nome|via\nA|via A, 1\n", (["A"], 1, [])),
    Kind("adaptlearning/adapt_framework#2857", "strokes and tags in quoted cells",
         '"nome","via"\n"a/05/titolo","<div>a;b|c</div>"\n', (["a/05/titolo"], 1, [])),
    Kind("umap-project/umap#285", "one row without its coordinates",
         "nome,lat,lon\nA,45.4,9.1\nB,,\n", (["B"], 2, [])),
    Kind("umap-project/umap#1699", "a single column, and no header",
         "45.4642\n45.4643\n", REFUSED),
    Kind("gkunter/coquery#84", "an empty file", "", REFUSED),
    Kind("MobilityData/gtfs-validator#402", "rows without a word at the end",
         "nome;via;cap\nA;via A;1\n;;\n \n\n", (["A"], 1, [])),
    Kind("google/transitfeed#39", "a row of more cells than the header",
         "nome,via\nA,via A,1\nB,via B\n", (["B"], 1, [(2, "ragged_row")])),
    Kind("tidyverse/readxl#383", "a title of two cells above the header",
         "Elenco dei servizi;anno 2024\nnome;via;cap\nA;via A;1\nB;via B;2\n", (["B"], 2, [])),
    Kind("tidyverse/readxl#383", "a title with delimiters to spare",
         "Elenco dei servizi;anno 2024;;;\nnome;via;cap;telefono;note\nA;via A;1;2;\n",
         (["A"], 1, [])),
    Kind("pandas-dev/pandas#66391", "letters of Windows, and nothing that says so",
         "nome;via\nCittà;via A\n".encode("cp1252"), (["Città"], 1, [])),
    Kind("harelba/q#98", "text of two bytes a letter",
         "nome\tvia\nCittà\tvia A\n".encode("utf-16"), (["Città"], 1, [])),
    Kind("genspark-ai/genoffice#438", "text of two bytes a letter without its mark",
         "nome;via\nCittà;via A\n".encode("utf-16-le"), (["Città"], 1, [])),
    Kind("turicas/rows#273", "a cell with a letter of no text",
         "nome,via\nA,via\0A\nB,via B\n", (["B"], 1, [(2, "unreadable_row")])),
    Kind("adaltas/node-csv-parse#276", "a row whose last cells are left out",
         "nome,via,cap\nA,via A\nB,via B,2\n", (["B"], 1, [(2, "ragged_row")])),
    Kind("OpenDataRepository/data-publisher#84", "columns without a name or a cell at the end",
         "nome,via,,\nA,via A,,\n", (["A"], 1, [])),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_table_is_read_and_a_bad_row_costs_itself(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "prova.csv"
    text = kind.example
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if kind.right is REFUSED:
        with pytest.raises(SourceError, match=r"one column|is empty"):
            read_any(path, source_id="prova")
        return
    table, _ = read_any(path, source_id="prova")
    last, rows, troubles = kind.right
    assert len(table.rows) == rows
    assert [table.rows[-1].texts["nome" if "nome" in table.columns else table.columns[0]]] == last
    assert [(row.line, row.code) for row in table.unreadable] == troubles
