"""Addresses as people and registers write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.geocoding.address import (
    KINDS,
    MAX_LETTERS,
    kind_of,
    normalise_text,
    normalised,
    parse,
    same_street,
    tokens,
)


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
        ("C.O MAGENTA 71", "corso", "MAGENTA", 71, None),
        ("V. VASARI 16", "via", "VASARI", 16, None),
        ("V.G.CARCANO 53/9", "via", "G.CARCANO", 53, "9"),
        ("P. BORSELLINO, 6", None, "P. BORSELLINO", 6, None),
        ("via Prova 12 bis", "via", "Prova", 12, "BIS"),
        ("via Prova 12bis", "via", "Prova", 12, "BIS"),
        ("via Padova n° 61", "via", "Padova", 61, None),
        ("61/a, via Padova", "via", "Padova", 61, "A"),
        ("Padova (via) 61", "via", "Padova", 61, None),
        ("PADOVA VIA 61", "via", "PADOVA", 61, None),
        ("VIASALERNO5", "via", "SALERNO", 5, None),
        ("via Ripa 3", "via", "Ripa", 3, None),
        ("viareggio 5", None, "viareggio", 5, None),
        ("VIA CIRIE'10", "via", "CIRIE'", 10, None),
        ("VIALE CAMPANIA6 E VIA A.CORTI16", "viale", "CAMPANIA", 6, None),
        ("Piazza 5 Giornate, 6", "piazza", "5 Giornate", 6, None),
        ("Piazza 5 Giornate", "piazza", "5 Giornate", None, None),
        ("Via 4 Martiri di Lovere 18", "via", "4 Martiri di Lovere", 18, None),
        ("Via 1848, 25", "via", "1848", 25, None),
        ("VIA, 25 APRILE, 2", "via", "25 APRILE", 2, None),
        ("VIA IV NOVEMBRE 1918, 90", "via", "IV NOVEMBRE 1918", 90, None),
        ("Via 8 Ottobre 2001", "via", "8 Ottobre 2001", None, None),
        ("Via 8 Ottobre 2001 12", "via", "8 Ottobre 2001", 12, None),
        ("via Rodano (angolo piazza Roma) 1", "via", "Rodano", 1, None),
    ],
)
def test_an_address_is_taken_apart(
    text: str, kind: str | None, street: str, civic: int | None, suffix: str | None
) -> None:
    found = parse(text)
    assert (found.kind, found.street, found.civic, found.suffix) == (kind, street, civic, suffix)


@pytest.mark.parametrize(
    "text",
    [
        "via Padova km 3,500",
        "via Padova int. 3",
        "via Padova ang. via Prova, 2",
        "Via Padova (ang. Prova, 1)",
    ],
)
def test_a_number_of_something_else_is_no_civic(text: str) -> None:
    found = parse(text)
    assert (found.kind, found.street, found.civic) == ("via", "Padova", None)


@pytest.mark.parametrize(
    "text", ["via Prova s.n.c.", "via Prova, snc", "VIA PROVA SN", "via Prova"]
)
def test_that_there_is_no_civic_is_told_only_where_it_is_said(text: str) -> None:
    found = parse(text)
    assert (found.civic, found.street.lower()) == (None, "prova")
    assert found.unnumbered is (text != "via Prova")
    assert parse("via Prova", civic="snc").unnumbered


def test_a_place_before_the_street_is_kept() -> None:
    found = parse("Quarto Oggiaro - via Aldini 72")
    assert (found.locality, found.street, found.civic) == ("Quarto Oggiaro", "Aldini", 72)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("V.LE ZARA 81/A", "viale Zara, 81/A"),
        ("Corso XXII Marzo n. 59 a", "corso XXII Marzo, 59/A"),
        ("P.zza Prova s.n.c.", "piazza Prova, snc"),
        ("PADOVA VIA 61", "via Padova, 61"),
        ("via Padova 61, 20127 Milano (MI)", "via Padova, 61"),
    ],
)
def test_an_address_has_one_written_form(text: str, written: str) -> None:
    assert normalised(parse(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("V.LE CORSICA82", "viale Corsica, 82"),
        ("VIALE MONZA,126", "viale Monza, 126"),
        ("via Oglio 18", "via Oglio, 18"),
        ("VIA DELL'ARCADIA", "Via Dell'Arcadia"),
        ("Via C. Farini, 5 - Ang. Ceresio", "Via C. Farini, 5 - Ang. Ceresio"),
        ("presso la parrocchia", "presso la parrocchia"),
    ],
)
def test_an_address_is_rewritten_where_nothing_is_lost(text: str, written: str) -> None:
    assert normalise_text(text) == written
    assert normalise_text(written) == written


FORMS = st.sampled_from(
    ["{kind} {name}{mark}{civic}", "{name} {kind} {civic}", "{civic}, {kind} {name}",
     "{name} ({kind}) {civic}", "{kind} {name}, snc", "{kind} {name} (ang. Prova) {civic}",
     "Quarto Prova - {kind} {name} {civic}"]
)  # fmt: skip
NAMES = st.sampled_from(["Padova", "XXII Marzo", "5 Giornate", "De' Prova", "Ragazzi del '99"])


@given(
    FORMS,
    st.sampled_from(["via", "VIALE", "Piazza"]),
    NAMES,
    st.sampled_from([", ", " ", " n. ", " n° "]),
    st.sampled_from(["61", "5/A", "12 bis", "7 b", "68/1"]),
)
def test_the_written_form_of_the_written_form_is_itself(
    form: str, kind: str, name: str, mark: str, civic: str
) -> None:
    once = normalised(parse(form.format(kind=kind, name=name, mark=mark, civic=civic)))
    assert once.startswith(kind.lower())
    assert normalised(parse(once)) == once


@given(st.text(alphabet="via Padov ,/-0123456789n.°()", max_size=40))
def test_no_civic_is_invented(text: str) -> None:
    civic = parse(text).civic
    assert civic is None or str(civic) in re.sub(r"\b0+", "", text) or civic == 0


@pytest.mark.parametrize(
    ("register", "name"),
    [("S. Uguzzone", "Sant'Uguzzone"), ("A.DEL SARTO", "Andrea del Sarto"), ("Pio 11", "Pio XI")],
)
def test_a_short_name_is_of_its_street(register: str, name: str) -> None:
    assert same_street(register, name) is not None


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


@pytest.mark.parametrize(
    "seed", ["1 febbraio ", "bis ", "20100 ", "ii ", "via a, ", "(", "[ ", "d'"]
)
def test_a_text_without_end_is_read_as_its_beginning(seed: str) -> None:
    assert parse(seed * 100_000) == parse((seed * 100_000)[:MAX_LETTERS])


@pytest.mark.parametrize(
    ("text", "kind", "words", "civic"),
    [
        ("Corso PORTA PROVA (DI), 10", "corso", ("porta", "prova"), 10),
        ("VIA MARGHERITA (SANTA) 3", "via", ("san", "margherita"), 3),
        ("ROSSELLI (F.LLI)", None, ("flli", "rosselli"), None),
        ("VIA UNIONE (DELL') 5/A", "via", ("unione",), 5),
        ("via Padova (CO) 61", "via", ("padova",), 61),
    ],
)
def test_what_a_register_has_in_brackets_behind_a_name_goes_in_front(text, kind, words, civic):
    address = parse(text)
    assert (address.kind, address.tokens, address.civic) == (kind, words, civic)


def test_of_two_streets_the_first_is_no_place_in_front_of_the_second():
    assert parse("scuola via Asturie - via Mann").locality is None
    assert parse("Quarto Oggiaro - via Aldini 72").locality == "Quarto Oggiaro"
