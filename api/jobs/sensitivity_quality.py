"""Measures how much classes and zones hang on assumptions, as sections of the page of quality."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from api.jobs.markdown import decimal, markdown_table, percent, whole
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.proximity import proximity_time
from ingest.evaluation.sensitivity import (
    FIRST,
    Reading,
    assess_base,
    case_of,
    hexagons,
    quarters,
    read_case,
    read_units,
    sections,
    with_waits,
    within_minutes,
)
from mapping.coverage.cases import Case, list_cases, living_services
from mapping.coverage.situations import ADULT
from mapping.disclosure import rounded
from mapping.walking.profiles import profile

CATEGORIES = {
    "farmacia": "ascertained",
    "scuola_infanzia": "to_check",
    "scuola_primaria": "to_check",
    "scuola_secondaria_1": "to_check",
}
"""The categories whose assumptions are changed, and the list of zones that is looked at: where a
register is not complete, nothing is ascertained."""
LISTS = {"ascertained": "accertate", "to_check": "da verificare"}
PACE, MINUTES, CROSSING_SECONDS, HEXAGON_METRES = 0.15, 2, 20.0, 250.0
HEALTH, SCHOOLS = ("farmacia",), ("scuola_infanzia", "scuola_primaria", "scuola_secondaria_1")
MANY = 20
QUARTER_HOUR = 15
SECTIONS = "sezione"
SENSITIVITY = f"""## Quanto dipende dalle ipotesi

Se si cambia un'ipotesi alla volta, che cosa cambia? Le persone sono contate ognuna con la classe
del punto da cui si mette in cammino. «Oltre il cammino» è chi ha il servizio più vicino, in
qualunque stato sia, più lontano del cammino accettabile; «lontane» è la classe che si pubblica,
che chiede un elenco completo e un luogo certo. «Restano» è quante delle prime {FIRST} zone hanno
ancora la maggior parte delle persone fra le prime {FIRST}.

Andare più svelti del 15% è come accettare un cammino più lungo del 15%. Si aspettano
{CROSSING_SECONDS:.0f} secondi dove si incontrano almeno tre tratti di strada, vialetti compresi:
è tanto, e molti incroci non hanno semaforo. «Senza i vicini» toglie i servizi degli altri comuni,
come se oltre il confine non ci fosse niente.
"""
UNITS = f"""### Sezione, esagono, NIL

Se tutti avessero la classe della maggior parte della propria sezione, di un esagono di
{HEXAGON_METRES:.0f} m da lato a lato, o del NIL? Qui le zone sono unità vicine non servite, in
ordine di persone per minuti che mancano, e «restano» e «cambia classe» si confrontano con le
sezioni; dei punti, rispetto ai quali la sezione cambia, non si fanno zone.
"""
FIFTEEN = f"""## La città dei 15 minuti, e le zone grigie

Una definizione pubblicata (Bruno, Monteiro Melo, Campanelli, Loreto, *Nature Cities* 2024,
doi:10.1038/s44284-024-00119-4) presa solo come definizione: né l'articolo né i suoi punti sono in
mano, e nessuna sua cifra è qui; {MANY} è il numero che ne ricordiamo, da verificare. Per ogni
genere di servizio si fa la media dei minuti a piedi fino ai {MANY} più vicini, poi la media dei
generi, e si guarda chi sta entro {QUARTER_HOUR}. La si calcola con i nostri elenchi, strade e
residenti, su due generi: farmacie, e scuole (dell'infanzia, primarie, secondarie di primo grado,
insieme). Accanto, la stessa con il solo più vicino.
"""
BOTH_TRUE = """«Quasi tutti entro 15 minuti» e le zone grigie sono vere tutte e due, perché
chiedono cose diverse:

- **La media nasconde chi sta peggio.** Una buona media fra generi, o fra residenti, non dice che
  ognuno ha il servizio che gli serve; la zona grigia guarda una categoria, e chi ne resta fuori.
- **Un altro limite.** Il cammino accettabile è di ogni categoria: per la farmacia 10 minuti, non
  15.
- **Quanti servizi.** Con il solo più vicino quasi tutti sono entro 15 minuti; con la media di
  venti no, e le zone grigie non chiedono venti servizi: ne basta uno, di cui si sappia che c'è.
- **Che cosa conta come servizio.** Una scuola conta lì per tutti i residenti e per ogni grado;
  qui per i bambini di quell'età, se l'elenco è fresco e il luogo sicuro. Chi non sa dice
  «incerto», e la zona è grigia anche se è vicina.
- **Passo e strade.** Qui 4,8 km/h, lungo le strade del DBT, dai civici abitati: altri punti,
  altri passi e altre reti danno altri minuti, come dice la tabella delle ipotesi.
"""


def sensitivity_section(surveyed: SurveyedCity) -> str:
    """Change one assumption at a time, as Markdown."""
    rows = [row for code in CATEGORIES for row in _assumed(surveyed, code)]
    units = [row for code in CATEGORIES for row in _by_unit(surveyed, code)]
    head = ("categoria", "ipotesi", "persone", "oltre il cammino", "lontane", "con uno vicino",
            "cambia classe", "restano")  # fmt: skip
    unit_head = (
        "categoria",
        "unità",
        "persone",
        "lontane",
        "con uno vicino",
        "cambia classe",
        "restano",
    )
    return "\n".join(
        [SENSITIVITY, markdown_table(head, rows), _straight(surveyed), UNITS,
         markdown_table(unit_head, units)]
    )  # fmt: skip


def fifteen_section(surveyed: SurveyedCity) -> str:
    """Compute one published definition of a 15-minute city, as Markdown."""
    cases, study_area = surveyed.survey.cases, surveyed.survey.study_area
    health, schools = ([case_of(cases, code) for code in codes] for codes in (HEALTH, SCHOOLS))
    rows = []
    for name, groups in (
        ("farmacie", [health]),
        ("scuole", [schools]),
        ("media dei due generi", [health, schools]),
    ):
        for nearest, label in ((1, "il più vicino"), (MANY, f"la media di {MANY}")):
            time = proximity_time(groups, study_area, nearest)
            minutes = decimal(time.mean_minutes, 1)
            rows.append((name, label, minutes, percent(time.share_within(QUARTER_HOUR))))
    rows += _both_near(surveyed, [health, *([case] for case in schools)])
    head = ("genere", "cammino", "minuti in media", f"residenti entro {QUARTER_HOUR} minuti")
    return "\n".join([FIFTEEN, markdown_table(head, rows), BOTH_TRUE])


def _both_near(
    surveyed: SurveyedCity, groups: Sequence[Sequence[Case]]
) -> list[tuple[str, str, str, str]]:
    """Ask each resident for the farthest of the nearest, beside the averages."""
    study_area = surveyed.survey.study_area
    times = [proximity_time([group], study_area, 1) for group in groups]
    farthest = replace(times[0], minutes=np.max([time.minutes for time in times], axis=0))
    minutes = decimal(farthest.mean_minutes, 1)
    share = percent(farthest.share_within(QUARTER_HOUR))
    return [("farmacia e ogni grado di scuola", "il più lontano dei più vicini", minutes, share)]


def _assumed(surveyed: SurveyedCity, code: str) -> Iterator[tuple[str, ...]]:
    survey, ranking = surveyed.survey, CATEGORIES[code]
    study_area, context = survey.study_area, survey.context
    case = case_of(survey.cases, code)
    minutes = case.category.walk_minutes
    base = read_case(case, study_area, context, ranking)
    label = f"{case.category.label} (zone {LISTS[ranking]})"
    yield _row(label, f"come si pubblica: {minutes} minuti", base, base)
    for name, walk in (
        ("adulti più lenti del 15%", minutes * (1 - PACE)),
        ("adulti più svelti del 15%", minutes * (1 + PACE)),
        (f"{MINUTES} minuti di meno", minutes - MINUTES),
        (f"{MINUTES} minuti di più", minutes + MINUTES),
    ):
        reading = read_case(within_minutes(case, walk), study_area, context, ranking)
        yield _row(label, name, reading, base)
    waiting = with_waits(study_area, CROSSING_SECONDS)
    name = f"{CROSSING_SECONDS:.0f} secondi a ogni incrocio"
    yield _row(label, name, read_case(case, waiting, context, ranking), base)
    yield _row(label, "senza i vicini", _alone(surveyed, code, ranking), base)


def _alone(surveyed: SurveyedCity, code: str, ranking: str) -> Reading:
    """Read a category as if there were nothing over the border."""
    survey = surveyed.survey
    study_area = replace(survey.study_area, border=None)
    cases = list_cases(survey.services, study_area, surveyed.inputs.city, surveyed.day)
    context = replace(survey.context, services=living_services(survey.services))
    return read_case(case_of(cases, code), study_area, context, ranking)


def _by_unit(surveyed: SurveyedCity, code: str) -> Iterator[tuple[str, ...]]:
    survey = surveyed.survey
    study_area, case = survey.study_area, case_of(survey.cases, code)
    assessment = assess_base(case, study_area)
    points = study_area.points
    readings = {
        name: read_units(assessment, study_area, units)
        for name, units in (
            (SECTIONS, sections(study_area)),
            (f"esagono di {HEXAGON_METRES:.0f} m", hexagons(points.x, points.y, HEXAGON_METRES)),
            ("NIL", quarters(study_area, surveyed.inputs.city.epsg)),
        )
    }
    for name, reading in readings.items():
        row = _row(case.category.label, name, reading, readings[SECTIONS])
        yield (*row[:3], *row[4:])


def _row(label: str, name: str, reading: Reading, base: Reading) -> tuple[str, ...]:
    people = reading.people.sum()
    staying, of = reading.zones_staying(base)
    return (
        label, name, _people(people), _people(reading.people_beyond), _people(reading.people_far),
        percent(reading.people_served / people), percent(reading.changed(base)),
        f"{staying} di {of}",
    )  # fmt: skip


def _straight(surveyed: SurveyedCity) -> str:
    """Count as the crow flies, the simplest check of the table."""
    survey = surveyed.survey
    case, points = case_of(survey.cases, HEALTH[0]), survey.study_area.points
    tree = cKDTree(np.column_stack([case.supply.x, case.supply.y]))
    metres, _ = tree.query(np.column_stack([points.x, points.y]))
    residents = survey.study_area.areas.cells.residents[points.owner] * points.weight
    reach = case.category.walk_seconds * profile(ADULT).metres_per_second
    counts = [
        _people(float(residents[metres > reach * pace].sum())) for pace in (1 - PACE, 1, 1 + PACE)
    ]
    return (
        f"In linea d'aria, senza strade, oltre il cammino da una farmacia starebbero {counts[0]}"
        f" persone se più lente del 15%, {counts[1]} al passo usato e {counts[2]} se più svelte.\n"
    )


def _people(count: float) -> str:
    return whole(float(rounded(np.array([count]))[0]))
