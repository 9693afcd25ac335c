"""Whose families a service is for, as people write it in a cell."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values.catchments import catchment, contradiction
from mapping.model import CATCHMENT


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("Municipi 1 e 4", ("municipio:1", "municipio:4")),
        ("municipio:1;municipio:4", ("municipio:1", "municipio:4")),
        ("Municipio 08, NIL 71 e 72", ("municipio:8", "nil:71", "nil:72")),
        ("zona 8", ("municipio:8",)),
        ("Circoscrizione 3", ("municipio:3",)),
        ("1,4", ("municipio:1", "municipio:4")),
        ("2.0", ("municipio:2",)),
        ("tutta la città", ("city:all",)),
        ("4 e 4", ("municipio:4",)),
    ],
)
def test_areas_are_read(text: str, areas: tuple[str, ...]) -> None:
    assert catchment(text) == areas


@pytest.mark.parametrize(
    "text", ["", "municipio", "Municipio 8 e dintorni", "Quarto Oggiaro", "1-4", "NIL", ";", "8 km"]
)
def test_half_a_catchment_is_none(text: str) -> None:
    assert catchment(text) is None


@given(st.text(max_size=60))
def test_any_text_gives_whole_areas_or_none(text: str) -> None:
    assert all(re.fullmatch(CATCHMENT, area) for area in catchment(text) or ())


KNOWN = {"municipio:1", "municipio:4", "nil:76"}


@pytest.mark.parametrize(
    ("name", "areas", "code"),
    [
        ("UONPIA zone 1 e 4", ("municipio:1", "municipio:4"), None),
        ("UONPIA zone 1 e 4", ("municipio:4",), None),
        ("Sportello Municipio 1", ("municipio:4",), "contradicts_name"),
        ("Sportello Municipio 1", ("nil:76",), None),
        ("Sportello", ("municipio:9",), "unknown_area"),
        ("Sportello", ("nil:76", "nil:7"), "unknown_area"),
        ("Sportello Municipio 1", ("city:all",), None),
    ],
)
def test_a_catchment_that_contradicts_its_name_or_names_no_area_is_refused(
    name: str, areas: tuple[str, ...], code: str | None
) -> None:
    problem = contradiction(name, areas, KNOWN)
    assert (problem and problem[0]) == code
