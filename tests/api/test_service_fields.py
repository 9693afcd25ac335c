"""Each yes or no of a service is defined everywhere that CONTRIBUTING.md names."""

import re
from pathlib import Path

import pytest

import api
from ingest.sheets.headings import fields
from mapping.model import PLACE_FLAGS, SERVICE_FLAGS
from mapping.tables import SERVICES

WORDS = (Path(api.__file__).parent / "pages" / "service_words.html").read_text(encoding="utf-8")


def words_of(name: str) -> list[str]:
    (body,) = re.findall(rf"{{% set {name} = {{(.*?)}} %}}", WORDS, re.DOTALL)
    return re.findall(r'"(\w+)": \(', body)


def test_each_flag_has_its_words_on_the_pages():
    assert sorted(words_of("service_flags")) == sorted(SERVICE_FLAGS)
    assert sorted(words_of("place_flags")) == sorted(PLACE_FLAGS)


@pytest.mark.parametrize("name", SERVICE_FLAGS + PLACE_FLAGS)
def test_each_flag_has_a_column_a_heading_and_a_name(name: str):
    assert name in SERVICES.names
    assert fields()[name].choices == "yes_no"
    assert f'"{name}": _(' in WORDS
