"""Where people say that they set out from, and what is right: a place, or what is asked."""

import re
from pathlib import Path

import pytest

from mapping.edition.edition import Edition, current
from mapping.errors import UnknownAddressError
from mapping.lookup.no_start import MAX_START_ERROR_METRES, ROUGH_START_METRES
from mapping.lookup.origin import CityPlaces, Where
from mapping.lookup.place_search import MAX_HEARD
from mapping.lookup.record_addresses import RecordAddresses
from tests.mapping.drawn_city import MILANO

pytestmark = pytest.mark.shared

ASKED = [
    # Streets that are called after a comune nearby, whole or by its beginning.
    ("corsico", "comune", "Via Corsico"),
    ("Corsico (MI)", "comune", "Via Corsico"),
    ("comune di Corsico", "comune", "Via Corsico"),
    ("sesto san giovanni", "comune", "Via Sesto San Giovanni"),
    ("buccinasco", "comune", "Via Buccinasco"),
    ("novate", "comune", "Via Novate"),
    ("bresso", "comune", "Via Bresso"),
    ("rozzano", "comune", "Via Rozzano"),
    ("settimo milanese", "comune", "Via Settimo Milanese"),
    ("arese", "comune", "Via Francesco Arese"),
    ("san donato", "comune", "Stazione San Donato"),
    ("monza", "comune", "Viale Monza"),
    ("torino", "comune", "Via Torino"),
    # Comuni that no street of the city is called after, and addresses there.
    ("cesano boscone", "elsewhere", None),
    ("cinisello balsamo", "elsewhere", None),
    ("cologno", "comune", "Stazione Cologno Centro"),
    ("via roma 5 corsico", "elsewhere", None),
    ("via cavour 10, Corsico (MI)", "elsewhere", None),
    ("viale marelli 50, sesto san giovanni", "elsewhere", None),
    ("via roma corsico", "elsewhere", None),
    ("via roma 5, 20094", "elsewhere", None),
    ("Corsico, via padova 61", "elsewhere", None),
    # Streets of the city that are called after a comune, beside a word more or one misspelt.
    ("abito in via padova 61", None, "Via Padova 61"),
    ("famiglia ahmed via padova 61", None, "Via Padova 61"),
    ("presso caritas via padova 61", None, "Via Padova 61"),
    ("farmacia viale monza 226", None, "Viale Monza 226"),
    ("scuola via padova", None, "Via Padova"),
    ("metro piazzale lodi", None, "Piazzale Lodi"),
    ("coros lodi 76", None, "Corso Lodi 76"),
    ("c so lodi 76", None, "Corso Lodi 76"),
    ("via antnoello da messina 22", None, "Via Antonello da Messina 22"),
    ("shari' padova 61", None, "Via Padova 61"),
    ("fiale monza 140", None, "Viale Monza 140"),
    ("fiale lodi 12", None, "Piazzale Lodi 12"),
    # A word more behind the number.
    ("viale monza 140 milao", None, "Viale Monza 140"),
    ("via padova 61, famiglia ahmed", None, "Via Padova 61"),
    ("via bergognone 34 famiglia ahmed", None, "Via Bergognone da Fossano 34"),
    ("via padova 61, 20094", None, "Via Padova 61"),
    # Numbers that a street lacks: those that are nearest.
    ("via lorenteggio 300", "number", "Via Lorenteggio 280"),
    ("via lorenteggio 999", "number", "Via Lorenteggio 280"),
    ("viale monza 500", "number", "Viale Monza 365"),
    ("via padova 1000", "number", "Via Padova 400"),
    ("via gola 9999", "number", "Via Emilio Gola 31"),
    ("corso como 400", "number", "Corso Como 15"),
    ("piazza duomo 300", "number", "Piazza del Duomo 31"),
    ("via corsico 50", "number", "Via Corsico 12"),
    ("via san dionigi 130", "number", "Via San Dionigi 135"),
    ("via parri 10", "number", "Via Ferruccio Parri 12"),
    # Too wide, whatever it is.
    ("via lorenteggio", "wide", None),
    ("municipio 6", "wide", None),
    # Not one street, and not sure to be it.
    ("via forlanini", None, "Viale Enrico Forlanini"),
    ("via milano", None, "Via Giovanni da Milano"),
    ("via Niccolò 19", None, "Via Niccolo Jommelli 19"),
    ("via Aurelio 13", None, "Via Aurelio Nicolodi 13"),
    ("via Siro 10", None, "Via Siro Taddei 10"),
    ("via pini 3", None, "Via Tommaso Pini 3"),
    ("piazza vittoria", None, "Corso di Porta Vittoria"),
    ("via lodi 5", None, "Corso Lodi 5"),
    # An address that some record has in these words is no answer where streets of them are several.
    ("via crespi 1", None, "Via Benigno Crespi 1"),
    ("via pini 2", None, "Via Gaetano Pini 2"),
    ("via bellini 2", None, "Via Gentile Bellini 2"),
    ("via brocchi 5", None, "Via Virgilio Brocchi 5"),
    # One name and number on two streets.
    ("via torre 31", None, "Via Carlo Torre 31"),
    ("torre 31", None, "Via Carlo Torre 31"),
    ("via barbarigo 3", None, "Via San Gregorio Barbarigo 3"),
    ("via colombo 16", None, "Via Colombo Joe 16"),
    ("via bisi 4", None, "Via Sofia Bisi Albini 4"),
    # A street without the number, of another type or of a name that another one nearly has.
    ("viale campana 33", None, "Viale Campania 33"),
    ("via vittorio veneto 5", None, "Viale Vittorio Veneto 4"),
    ("via bitti 99", "number", "Via Ugo Betti 99"),
    # First names alone, an article that wants more, and the beginning of several names.
    ("via claudio 9", None, "Via Claudio Monteverdi 9"),
    ("via carlo giuseppe 1", None, "Via Carlo Giuseppe Merlo 1"),
    ("via andrea del 18", None, "Via Andrea del Sarto 18"),
    ("via conca del 5", None, "Via Conca del Naviglio 5"),
    ("naviglio 22", None, "Alzaia Naviglio Grande 22"),
    ("alzaia naviglio 22", None, "Alzaia Naviglio Pavese 22"),
    ("via vittorio emanuele 5", None, "Corso Vittorio Emanuele II"),
    # A street of this name lacks the number that one of a longer name has.
    ("via costanza 14", None, "Via Costanza Arconati 14"),
    ("san bernardo 11A", None, "Via Gran San Bernardo 11/A"),
    # The number tells which street is meant, and a school has this address somewhere else.
    ("via crespi 40", None, "Via Benigno Crespi 40"),
    # A hospital over the border has more of the name than one of the city.
    ("ospedale humanitas", None, "Istituto Clin. Humanitas, Rozzano"),
    ("via manzoni 56, rozzano", "elsewhere", None),
    # Comuni in Arabic letters.
    ("سيستو سان جيوفاني", "comune", "Via Sesto San Giovanni"),
    ("كورسيكو", "comune", "Via Corsico"),
    ("سان دوناتو", "comune", "Stazione San Donato"),
    ("تشينيسيلو بالسامو", "elsewhere", None),
    # Quarters of the city that sound as a comune does.
    ("بروزانو", "alphabet", "NIL Bruzzano"),
    ("ترينو", "alphabet", "NIL Trenno"),
    ("غالاراتيزي", "alphabet", "NIL Q.re Gallaratese - Q.re San Leonardo - Lampugnano"),
    ("كازوريتو", "alphabet", "NIL Loreto - Casoretto - Nolo"),
    ("ايزولا", "alphabet", "NIL Isola"),
    ("كوارتو أوجارو", "alphabet", "NIL Quarto Oggiaro - Vialba - Musocco"),
    ("كوارتو اوجارو 5", "alphabet", "NIL Quarto Oggiaro - Vialba - Musocco"),
    # What stands around an address in Arabic letters.
    ("شارع بادوفا رقم 61", "alphabet", "Via Padova 61"),
    ("شارع بادوفا 61 الطابق الثاني", "alphabet", "Via Padova 61"),
    ("شقة 5، شارع بادوفا 61", "alphabet", "Via Padova 61"),
    ("قرب شارع بادوفا 61", "alphabet", "Via Padova 61"),
    ("شَارِع بَادُوفَا 61", "alphabet", "Via Padova 61"),
    ("شـــارع بادوفا 61", "alphabet", "Via Padova 61"),
    ("شارع بادوفا 1", "alphabet", "Via Padova 1"),
    # A number is no street's name beside letters that nobody reads here.
    ("вулиця Падова 5", "alphabet", None),
    ("পাদোভা 20", "alphabet", None),
    ("派多瓦 5", "alphabet", None),
    # Two stations of one name that are apart, and streets that stops alone are called after.
    ("stazione porta romana", None, "Stazione Milano Porta Romana, Corso Lodi 51"),
    ("metro porta romana", None, "Stazione Porta Romana, Corso Lodi 3"),
    ("stazione porta venezia", None, "Stazione Porta Venezia, Corso Venezia 58"),
    ("via fratelli cervi", None, "Largo Fratelli Cervi"),
    ("via general govone", None, "Via Giuseppe Govone"),
    # A word that nobody knows in front of a street that is called as a city.
    ("residenza padova 61", None, "Via Padova 61"),
    ("abito padova 61", None, "Via Padova 61"),
    ("rue roma 5, corsico", "elsewhere", None),
    ("via majno 39", None, "Viale Luigi Majno 39"),
    ("via padova 61, monza", "elsewhere", None),
    ("بولاتي", "elsewhere", None),
]
FOUND = [
    ("via corsico", "Via Corsico"),
    ("corsico 5", "Via Corsico 5"),
    ("via corsico, Milano", "Via Corsico"),
    ("viale forlanini 23", "Viale Enrico Forlanini 23"),
    ("via arese 18", "Via Francesco Arese 18"),
    ("via lorenteggio 183", "Via Lorenteggio 183"),
    ("via san francesco d'assisi 3", "Via San Francesco D'Assisi 3"),
    ("alzaia naviglio pavese 78", "Alzaia Naviglio Pavese 78"),
    ("via serlio 8", "Via Privata Sebastiano Serlio 8"),
    ("via ripamonti 100", "Via Giuseppe Ripamonti"),
    ("via privata della torre 31", "Via Privata della Torre 31"),
    ("via carlo torre 31", "Via Carlo Torre 31"),
    ("via dei barbarigo 3", "Via dei Barbarigo 3"),
    ("via brocchi 7", "Via Gian Battista Brocchi 7"),
    ("viale campania 33", "Viale Campania 33"),
    ("viale vittorio veneto 4", "Viale Vittorio Veneto 4"),
    ("via dante 14", "Via Dante 14"),
    ("corso vittorio emanuele 1", "Corso Vittorio Emanuele II 1"),
    ("via beniamino franklin 2", "Via Beniamino Franklin 2"),
    ("via de nicola 18", "Via Enrico de Nicola 18"),
    ("piazza duomo del 14", "Piazza del Duomo 14"),
    ("ospedale bassini", "Ospedale Bassini, Cinisello Balsamo"),
    ("ospedale niguarda", "Ospedale Niguarda"),
    ("calle padova 5", "Via Padova 5"),
    ("rue de Padova 5", "Via Padova 5"),
    ("61 rue padova", "Via Padova 61"),
    ("padova street 5", "Via Padova 5"),
    ("strada padova 5", "Via Padova 5"),
    ("vulytsia padova 5", "Via Padova 5"),
    ("avenue monza 140", "Viale Monza 140"),
    ("calle torino 10", "Via Torino"),
    ("place duomo 14", "Piazza del Duomo 14"),
    ("strada della carità 5", "Strada della Carita 5"),
    ("via padova 61\u0410", "Via Padova 61"),
    ("stazione milano porta romana", "Stazione Milano Porta Romana, Corso Lodi 51"),
    ("Stazione Porta Romana, Corso Lodi 3", "Stazione Porta Romana, Corso Lodi 3"),
    ("gallaratese", "NIL Q.re Gallaratese - Q.re San Leonardo - Lampugnano"),
]
OFFERED = [
    ("via torre 31", "Via Carlo Torre 31"),
    ("via bisi 4", "Via Sofia Bisi Albini 4"),
]

HEARD = [
    ("شارع بادوفا 36", "Via Padova 36"),
    ("لورينتيجيو 183", "Via Lorenteggio 183"),
    ("بياتسا سيلينونتي 3", "Piazzale Selinunte 3"),
    ("شارع مونزا", "Viale Monza"),
    ("كورسو بوينس آيرس", "Corso Buenos Aires"),
    ("شارع سان جوتاردو", "Corso San Gottardo"),
    ("شارع تورينو", "Via Torino"),
    ("شارع جامبيلينو", "Via Giambellino"),
    ("شارع زارا", "Viale Zara"),
    ("شارع بانديه نيري", "Piazzale Giovanni delle Bande Nere"),
    ("شارع دانتي", "Via Dante"),
    ("شارع فولفيو تستي", "Viale Fulvio Testi"),
    ("شارع كورفيتو", "Piazzale Luigi Emanuele Corvetto"),
    ("شارع كومو", "Corso Como"),
    ("شارع مانزوني", "Via Alessandro Manzoni"),
    ("شارع فرشيلي", "Corso Vercelli"),
    ("شارع ريبامونتي", "Via Giuseppe Ripamonti"),
    ("شارع امبوناتي", "Via Carlo Imbonati"),
    ("شارع ماتشاكيني", "Piazzale Carlo Maciachini"),
    ("شارع كوازيمودو", "Piazza Salvatore Quasimodo"),
    ("شارع بالمانوفا", "Via Palmanova"),
    ("شارع ليونكافالو", "Via Ruggero Leoncavallo"),
    ("شارع كريشنزاغو", "Via Crescenzago"),
    ("شارع ميتشيناتي", "Via Mecenate"),
    ("شارع فاريزي", "Via Varese"),
    ("شارع سارونو", "Via Saronno"),
    ("شارع بيرغامو", "Via Bergamo"),
    ("شارع نوفارا", "Via Novara"),
    ("شارع سان سيرو", "Via San Siro"),
    ("شارع اكسوم", "Piazza Axum"),
    ("ساحة لوريتو", "Piazzale Loreto"),
    ("الدومو", "Piazza del Duomo"),
    ("ساحة كادورنا", "Piazzale Luigi Cadorna"),
    ("شارع باولو ساربي", "Via Paolo Sarpi"),
    ("شارع فاريني", "Via Carlo Farini"),
    ("شارع نابولي", "Piazza Napoli"),
    ("شارع سولاري", "Via Andrea Solari"),
    ("شارع واشنطن", "Via Giorgio Washington"),
    ("شارع مولينو دورينو", "Via Molino Dorino"),
    ("شارع اسبيناس", "Viale Carlo Espinasse"),
]
"""Well-known streets in Arabic letters, as they sound."""


@pytest.fixture(scope="module")
def milano(milano_var: Path) -> CityPlaces:
    return CityPlaces(Edition.open(current(milano_var / "editions")), MILANO.epsg)


@pytest.mark.parametrize(("typed", "reason", "offered"), ASKED)
def test_what_may_be_elsewhere_or_nowhere_is_asked_about(
    milano: CityPlaces, typed: str, reason: str | None, offered: str | None
) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        milano.origin(Where(typed))
    assert caught.value.reason == reason
    assert (offered in caught.value.candidates) if offered else caught.value.candidates == []
    assert not any(label.startswith("Fermata") for label in caught.value.candidates)
    if reason in (None, "comune", "elsewhere"):
        assert all(found.confidence < 1 for found in milano.places(Where(typed), 5))


@pytest.mark.parametrize("typed", [typed for typed, *_ in ASKED])
def test_no_record_is_placed_by_an_address_that_the_page_asks_about(
    milano: CityPlaces, typed: str
) -> None:
    assert milano.gazetteer is not None
    with pytest.raises(UnknownAddressError):
        RecordAddresses(milano.gazetteer, milano.search).find(typed)


@pytest.mark.parametrize(("typed", "label"), OFFERED)
def test_the_list_has_the_rival_as_well(milano: CityPlaces, typed: str, label: str) -> None:
    assert label in [found.label for found in milano.places(Where(typed), 5)]


def test_a_street_of_the_written_type_that_has_the_number_is_listed_first(
    milano: CityPlaces,
) -> None:
    assert milano.places(Where("viale campana 33"), 5)[0].label == "Viale Campania 33"


@pytest.mark.parametrize(("typed", "label"), FOUND)
def test_what_is_meant_for_sure_is_found(milano: CityPlaces, typed: str, label: str) -> None:
    assert milano.origin(Where(typed)).address == label


@pytest.mark.parametrize(
    ("typed", "street"),
    [
        ("mercato di via fauché", "Via Giovanni Battista Fauche'"),
        ("mercato via osoppo", "Via Osoppo"),
        ("mercato papiniano", "Viale Emilio Papiniano"),
        ("mensa via senato", "Via Senato"),
    ],
)
def test_beside_a_kind_of_which_no_list_is_held_the_street_is_offered(
    milano: CityPlaces, typed: str, street: str
) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        milano.origin(Where(typed))
    assert caught.value.unheld is not None
    assert caught.value.candidates == [street]
    assert [found.label for found in milano.places(Where(typed), 5)] == [street]


@pytest.mark.parametrize("typed", ["parco lambro", "nil baggio", "via corsico", "via padova 61"])
def test_a_start_of_any_kind_that_is_not_known_well_is_rough(
    milano: CityPlaces, typed: str
) -> None:
    origin = milano.origin(Where(typed))
    assert origin.error_metres <= MAX_START_ERROR_METRES
    assert ("rough" in origin.doubts) == (origin.error_metres > ROUGH_START_METRES)


def test_a_street_along_the_border_is_in_the_city(milano: CityPlaces) -> None:
    origin = milano.origin(Where("via rozzano"))
    assert (origin.municipio, origin.outside_city) == ("5", False)


@pytest.mark.parametrize(
    ("typed", "point"), [("45.5, 9.2", (45.5, 9.2)), ("9.2 45.4", (45.4, 9.2))]
)
def test_coordinates_of_one_decimal_are_a_point(
    milano: CityPlaces, typed: str, point: tuple[float, float]
) -> None:
    origin = milano.origin(Where(typed))
    assert (origin.lat, origin.lon) == point


def test_a_motorway_is_no_start(milano: CityPlaces) -> None:
    for typed in ("via milano", "tangenziale ovest", "tangenziale est di milano"):
        with pytest.raises(UnknownAddressError) as caught:
            milano.origin(Where(typed))
        found = [*caught.value.candidates, *(each.label for each in milano.places(Where(typed), 8))]
        assert not any(label.startswith("Tangenziale") for label in found)


def test_an_area_that_was_chosen_is_rough(milano: CityPlaces) -> None:
    assert milano.origin(Where(nil="BAGGIO - Q.RE DEGLI OLMI - Q.RE VALSESIA")).doubts == ("rough",)


def test_streets_in_arabic_letters_are_offered_by_their_sound_and_never_taken(
    milano: CityPlaces,
) -> None:
    offered = []
    for typed, label in HEARD:
        with pytest.raises(UnknownAddressError) as caught:
            milano.origin(Where(typed))
        assert caught.value.reason == "alphabet"
        assert len(caught.value.candidates) <= MAX_HEARD
        offered.append(label in caught.value.candidates)
    assert sum(offered) >= 0.9 * len(HEARD), offered


@pytest.mark.all
@pytest.mark.slow
@pytest.mark.parametrize(("typed", "label"), HEARD)
def test_a_street_that_was_heard_is_offered_with_any_number(
    milano: CityPlaces, typed: str, label: str
) -> None:
    name, street = (re.sub(r" \d+$", "", text) for text in (typed, label))

    def is_offered(text: str) -> bool:
        labels = [place.label for place in milano.places(Where(text), MAX_HEARD)]
        return any(re.fullmatch(rf"{re.escape(street)}(?: \d.*)?", each) for each in labels)

    if is_offered(name):
        assert [number for number in range(1, 201) if not is_offered(f"{name} {number}")] == []


@pytest.mark.parametrize("number", [1, 2, 5, 6, 14, 20, 25, 99])
def test_a_heard_street_keeps_its_name_beside_a_number_that_is_one(
    milano: CityPlaces, number: int
) -> None:
    labels = [place.label for place in milano.places(Where(f"شارع بادوفا {number}"), 4)]
    assert [label.rstrip("0123456789 ") for label in labels] == ["Via Padova"]


def test_an_import_is_told_what_the_page_offers(milano: CityPlaces) -> None:
    assert milano.gazetteer is not None
    records = RecordAddresses(milano.gazetteer, milano.search)
    for typed, label, reason in (
        ("alzaia naviglio 22", "Alzaia Naviglio Grande 22", None),
        ("via Padoua 61", "Via Padova 61", None),
        ("via Majno 39", "Viale Luigi Majno 39", None),
        ("via Padova 61, Monza", None, "elsewhere"),
    ):
        with pytest.raises(UnknownAddressError) as caught:
            records.find(typed)
        assert next(iter(caught.value.candidates), None) == label
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("via silinonte 3", "Piazzale Selinunte 3"),
        ("via bandi niri", "Piazzale Giovanni delle Bande Nere"),
        ("via lurentegio 183", "Via Lorenteggio 183"),
    ],
)
def test_a_street_that_was_written_as_it_sounds_is_offered_first(
    milano: CityPlaces, typed: str, label: str
) -> None:
    with pytest.raises(UnknownAddressError) as caught:
        milano.origin(Where(typed))
    assert caught.value.candidates[0] == label


@pytest.mark.parametrize(("typed", "reason"), [("Corsico", "comune"), ("Segrate", "elsewhere")])
def test_the_name_of_another_comune_has_its_reason(
    milano: CityPlaces, typed: str, reason: str
) -> None:
    assert milano.search.reason(typed) == reason
