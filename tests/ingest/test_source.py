import re
from pathlib import Path

import pytest

from ingest.source import FOLDER, Source, source, sources
from mapping.city import City, cities, city
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
        ("extract = { cap = 'no group' }", "the pattern of 'cap' has not one group"),
        ("extract = { cap = '(' }", "is no regular expression"),
        ("title", "is not TOML"),
    ],
)
def test_a_mistake_in_a_declaration_is_one_line(tmp_path, line, words):
    text = (
        GOOD
        if line.startswith(("colour", "extract", "[["))
        else GOOD.replace('yields = "services"\n', "")
    )
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


def test_the_recipe_shows_a_real_source_and_explains_every_key():
    recipe = (FOLDER.parents[1] / "docs" / "nuova-fonte.md").read_text(encoding="utf-8")
    example = (FOLDER / "impianti_sportivi.toml").read_text(encoding="utf-8")
    assert f"```toml\n{example}```" in recipe
    assert len(example.splitlines()) < 40
    assert {key for key in set(Source.model_fields) - {"id"} if f"`{key}`" not in recipe} == set()


def test_the_recipe_of_a_city_explains_every_key():
    recipe = (FOLDER.parents[1] / "docs" / "nuova-citta.md").read_text(encoding="utf-8")
    keys = set(City.model_fields) - {"id"}
    assert {key for key in keys if f"`{key}`" not in recipe and f"{key} =" not in recipe} == set()
