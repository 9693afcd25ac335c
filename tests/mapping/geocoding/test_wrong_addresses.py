"""Addresses that were once taken for another street, another number or another comune."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.city import city
from mapping.crs import to_metres
from mapping.errors import UnknownAddressError
from mapping.geocoding import gazetteer_table
from mapping.geocoding.build_gazetteer import Numbering
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities, districts_of, province_of

MILANO = city("milano")
X, Y = (float(value[0]) for value in to_metres([9.19], [45.4642], MILANO.epsg))
STREETS = (
    "VIA PADOVA", "VIA CINQUE MAGGIO", "PIAZZA VENTIQUATTRO MAGGIO", "VIA GIUSEPPE VERDI",
    "VIA ALESSANDRO MANZONI", "PIAZZALE LUIGI CADORNA", "VIA BERGAMO", "CORSO DI PORTA ROMANA",
    "CORSO VITTORIO EMANUELE II", "VIA PRIVATA ANTONIO MEUCCI", "VIALE ENRICO FERMI",
    "VIALE VITTORIO VENETO", "BASTIONI DI PORTA NUOVA", "VIA PAVIA", "VIA RIPA", "VIA PIO X",
    "PIAZZA SANTISSIMA TRINITA'", "VIA DELLA STAZIONE",
)  # fmt: skip
OUTSIDE = ("VIA MEUCCI", "VIA FERMI")
QUARTERS = (
    "PADOVA - TURRO - CRESCENZAGO",
    "LODI - CORVETTO",
    "MAGENTA - S. VITTORE",
    "PTA ROMANA",
    "Q.RE FELTRE",
)


@pytest.fixture(scope="module")
def drawn() -> Gazetteer:
    return drawn_streets()


def test_of_two_streets_that_an_article_tells_apart_the_one_as_written_comes_first():
    streets = drawn_streets(("Via Filippo de Filippi", "Via Filippo Filippi"))
    assert streets.search("via Filippo Filippi")[0].street == "Via Filippo Filippi"
    assert streets.search("via Filippo de Filippi")[0].street == "Via Filippo de Filippi"


def drawn_streets(more: tuple[str, ...] = ()) -> Gazetteer:
    """Streets of a kilometre, each with the numbers 1 to 70; beyond the border two more."""
    streets = (*STREETS, *more)
    inside = [
        shapely.LineString([(X, Y + 40 * row), (X + 1000, Y + 40 * row)])
        for row in range(len(streets))
    ]
    west = [shapely.LineString([(X - 900, Y + y), (X + 10, Y + y)]) for y in (20, 60)]
    lines = gpd.GeoDataFrame(
        {"name": [*streets, *OUTSIDE]}, geometry=[*inside, *west], crs=MILANO.epsg
    )
    outline = [shapely.box(X - 5, Y - 2000, X + 2000, Y + 2000)]
    municipi = gpd.GeoDataFrame({"area_id": ["2"]}, geometry=outline, crs=MILANO.epsg)
    civics = pd.DataFrame(
        [
            (str(row), name.split()[0], name.split(" ", 1)[1], number, None, f"20{120 + row}", "2")
            for row, name in enumerate(streets)
            for number in range(1, 71)
        ],
        columns=["street_code", "kind", "street", "number", "suffix", "cap", "municipio"],
    )
    districts = districts_of(QUARTERS, ["Magenta", "Rho"])
    return Numbering(lines, municipi, MILANO, districts).gazetteer(civics, [])


@pytest.mark.parametrize(
    "text",
    [
        "via I Maggio 1", "piazza I Maggio 1", "via L. Verdi 10", "via E. Manzoni",
        "piazzale A. Cadorna", "via E Manzoni 3", "via A Verdi",
    ],
)  # fmt: skip
def test_an_initial_or_a_numeral_that_contradicts_is_no_particle(
    drawn: Gazetteer, text: str
) -> None:
    with pytest.raises(UnknownAddressError):
        drawn.geocode(text)
    assert all(place.confidence < 1 for place in drawn.search(text))


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("via G. Verdi 10", "Via Giuseppe Verdi"),
        ("via A. Manzoni 1", "Via Alessandro Manzoni"),
        ("piazzale L. Cadorna 4", "Piazzale Luigi Cadorna"),
        ("via V Maggio 3", "Via Cinque Maggio"),
        ("piazza XXIV Maggio 3", "Piazza Ventiquattro Maggio"),
        ("via Pio X 3", "Via Pio X"),
        ("c.so P.ta Romana 10", "Corso di Porta Romana"),
        ("corso pta romana 10", "Corso di Porta Romana"),
        ("corso Vittorio Emanuele II 10", "Corso Vittorio Emanuele II"),
        ("c.so Vitt. Em. II, 10", "Corso Vittorio Emanuele II"),
        ("v.le Vitt. Veneto 3", "Viale Vittorio Veneto"),
        ("via Bastioni di Porta Nuova, 4", "Bastioni di Porta Nuova"),
        ("via Ripa 4", "Via Ripa"),
        ("p.za Ss. Trinità 5", "Piazza Santissima Trinita'"),
    ],
)
def test_short_forms_that_agree_are_their_street(drawn: Gazetteer, text: str, street: str) -> None:
    place = drawn.geocode(text)
    assert (place.street, place.confidence) == (street, 0.9)


@pytest.mark.parametrize(
    "tail",
    [
        " Sesto S. Giovanni", ", S. Donato Milanese", ", Rho, Milano", ", Rho", " - Rho (MI)",
        ", Milano Marittima (RA)", " Milano 3 Basiglio", ", Lodi", ", Magenta", " (TO)", " TO",
        ", 20127 Cologno Monzese", ", Torino (TO)",
    ],
)  # fmt: skip
def test_another_comune_is_said_however_it_is_written(drawn: Gazetteer, tail: str) -> None:
    with pytest.raises(UnknownAddressError, match="Only addresses of Milano"):
        drawn.geocode(f"via Bergamo 10{tail}")
    assert drawn.search(f"via Bergamo 10{tail}") == []


@pytest.mark.parametrize(
    "text",
    [
        "{}, Crescenzago", "{} - Corvetto", "{}, San Vittore, Milano", "{} Porta Romana",
        "{} palazzina C", "{} primo piano", "{} - 2° piano", "{}, p. terra", "{} scala B int. 3",
        "{}, IT", "{}, Italia", "{}, Milano (MI)", "{} MI", "{} Milano MI, Italia",
        "{}, quartiere Prova", "{}, zona 2", "{} c/o Prova", "{} ang. via Prova", "{} e via Prova",
    ],
)  # fmt: skip
def test_a_part_of_the_building_or_of_the_city_is_no_other_comune(
    drawn: Gazetteer, text: str
) -> None:
    place = drawn.geocode(text.format("via Padova 61"))
    assert place.label == "Via Padova 61"


@pytest.mark.parametrize(
    "number",
    ["nr 61", "nr. 61", "civico 61", "civ. n. 61", "n.c. 61", "no. 61", "n 61", "61.0", "61,0"],
)
def test_a_number_is_found_behind_every_word_for_it(drawn: Gazetteer, number: str) -> None:
    assert drawn.geocode(f"via Padova {number}").label == "Via Padova 61"
    assert drawn.geocode(f"via Padova, {number}").label == "Via Padova 61"


@pytest.mark.parametrize("text", ["via [", "via ???", "viale .", "via шоссе"])
def test_an_address_that_names_no_street_is_told_so(drawn: Gazetteer, text: str) -> None:
    with pytest.raises(UnknownAddressError, match=r"It names no street\. Give its name"):
        drawn.geocode(text)


@pytest.mark.parametrize(
    "text", ["Milano, {}", "MILANO (MI) - {}", "20120 Milano {}", "Mailand, {}", "{} Milan, Italy"]
)
def test_the_city_may_stand_before_its_address_and_in_other_languages(
    drawn: Gazetteer, text: str
) -> None:
    place = drawn.geocode(text.format("via Padova 61"))
    assert (place.label, place.doubts) == ("Via Padova 61", ())


def test_a_street_beyond_the_border_never_competes(drawn: Gazetteer) -> None:
    assert not {"Via Meucci", "Via Fermi"} & set(drawn.streets)
    for how in ({}, {"cap": "20129"}, {"municipio": "2"}):
        assert drawn.geocode("Via Meucci 3", **how).street == "Via Privata Antonio Meucci"
    viale = drawn.geocode("via Fermi 10")
    assert viale.street == "Viale Enrico Fermi"
    assert viale.confidence < 0.9


def test_a_postcode_that_contradicts_the_street_is_weighed_and_said(drawn: Gazetteer) -> None:
    agreeing, generic, wrong = (
        drawn.geocode(f"via Padova 61, {cap} Milano") for cap in ("20120", "20100", "20151")
    )
    assert (agreeing.doubts, generic.doubts, wrong.doubts) == ((), (), ("cap",))
    assert agreeing.confidence == generic.confidence > wrong.confidence
    assert drawn.search("via Padova 61, 20151")[0].doubts == ("cap",)
    assert np.hypot(wrong.x - agreeing.x, wrong.y - agreeing.y) == 0


def test_quarters_are_told_from_comuni_and_provinces_by_their_numbers() -> None:
    assert districts_of(QUARTERS, ["Magenta"]) == (
        "CORVETTO", "CRESCENZAGO", "PTA ROMANA", "Q.RE FELTRE", "S. VITTORE", "TURRO",
    )  # fmt: skip
    codes = {"015146": "MI", "001272": "TO", "108033": "MB", "058091": "RM", "048017": "FI"}
    assert {istat: province_of(istat) for istat in codes} == codes
    assert Localities("Torino", "TO").elsewhere("Milano (MI)")
    assert not Localities("Torino", "TO").elsewhere("10152 Torino TO")


def test_quarters_are_written_and_read(drawn: Gazetteer) -> None:
    assert (
        gazetteer_table.from_arrow(gazetteer_table.to_arrow(drawn)).localities == drawn.localities
    )
    older = gazetteer_table.to_arrow(drawn).drop_columns(["district"])
    assert gazetteer_table.from_arrow(older).localities == Localities("Milano")
