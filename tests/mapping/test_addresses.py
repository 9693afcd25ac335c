"""Addresses as people and registers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.addresses import KINDS, kind_of, parse, tokens


@pytest.mark.parametrize(
    ("text", "kind", "street", "civic", "suffix"),
    [
        ("via Padova 61", "via", "Padova", 61, None),
        ("VIA VARSAVIA, 4", "via", "VARSAVIA", 4, None),
        ("VIA NOVARA,90", "via", "NOVARA", 90, None),
        ("VIA CRIVELLI21", "via", "CRIVELLI", 21, None),
        ("VIA MICHELE SAPONARO 2C", "via", "MICHELE SAPONARO", 2, "C"),
        ("corso XXII Marzo 59/a", "corso", "XXII Marzo", 59, "A"),
        ("via Feltre 68/1", "via", "Feltre", 68, "1"),
        ("V.le Zara, 81", "viale", "Zara", 81, None),
        ("P.Le Bacone", "piazzale", "Bacone", None, None),
        ("PIAZZA 6 FEBBRAIO, 16", "piazza", "6 FEBBRAIO", 16, None),
        ("padova 61", None, "padova", 61, None),
    ],
)
def test_an_address_is_taken_apart(
    text: str, kind: str | None, street: str, civic: int | None, suffix: str | None
) -> None:
    found = parse(text)
    assert (found.kind, found.street, found.civic, found.suffix) == (kind, street, civic, suffix)


def test_a_civic_in_its_own_field_wins() -> None:
    found = parse("corso XXII Marzo", civic="59/a", cap="20129")
    assert (found.civic, found.suffix, found.cap) == (59, "A", "20129")


def test_of_two_civics_in_one_field_the_first_counts() -> None:
    assert parse("Via Colletta", civic="49  51").civic == 49


@pytest.mark.parametrize("text", ["via Roma 1, Torino", "via Roma 1 Torino", "via Roma 1 - Torino"])
def test_the_city_that_is_named_is_kept(text: str) -> None:
    found = parse(text)
    assert found.locality is not None
    assert "Torino" in found.locality
    assert (found.street, found.civic) == ("Roma", 1)


def test_the_postcode_is_found_inside_the_text() -> None:
    found = parse("via Padova 61, 20127 Milano")
    assert (found.cap, found.locality, found.civic) == ("20127", "Milano", 61)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sant' Uguzzone", "SANT'UGUZZONE"),
        ("XXII Marzo", "VENTIDUE MARZO"),
        ("Val d'Intelvi", "VAL D'INTELVI"),
        ("Fabrizio De Andrè", "FABRIZIO DE ANDRE"),
        ("F.lli Zoia", "FRATELLI ZOIA"),
        ("Leone XIII", "LEONE 13"),
    ],
)
def test_two_spellings_of_one_street_have_the_same_words(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(("one", "other"), [("Pio II", "Pio IV"), ("Rossi", "Rosso")])
def test_two_streets_do_not_become_one(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


@given(st.sampled_from(sorted(KINDS)))
def test_every_short_form_is_of_its_kind(kind: str) -> None:
    assert {kind_of(short) for short in KINDS[kind]} == {kind}


@given(st.integers(1, 999), st.sampled_from(["via Padova", "corso XXII Marzo", "piazza Duomo"]))
def test_a_number_written_is_the_number_read(number: int, street: str) -> None:
    forms = [f"{street} {number}", f"{street}, {number}", f"{street} n. {number}"]
    assert [parse(form).civic for form in forms] == [number] * 3


@given(st.text(max_size=60))
def test_any_text_is_taken_apart_without_a_crash(text: str) -> None:
    assert parse(text).civic is None or parse(text).civic >= 0
