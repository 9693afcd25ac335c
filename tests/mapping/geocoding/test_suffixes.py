"""What stands behind a civic number: in every shape of a register, and never dropped unsaid."""

import numpy as np
import pytest

from mapping.geocoding.address import civic_number, parse, suffix_key
from mapping.geocoding.address_inside import addresses_inside
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities
from tests.mapping.drawn_city import MILANO

SHAPES = (
    None, "A", "E", "3", "16", "101", "16A", "3A", "03A", "24", "24/A", "18/A", "BIS", "31/B",
)  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> Gazetteer:
    """A street with one number in every shape, ten metres apart."""
    size = len(SHAPES)
    along = 10.0 * np.arange(size)
    civics = Civics(
        np.array([0, size]), np.full(size, 30), list(SHAPES), ["3"] * size, [None] * size,
        515_000 + along, np.full(size, 5_037_000.0), ["civic"] * size, np.full(size, 15.0),
        surveyed=True,
    )  # fmt: skip
    middles = Middles(*(np.array([value]) for value in (0, "3", 515_000.0, 5_037_000.0, 70.0)))
    return Gazetteer(Localities("Milano", "MI"), MILANO.epsg, ["Via Prova"], civics, middles)


@pytest.mark.parametrize("suffix", SHAPES)
@pytest.mark.parametrize("tail", ["", ", Milano", " Milano", " 20120 Milano (MI)", " scala B"])
def test_every_shape_of_the_register_is_found_as_it_is(
    drawn: Gazetteer, suffix: str | None, tail: str
) -> None:
    stroke = "" if suffix is None else f"/{suffix}"
    for written in (stroke, stroke.lower(), stroke.replace("/", " / ")):
        place = drawn.geocode(f"via Prova 30{written}{tail}")
        assert (place.label, place.doubts) == (f"Via Prova 30{stroke}", ())
    assert civic_number(f"30{stroke}") == (30, suffix)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("30/24 A", "30/24/A"), ("30/24A", "30/24/A"), ("30/24-a", "30/24/A"), ("30A", "30/A"),
        ("30/16/A", "30/16A"), ("30 bis", "30/BIS"), ("30/31B", "30/31/B"), ("30/003A", "30/3A"),
    ],
)  # fmt: skip
def test_one_suffix_is_written_in_several_ways(drawn: Gazetteer, written: str, label: str) -> None:
    place = drawn.geocode(f"via Prova {written}")
    assert (place.label, place.doubts) == (f"Via Prova {label}", ())


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("30/24/C", "30/24"), ("30/C", "30"), ("30/99", "30"), ("30/1234", "30"),
        ("30/16/D", "30/16"), ("30/A/7", "30"), ("30/bis/2", "30"),
    ],
)  # fmt: skip
def test_a_suffix_that_nobody_has_is_said(drawn: Gazetteer, written: str, label: str) -> None:
    place = drawn.geocode(f"via Prova {written}")
    assert (place.label, place.doubts) == (f"Via Prova {label}", ("suffix",))
    assert place.confidence < 1


def test_what_is_no_suffix_is_none() -> None:
    for rest in ("30 c/o Prova", "30 e via Altra", "30, scala B"):
        assert parse(f"via Prova {rest}").suffix is None
    assert suffix_key("24/a") == suffix_key("24 A") == "24A"
    assert list(addresses_inside("casa in via Prova 30/24/A")) == ["via Prova 30/24/A"]
