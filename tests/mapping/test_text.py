"""Fields of registers, tidied without inventing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mapping.text import area_name, tidy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "-",
        "n.d.",
        "ND",
        "Non Disponibile",
        " non disponibile",
        "<Null>",
        "nan",
        "NaN",
        "None",
        "#N/D",
        "(null)",
        "&nbsp;",
    ],
)
def test_words_that_say_nothing_are_nothing(text: str) -> None:
    assert tidy(text) is None


def test_nothing_stays_nothing() -> None:
    assert tidy(None) is None


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  via \t Padova\n61 ", "via Padova 61"),
        ("VIA MONLU\u00c3\u02c6", "VIA MONLUÈ"),
        ("Citt\u00c3\u00a0", "Città"),
        ("Citt\u00c3\u0192\u00c2\u00a0", "Città"),
        ("Nido d'Andrè", "Nido d'Andrè"),
        ("Libert\u00c3", "Libertà"),
        ("Libert\u00c3, citt\u00c3", "Libertà, città"),
        ("Citt&agrave;", "Città"),
        ("via Padova&nbsp;61<br/>Milano", "via Padova 61 Milano"),
        ("Tizio &amp; Caio", "Tizio & Caio"),
        ("https://x.it/?a=1&copy=2", "https://x.it/?a=1&copy=2"),
    ],
)
def test_blanks_collapse_and_double_utf8_is_undone(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@example(" \N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX} 0")
@given(st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["Cc"])))
def test_tidying_once_more_does_not_bring_blanks_back(text: str) -> None:
    once = tidy(text)
    assert once is None or (once == once.strip() and "  " not in once)
    assert tidy(once) == once


@given(st.text(alphabet="&<>;abgrvep#1/ Ã", max_size=30))
def test_marks_of_html_are_undone_once_and_for_all(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once


@pytest.mark.parametrize(
    ("published", "written"),
    [
        ("XXII MARZO", "XXII Marzo"),
        ("BAGGIO - Q.RE DEGLI OLMI - Q.RE VALSESIA", "Baggio - Q.re degli Olmi - Q.re Valsesia"),
        ("NIGUARDA - CA' GRANDA", "Niguarda - Ca' Granda"),
        ("MAGENTA - S. VITTORE", "Magenta - S. Vittore"),
        ("GIARDINI P.TA VENEZIA", "Giardini Porta Venezia"),
        ("PTA ROMANA", "Porta Romana"),
        ("PARCO BOSCO IN CITTA'", "Parco Bosco in Città"),
        ("RONCHETTO SUL NAVIGLIO", "Ronchetto sul Naviglio"),
        ("QT 8", "QT 8"),
        ("Quartiere dei Prova", "Quartiere dei Prova"),
    ],
)
def test_an_area_is_called_as_people_write_it(published: str, written: str) -> None:
    assert area_name(published) == written
    assert area_name(written) == written
