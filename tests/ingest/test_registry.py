"""Births and minors of a registry: what is read, and what is refused in one line."""

from collections.abc import Collection
from pathlib import Path

import pytest

from ingest.layers.layer import Layer
from ingest.layers.registry import read_registry, register_of
from ingest.source import source
from mapping.city import city
from mapping.errors import SourceError

MILANO = city("milano")
HEAD = "anno;nil;uomini;donne;totale;minori;stranieri;nati_vivi"
GOOD = {
    (2011, "1"): (100, 20, 3),
    (2011, "8"): (0, 0, 0),
    (2012, "1"): (110, 22, 4),
    (2012, "8"): (5, 1, 1),
}
Row = tuple[object, object, object]


def registry(
    folder: Path, rows: dict[tuple[object, str], Row], parts: Collection[str] = ()
) -> Layer:
    lines = [f"{y};{part};0;0;{r};{m};0;{b}" for (y, part), (r, m, b) in rows.items()]
    path = folder / "ds205.csv"
    path.write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    return read_registry(source("anagrafe_ds205"), path, MILANO, parts)


def test_counts_are_laid_out_by_part_and_year(tmp_path: Path) -> None:
    register = register_of(registry(tmp_path, dict(reversed(GOOD.items()))).frame)
    assert list(register.part) == ["1", "8"]
    assert list(register.years) == [2011, 2012]
    assert register.births.tolist() == [[3, 4], [0, 1]]
    assert register.minors.tolist() == [[20, 22], [0, 1]]
    assert register.residents.tolist() == [[100, 110], [0, 5]]


def test_counts_may_have_points_at_the_thousands(tmp_path: Path) -> None:
    thousands = {**GOOD, (2012, "1"): ("12.000", "2.000", "1.000")}
    frame = registry(tmp_path, thousands).frame
    assert frame[["residents", "minors", "births"]].max().tolist() == [12000, 2000, 1000]


def test_a_last_line_without_a_word_is_none(tmp_path: Path) -> None:
    path = tmp_path / "ds205.csv"
    lines = [f"{year};{part};0;0;100;20;0;3" for year, part in GOOD]
    path.write_text("\n".join([HEAD, *lines, ";" * 7, ""]), encoding="utf-8")
    layer = read_registry(source("anagrafe_ds205"), path, MILANO)
    assert (layer.rows_in, layer.rows_kept) == (4, 4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({(2012, "1"): (100, 20, -3)}, "births of 1 in 2012 are -3. Give a whole number, 0 or"),
        ({(2012, "1"): (100, 20, "")}, "births of 1 in 2012 are no number. Give a whole number"),
        ({(2012, "1"): (100, 20, "tre")}, "births of 1 in 2012 are no number. Give a whole number"),
        ({(2012, "1"): (100, "nan", 3)}, "minors of 1 in 2012 are no number. Give a whole number"),
        ({(2012, "1"): (100, 2.5, 3)}, "minors of 1 in 2012 are 2.5. Give a whole number"),
        ({(2012, "1"): ("1e300", 20, 3)}, r"residents of 1 in 2012 are 1e\+300. Give a whole"),
        ({(2012, "1"): (100, 20, 16)}, "16 births of 1 in 2012 are more than a tenth of its 100"),
        ({(2012, "1"): (100, 101, 3)}, "101 minors of 1 in 2012 are more than its 100 residents"),
        ({("", "1"): (100, 20, 3)}, "row 6: no year. Give that at whose end"),
        ({("20111", "1"): (100, 20, 3)}, "row 6: no year. Give that"),
        ({(2012, ""): (100, 20, 3)}, "row 6: no part of the city. Give its area_id"),
        ({("2012.0", "1"): (100, 20, 3)}, "1 stands twice in 2012. Keep one"),
        ({(2012, "9"): (100, 20, 3)}, "9 is missing in 2011. Add its row"),
        ({(2015, "1"): (9, 2, 0), (2015, "8"): (9, 2, 0)}, "2013 is missing between 2011 and 2015"),
        ({(2199, "1"): (9, 2, 0)}, "run from 2011 to 2199, and most are missing. Mend the year"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, changes: dict[tuple[object, str], Row], words: str
) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        registry(tmp_path, {**GOOD, **changes})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_part_that_lost_one_year_is_named(tmp_path: Path) -> None:
    rows = {key: row for key, row in GOOD.items() if key != (2012, "8")}
    with pytest.raises(SourceError, match=r"8 is missing in 2012. Add its row, a 0 where nobody"):
        registry(tmp_path, rows)


def test_a_part_of_the_city_that_no_year_counts_is_named(tmp_path: Path) -> None:
    registry(tmp_path, GOOD, parts=["1", "8"])
    with pytest.raises(SourceError, match="7, a part of Milano, is missing in every year"):
        registry(tmp_path, GOOD, parts=["1", "7", "8"])


def test_an_empty_file_is_of_no_city(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no row is of Milano"):
        registry(tmp_path, {})


@pytest.mark.shared
def test_the_registry_of_milano_is_whole(mirror: Path) -> None:
    entry = source("anagrafe_ds205")
    layer = read_registry(entry, mirror / str(entry.mirror), MILANO)
    register = register_of(layer.frame)
    assert (layer.rows_in, layer.rows_kept) == (1232, 1232)
    assert list(register.years) == list(range(2011, 2025))
    assert set(map(int, register.part)) == set(range(1, 89))
    last, three = register.minors[:, -1].sum(), register.births[:, -3:].sum()
    assert (last, three) == (196_577, 28_317)
