"""The page of measured quality: true to the sources, and good enough."""

import re
import shutil
from pathlib import Path

import pytest

from mapping.services.comparison import LIKENESS_LEVELS
from mapping.services.matching import weights

PAGE = Path(__file__).parents[3] / "docs" / "quality.md"
ACCEPTED_PERCENT = 80


def figure(row: str, column: int) -> float:
    (line,) = (line for line in PAGE.read_text(encoding="utf-8").splitlines() if row in line)
    return float(line.split("|")[column].strip(" %").replace(",", "."))


def test_the_page_says_that_enough_pharmacies_are_found_near():
    row = "| Farmacie | scuole, ospedali | 421 |"
    assert figure(row, 5) >= ACCEPTED_PERCENT
    assert figure(row, 4) > 99


@pytest.mark.parametrize(
    ("row", "within_50", "within_150"),
    [
        ("| Farmacie, anche senza il civico |", 97, 99),
        ("| Scuole | 639 |", 60, 88),
        ("| Ospedali | 38 |", 60, 88),
    ],
)
def test_the_page_says_how_near_addresses_are_to_their_door(row, within_50, within_150):
    assert figure(row, 4) >= within_50
    assert figure(row, 5) >= within_150


def test_the_page_says_that_births_and_residents_beat_held_shares():
    held, ours = "| quota del NIL ferma (da battere) | sì |", "| nati, traslochi e residenti | sì |"
    assert (figure(held, 4), figure(held, 5)) == (3.9, 11.7)
    assert figure(ours, 4) < figure(held, 4)
    assert figure(ours, 5) < figure(held, 5)


def test_the_page_says_that_nine_in_ten_are_nine_in_ten():
    assert 87 <= figure("| della prova |", 7) <= 95
    assert figure("| di una zona grande come il NIL |", 7) >= 90


def test_the_page_says_that_children_of_parts_and_sections_add_up_to_the_minors():
    page = PAGE.read_text(encoding="utf-8")
    assert "Somma dei NIL: 196.577 minori, come in anagrafe." in page
    assert "Lo scarto più grande di un NIL è 0, della somma delle sue sezioni 0." in page
    assert "i nati degli ultimi tre anni 28.317" in page


def test_the_page_says_nothing_of_income_without_an_interval_nor_of_lists_that_lack_services():
    section = PAGE.read_text(encoding="utf-8").split("## Reddito")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) > 2
    told = [row for row in rows[2:] if row[1] != "non noto"]
    assert {row[0] for row in told} == {"Farmacia", "Scuola dell'infanzia"}
    for _, *cells, verdict in told:
        intervals = cells[1::2]
        assert all(re.fullmatch(r"-?\d+,\d+ e -?\d+,\d+", interval) for interval in intervals)
        ends = [float(end.replace(",", ".")) for end in intervals[0].split(" e ")]
        if verdict == "cammina di più chi è povero":
            assert max(ends) < 0
        assert verdict in {"cammina di più chi è povero", "non si sa", "elenco non completo"}


@pytest.mark.all
@pytest.mark.shared
@pytest.mark.slow
def test_the_page_is_what_the_sources_give(cli, mirror, tmp_path):
    page = tmp_path / "quality.md"
    shutil.copy(PAGE, page)
    asked = ("quality", "--mirror", str(mirror), "--out", str(page), "--check")
    done = cli(*asked, var=tmp_path / "var")
    assert done.returncode == 0, done.stderr


def test_without_the_sources_it_says_what_is_wanted(cli, tmp_path):
    done = cli("quality", "--check", var=tmp_path / "var")
    assert done.returncode == 2
    assert re.search(r"--mirror DIR", done.stderr)
    assert "Traceback" not in done.stderr


def test_the_page_says_that_nothing_was_merged_wrongly_and_little_missed():
    rows = PAGE.read_text(encoding="utf-8").split("## Abbinamento")[1]
    rows = rows.split("\n## ")[0].splitlines()
    judged = [row.split("|") for row in rows if row.startswith(("| Farmacie,", "| Scuole,"))]
    found, hard = judged[:2], judged[2:]
    assert [row[5].strip() for row in found] == ["100,0%", "100,0%"]
    assert all(float(row[7].strip(" %").replace(",", ".")) > 99 for row in found)
    assert [(row[2].strip(), row[5].strip()) for row in hard] == [("0", "0"), ("0", "0")]


def test_the_weights_in_use_are_those_counted():
    counted: dict[str, dict[str, float]] = {name: {} for name in (*LIKENESS_LEVELS, "prior")}
    for row in PAGE.read_text(encoding="utf-8").split("### I pesi")[1].splitlines():
        cells = [cell.strip() for cell in row.split("|")[1:-1]]
        if len(cells) == 3 and cells[0] in counted:
            counted[cells[0]][cells[1]] = float(cells[2].replace(",", "."))
    used = weights()
    assert counted == {**used.bits, "prior": {"prior": used.prior}}


def cells_of(title: str) -> list[list[str]]:
    text = PAGE.read_text(encoding="utf-8").split(f"\n{title}\n")[1].split("\n#")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows[2:]]


def test_the_page_says_that_no_word_promises_more_than_it_keeps():
    words = cells_of("### Le parole")
    assert len(words) == 16
    assert {row[-1] for row in words} == {"tiene", "troppo pochi", "nel campione"}
    assert all((row[1] == "in uso") == (row[-1] == "nel campione") for row in words)
    tried = [row for row in words if row[1] != "in uso"]
    assert all((int(row[-2]) < 30) == (row[-1] == "troppo pochi") for row in tried)
    kept = [row for row in words if row[-1] == "tiene"]
    number = [
        [float(cell.strip("%").replace(",", ".")) for cell in (*row[3:4], row[5])] for row in kept
    ]
    assert all(share >= least for least, share in number)
    assert "Nessuna parola, dove i servizi bastano per dirlo, promette più" in PAGE.read_text(
        "utf-8"
    )


def test_the_page_says_that_of_claims_at_eighty_percent_eighty_hold():
    told = [row for row in cells_of("### Quanto è detto, quanto tiene") if row[2] == "80-90%"]
    in_use = [row for row in told if row[1] == "in uso"]
    assert len(in_use) == 2
    assert all(float(row[6].strip("%").replace(",", ".")) >= 80 for row in in_use)


def test_the_page_says_that_fewer_are_near_the_slower_they_walk():
    far = [int(row[4].replace(".", "")) for row in cells_of("## Quanto dipende dalle ipotesi")[:3]]
    usual, slower, faster = far
    assert slower > usual > faster > 0


def test_the_page_says_which_claims_at_eighty_percent_are_in_sample_and_whose_people_decide():
    text = PAGE.read_text(encoding="utf-8")
    told = [line for line in text.splitlines() if line.startswith("Detto all'")]
    assert [("in uso" in line, "non è una prova" in line) for line in told] == [
        (False, False), (True, True),
    ] * 2  # fmt: skip
    in_bins = cells_of("### Quanto è detto, quanto tiene")
    (surest,) = (row[5] for row in in_bins if row[:3] == [*row[:1], "dall'altro", "95-100%"]
                 and row[0].startswith("Farmacie"))  # fmt: skip
    assert f"{surest} persone su " in text


def test_a_forecast_of_absence_that_loses_to_the_base_rate_is_said_to():
    scored = [
        row for row in cells_of("### Le parole dell'assenza") if len(row) == 6 and row[1][:1] == "0"
    ]
    for name, score, beaten, *_, between, outcome in scored:
        low, high = (float(end.replace(",", ".")) for end in between.split(" - "))
        assert (outcome == "non batte") == (high < 0), (name, low)
        assert (f"{name}: Brier {score}, e {beaten}" in PAGE.read_text("utf-8")) == (high < 0)
