"""Measures the search while one types, as a section of the page of quality."""

from pathlib import Path

from api.jobs.geocoding_quality import DOORS, NAMES, REGISTER
from api.jobs.markdown import markdown_table, percent_of
from ingest.evaluation.geocoding_accuracy import Registers
from ingest.evaluation.misspellings import (
    by_last_word,
    in_other_order,
    unfinished,
    with_short_kind,
    with_typo,
    without_accents,
)
from ingest.evaluation.typing_accuracy import (
    FIRST,
    STREETS_TRIED,
    Blur,
    Hits,
    ceiling,
    measure_names,
    measure_typing,
    where_one_fits,
)
from mapping.geocoding.gazetteer import Gazetteer
from mapping.lookup.place_search import PlaceSearch

ASKED = "places.csv"
BLURS: dict[str, Blur] = {
    "con una lettera sbagliata": with_typo,
    "senza accenti e apostrofi": without_accents,
    "con le parole in altro ordine": in_other_order,
    "con il tipo abbreviato": with_short_kind,
    "con il solo cognome": by_last_word,
    "fino a due terzi": unfinished,
}


def search_section(registers: Registers, labels: Path | None) -> str:
    """Measure how well what is typed is found; `labels` is the folder of places to ask for."""
    gazetteer = registers.survey(*DOORS, *REGISTER[1:], names=NAMES).gazetteer([])
    parts = [_typing(gazetteer)]
    if labels is not None:
        search = PlaceSearch(gazetteer, registers.named_places(gazetteer), registers.city.epsg)
        parts.append(_names(measure_names(search, labels / ASKED)))
    return "\n".join(parts)


def _typing(gazetteer: Gazetteer) -> str:
    text = f"""## La ricerca mentre si scrive

{STREETS_TRIED} vie tirate a sorte, scritte male in un modo alla volta: quante volte la via giusta
è la prima, o fra le prime {FIRST}, che sono proposte. Le vie sono tirate a sorte una come l'altra,
e poi «per civici»: più spesso quelle con più numeri, che più spesso si chiedono.
"""
    rows = []
    for spelling, blur in BLURS.items():
        alike = measure_typing(gazetteer, blur)
        by_numbers = measure_typing(gazetteer, blur, as_asked=True)
        rows.append((spelling, str(alike.tried), *_percents(alike), *_percents(by_numbers)))
    hits = ("prima", f"fra le prime {FIRST}")
    head = ("scritta", "vie", *hits, *(f"{name}, per civici" for name in hits))
    alone = measure_typing(gazetteer, where_one_fits(gazetteer, unfinished))
    limits = [ceiling(gazetteer, unfinished, as_asked=as_asked) for as_asked in (False, True)]
    (first, among_first), (first_asked, among_asked) = (
        [percent_of(round(1000 * share), 1000) for share in pair] for pair in limits
    )
    note = f"""
A due terzi la parola scritta è spesso l'inizio di più vie, e chi conosce solo quell'inizio non può
indovinare: fra tutte le vie la prima è giusta al più nel {first} dei casi, e la giusta è fra le
prime {FIRST} al più nel {among_first}; pesando le vie per civici, nel {first_asked} e nel
{among_asked}. Sopra questi tetti si va solo per caso. Dove una sola via comincia così, è la prima
nel {percent_of(alone.first, alone.tried)} dei casi.
"""
    return f"{text}\n{markdown_table(head, rows)}{note}"


def _names(hits: Hits) -> str:
    missed = ", ".join(f"«{text}»" for text in hits.missed) or "nessuno"
    return f"""### I luoghi per nome

{hits.tried} luoghi chiesti come si scrivono (`data/quality/{ASKED}`): stazioni, ospedali, parchi,
quartieri, scuole, servizi. Il luogo giusto è il primo per {hits.first}, fra i primi {FIRST} per
{hits.among_first}. Non primi: {missed}.
"""


def _percents(hits: Hits) -> tuple[str, str]:
    return percent_of(hits.first, hits.tried), percent_of(hits.among_first, hits.tried)
