import re
from pathlib import Path

import pytest

from ingest.source import Source, source, sources
from mapping.city import cities, city
from mapping.config import read_config
from mapping.errors import SourceError

GOOD = """
title = "Prova"
publisher = "Prova"
licence = "CC0"
attribution = "Prova"
yields = "services"
reader = "csv"
"""


def read(folder: Path, text: str) -> Source:
    (folder / "prova.toml").write_text(text, encoding="utf-8")
    return read_config(folder / "prova.toml", Source, SourceError)


def test_every_source_says_who_publishes_it_and_under_which_licence():
    for name in sources():
        entry = source(name)
        assert entry.publisher
        assert entry.licence
        assert entry.attribution
        assert entry.expect.min_rows <= entry.expect.max_rows


def test_every_source_of_a_city_is_configured():
    for name in cities():
        assert set(city(name).sources) <= set(sources())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('colour = "red"', "unknown key 'colour'"),
        ('yields = "weather"', "'yields' = 'weather'"),
        (
            '[[categories]]\ncolumn = "a"\npattern = "b"\ncategory = "nidi"',
            "Unknown category 'nidi'",
        ),
        ("title", "is not TOML"),
    ],
)
def test_a_mistake_in_a_declaration_is_one_line(tmp_path, line, words):
    text = GOOD if line.startswith(("colour", "[[")) else GOOD.replace('yields = "services"\n', "")
    with pytest.raises((SourceError, LookupError), match=re.escape(words)):
        read(tmp_path, f"{text}{line}\n")


def test_a_declaration_names_a_member_a_sheet_tags_and_a_review(tmp_path):
    entry = read(
        tmp_path,
        GOOD + 'member = "a.csv"\nsheet = "Nidi"\nreview = true\n[tags]\namenity = ["library"]\n',
    )
    assert (entry.member, entry.sheet, entry.review) == ("a.csv", "Nidi", True)
    assert entry.tags == {"amenity": ("library",)}
    assert not read(tmp_path, GOOD).review


def test_several_columns_make_one_value():
    entry = source("ospedali_lombardia")
    row = {"CODICE STRUTTURA DI RICOVERO": "1", "DESCRIZIONE STRUTTURA DI RICOVERO": "Sede"}
    assert entry.value(row, "key") == "1 Sede"
    assert entry.value(row, "phone") == ""
