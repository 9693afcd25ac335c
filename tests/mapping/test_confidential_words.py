"""Words that speak of a confidential place, and their near misses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.confidential_words import confidential_words, spoken_phrases, suspicions, tidied_words
from mapping.disclosure import (
    is_confidential,
    row_speaks,
    speaks_of_confidential,
    with_speaking_cells,
)
from mapping.model import Provenance, Service

SECRET = [
    "Casa Rifugio Aurora", "CASE DI RIFUGIO", "casa-rifugio", "info@casarifugio.it",
    "Casa protetta", "Alloggio protetto", "Appartamenti protetti per nuclei",
    "Casa Rifuggio", "Foyer pour femmes battues", "refugio para mujeres", "Cerchi d'Acqua",
    "Pronto intervento donne in emergenza", "Alloggio di autonomia per donne",
    "Casa de acogida para mujeres", "Hébergement pour femmes", "Alloggi semi-autonomia donne",
    "CERCHI D'ACQUA Onlus",
    "Shelter for battered women", "Frauen: Hilfe bei Gewalt gegen Frauen", "Rifuggio donne",
    "Casa di accoglienza per donne maltrattate", "Rifugio antiviolenza", "Centro anti-violenza",
    "CAV", "C.A.V. Lilith", "Centro Donna Maltrattata", "Centro della donna maltrattata",
    "CADMI", "Struttura a indirizzo segreto", "SOS Donna", "Aiuto a vittime di violenza",
    "Accoglienza di vittime della tratta", "Donne che hanno subito violenza", "Violenze domestiche",
    "Vittima di maltrattamenti", "Indirizzo riservato", "Ospitalità protetta per donne",
    "Rifugio per madri", "Comunità protetta per nuclei mamma e bambino", "Frauenhaus", "C A V",
    "Residenza protetta per mamme", "Ca\u00adsa ri\u200bfugio", "C\u0430sa rifugi\u043e",
    "Residenza per donne in uscita da situazioni di violenza", "Donne che escono dalla violenza",
    "Donne che vivono situazioni di violenza", "Fuoriuscita dalla violenza", "Soccorso violenza",
    "CENTROANTIVIOLENZA", "info@centroantiviolenza.it", "https://www.caserifugio.it/chi-siamo",
    "Struttura protetta", "struttura riservata", "in luogo protetto", "sede protetta",
    "ubicazione riservata", "località segreta", "Rifugio segreto", "NON PUBBLICARE",
    "nucleo mamma bambino in protezione", "Nuclei mamma-bambino in protezione",
    "Riservato: indirizzo", "Domicilio riservato", "Dimora segreta", "dati non divulgabili: sede"
    " non divulgabile", "Sportello antistalking", "Da non pubblicare",
    "L'indirizzo resta segreto", "L'indirizzo deve restare segreto", "L'indirizzo è riservato",
    "Sede che rimane riservata", "Non va pubblicato", "Non pubblicate", "Dati non comunicabili",
    "Non deve essere divulgato", "Indirizzo nascosto", "Sede non nota", "Vietata la pubblicazione",
    "Alloggio per mamme con figli piccoli in protezione", "Alloggi protetti per donne",
    "Numero verde antitratta", "Sportello anti-tratta", "Vittime di tratta", "Victims of abuse",
    "Domestic violence", "Women's refuge", "Women's shelters", "Vittime di abusi",
    "Vittime di maltrattamento", "Donne vittime", "Secret address", "Do not publish",
    "Adresse secrète", "Ne pas publier", "Maison refuge", "Dirección confidencial",
    "Víctimas de trata", "No publicar", "عنوان سري", "ملجأ للنساء", "النساء المعنفات",
    "Притулок для жінок", "Домашнє насильство", "ELENCO RISERVATO", "case_rifugio",
    "Indirizzo secretato", "Sede secretata", "Segretato", "Alloggio segreto", "Alloggi segreti",
    "Appartamento segreto", "Alloggio di fuga", "Alloggio in protezione", "Coperta da riserbo",
    "Non indicata per ragioni di sicurezza", "Casa di seconda accoglienza per donne",
    "Da non mettere sul sito", "Non inserire in mappa", "Casa Rif.", "Case Rif", "C. Rifugio",
]  # fmt: skip
PLAIN = [
    "Rifugio animali", "Casa rifugio per animali", "Rifugio alpino", "Sportello rifugiati",
    "Casa dei rifugiati", "Casa protetta per anziani", "Alloggi protetti per disabili",
    "Centro di aiuto alla vita (CAV)", "Centro per la nonviolenza", "Scuola Cavour",
    "Casa di accoglienza per minori", "Casa di riposo", "Casa di quartiere", "Centro donna",
    "Pronto intervento sociale", "Alloggi per studenti", "Femmes du monde", "Acqua e cerchi",
    "Refugio alpino", "Mujeres latinas", "Comunità di donne", "Emergenza freddo",
    "Residenza protetta per anziani", "Consultorio familiare", "Area protetta Parco Nord",
    "Struttura protetta per anziani", "Area riservata del sito", "Posti riservati ai residenti",
    "Sede di via Santa Maria Segreta 6", "sede: segrete.lettere@esempio.it",
    "Non aperto al pubblico",
    "Donne titolari di protezione internazionale", "Casa della protezione civile",
    "Sede con parcheggio riservato", "Numero di posti non comunicato", "دار الثقافة",
    "Protezione civile", "Nonviolenza attiva", "Movimento non violento", "Segreteria didattica",
    "Alloggi per titolari di protezione internazionale", "Chiuso per motivi di sicurezza",
    "Colloqui coperti da segreto professionale", "Segretariato sociale", "Rif. dott. Prova",
    "Seconda accoglienza per minori", "Orario non indicato", "Non inserire monete",
]  # fmt: skip


def _service(**said: object) -> Service:
    base = {
        "service_id": "prova:1",
        "name": "Sportello",
        "categories": ("centro_ascolto",),
        "provenance": Provenance(source_id="prova"),
    }
    return Service.model_validate(base | said)


@pytest.mark.parametrize("name", SECRET)
def test_a_record_whose_words_speak_of_a_secret_place_is_confidential(name: str) -> None:
    assert suspicions([name])
    assert is_confidential(_service(name=name))
    assert is_confidential(_service(note=f"Progetto con altri. {name}"))


@pytest.mark.parametrize("name", PLAIN)
def test_words_that_only_look_alike_hide_nothing(name: str) -> None:
    assert not suspicions([name])
    assert not is_confidential(_service(name=name))


def test_a_centre_for_life_is_no_secret_place_and_a_shelter_of_that_category_is() -> None:
    assert not is_confidential(_service(name="CAV Mangiagalli", categories=("cav",)))
    assert is_confidential(_service(name="CAV, casa rifugio", categories=("cav",)))


def test_the_words_count_wherever_they_stand() -> None:
    place = {"location_id": "1", "address": "c/o Casa rifugio, via Disegnata 22"}
    assert is_confidential(_service(locations=(place,)))
    hours = {"location_id": "1", "opening_hours_text": "solo donne vittime di violenza"}
    assert is_confidential(_service(locations=(hours,)))
    assert is_confidential(_service(service_id="prova:Casa rifugio"))


def test_a_phrase_never_runs_from_one_field_into_the_next() -> None:
    assert not suspicions(["Casa", "rifugio"])
    assert suspicions(["Casa | rifugio"])


@pytest.mark.parametrize(
    "cells",
    [("casa", "rifugio"), ("indirizzo", "segreto"), ("alloggi", "di autonomia", "per donne")],
)
def test_a_phrase_that_runs_over_columns_of_a_row_is_read(cells: tuple[str, ...]) -> None:
    row = {"nome": "Aurora", **{f"colonna {n}": cell for n, cell in enumerate(cells)}, "zona": "1"}
    assert row_speaks(row)
    noted = with_speaking_cells(_service(name="Aurora"), row)
    assert noted.speaking_cells == (" ".join(cells),)
    assert is_confidential(noted)
    assert not row_speaks({"nome": "Aurora", "tipo": "casa", "luogo": "di quartiere"})


def test_what_excepts_one_phrase_does_not_excuse_another() -> None:
    assert suspicions(["Casa protetta per anziani", "Casa protetta"])


def test_a_person_who_cleared_a_record_is_believed_of_its_words_only() -> None:
    assert not is_confidential(_service(name="CAV", cleared=True))
    assert is_confidential(_service(categories=("antiviolenza",), cleared=True))
    assert "cleared" not in _service(cleared=True).model_dump()


@pytest.mark.parametrize("cell", ["antiviolenza", "Centro Antiviolenza", "Casa rifugio"])
def test_a_row_that_names_a_confidential_category_speaks_of_it(cell: str) -> None:
    assert speaks_of_confidential(["Aurora", cell])
    assert not speaks_of_confidential(["Aurora", "Rifugio animali"])


def _spoken(phrase: str) -> str:
    """Say a phrase of the table: the first of its words where several may stand."""
    words = [word.split("/")[0] for word in phrase.replace(" + ", " ").split()]
    return " ".join(word.replace("*", "") for word in words)


@given(st.data())
def test_a_phrase_is_seen_among_any_other_words(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(list(confidential_words().values())))
    phrase = _spoken(data.draw(st.sampled_from(entry.words)))
    others = st.lists(st.sampled_from(["via", "doposcuola", "lunedì", "12", "bambini"]), max_size=3)
    text = " ".join([*data.draw(others), phrase, *data.draw(others)])
    excused = any(tidied_words(_spoken(each)) in tidied_words(text) for each in entry.exceptions)
    assert excused or suspicions([text])


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Casa rifugio Ninfea, via Segreta 31", ("casa rifugio",)),
        ("L'indirizzo, via Segreta, è segreto", ("indirizzo … segreto",)),
        ("info@casarifugioninfea.it", ("casarifugio",)),
        ("Doposcuola", ()),
    ],
)
def test_of_what_speaks_the_phrase_alone_is_shown(text: str, phrases: tuple[str, ...]) -> None:
    assert spoken_phrases(text) == phrases
