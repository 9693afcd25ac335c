"""The page of measured quality: true to the sources, and good enough."""

import re
import shutil
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"
ACCEPTED_PERCENT = 80


def figure(row: str, column: int) -> float:
    (line,) = (line for line in PAGE.read_text(encoding="utf-8").splitlines() if row in line)
    return float(line.split("|")[column].strip(" %").replace(",", "."))


def test_the_page_says_that_enough_pharmacies_are_found_near():
    row = "| Farmacie | scuole, ospedali | 421 |"
    assert figure(row, 5) >= ACCEPTED_PERCENT
    assert figure(row, 4) > 99


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
