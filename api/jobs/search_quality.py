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
    Blur,
    Hits,
    ceiling,
    ceiling_by_cut,
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

Tutte le vie, scritte male in un modo alla volta: quante volte la via giusta è la prima, o fra le
prime {FIRST}, che sono proposte. Le vie contano una come l'altra, e poi «per civici»: ognuna quanti
sono i suoi numeri, perché le più lunghe si chiedono più spesso.
"""
    rows = []
    for spelling, blur in BLURS.items():
        alike = measure_typing(gazetteer, blur)
        by_numbers = measure_typing(gazetteer, blur, as_asked=True)
        rows.append((spelling, str(alike.tried), *_percents(alike), *_percents(by_numbers)))
    hits = ("prima", f"fra le prime {FIRST}")
    head = ("scritta", "vie", *hits, *(f"{name}, per civici" for name in hits))
    return f"{text}\n{markdown_table(head, rows)}{_limits(gazetteer)}"


def _limits(gazetteer: Gazetteer) -> str:
    """Say how well whoever knows no more than what was typed can do."""
    alone = measure_typing(gazetteer, where_one_fits(gazetteer, unfinished))
    (begun, begun_asked), (cut, cut_asked) = (
        [known(gazetteer, unfinished, as_asked=as_asked) for as_asked in (False, True)]
        for known in (ceiling, ceiling_by_cut)
    )
    surname = ceiling_by_cut(gazetteer, by_last_word)[0]
    return f"""
A due terzi la parola scritta è spesso l'inizio di più vie, e chi conosce solo quell'inizio non può
indovinare: la prima è giusta al più nel {_share(begun[0])} dei casi, e la giusta è fra le prime
{FIRST} al più nel {_share(begun[1])}; per civici, nel {_share(begun_asked[0])} e nel
{_share(begun_asked[1])}. Il 75% e il 95% che ci si era proposti non si raggiungono: nemmeno chi
sapesse che mancano proprio le lettere dell'ultimo terzo andrebbe oltre il {_share(cut[0])} e il
{_share(cut[1])} ({_share(cut_asked[0])} e {_share(cut_asked[1])} per civici). Dove una sola via
comincia così, è la prima nel {percent_of(alone.first, alone.tried)} dei casi. Del solo cognome, che
più vie hanno, la prima può essere giusta al più nel {_share(surname)}.
"""


def _share(share: float) -> str:
    return percent_of(round(1000 * share), 1000)


def _names(hits: Hits) -> str:
    missed = ", ".join(f"«{text}»" for text in hits.missed) or "nessuno"
    return f"""### I luoghi per nome

{hits.tried} luoghi chiesti come si scrivono (`data/quality/{ASKED}`): stazioni, ospedali, parchi,
quartieri, scuole, servizi. Il luogo giusto è il primo per {hits.first}, fra i primi {FIRST} per
{hits.among_first}. Non primi: {missed}.
"""


def _percents(hits: Hits) -> tuple[str, str]:
    return percent_of(hits.first, hits.tried), percent_of(hits.among_first, hits.tried)
