"""Measures how much classes and zones hang on assumptions, as sections of the page of quality."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from api.jobs.markdown import count_of_people, decimal, markdown_table, percent
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
    without_sure,
    zones_without,
)
from mapping.coverage.case_measure import FASTER, SLOWER
from mapping.coverage.cases import Case, list_cases, living_services
from mapping.coverage.study_area import StudyArea
from mapping.greyzones.hexagons import most_lack
from mapping.greyzones.ranking import MORE_MINUTES
from mapping.greyzones.zone_table import HEXAGON_METRES, zones

CATEGORIES = {
    "farmacia": "ascertained",
    "scuola_infanzia": "to_check",
    "scuola_primaria": "to_check",
    "scuola_secondaria_1": "to_check",
}
"""The categories whose assumptions are changed, and the list of zones that is looked at: where a
register is not complete, nothing is ascertained."""
LISTS = {"ascertained": "accertate", "to_check": "da verificare"}
CROSSING_SECONDS = 20.0
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
STANDING = """Una zona lontana (qui della farmacia) è «accertata» solo se regge: i più dei suoi
restano senza un servizio sicuro entro il cammino anche se si è più svelti, se si accetta un cammino
più lungo, e se ognuno ha ciò che ha la maggior parte del suo esagono. Chi è più lento, aspetta agli
incroci o non conta i vicini cammina di più: la zona resta, e la riga lo conferma. Nel NIL, che ha
quindicimila persone, la maggior parte delle zone sparirebbe: dice quanto nasconde una media, e non
toglie niente. Le altre «dipendono dalle ipotesi».
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
        [SENSITIVITY, markdown_table(head, rows), _standing(surveyed), UNITS,
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
    for name, walk in _paces(minutes):
        reading = read_case(within_minutes(case, walk), study_area, context, ranking)
        yield _row(label, name, reading, base)
    waiting = with_waits(study_area, CROSSING_SECONDS)
    name = f"{CROSSING_SECONDS:.0f} secondi a ogni incrocio"
    yield _row(label, name, read_case(case, waiting, context, ranking), base)
    yield _row(label, "senza i vicini", _alone(surveyed, code, ranking), base)


def _standing(surveyed: SurveyedCity) -> str:
    """Count the ascertained zones of which most people stay without, one assumption at a time."""
    survey = surveyed.survey
    study_area, case = survey.study_area, case_of(survey.cases, HEALTH[0])
    assessment = assess_base(case, study_area)
    table = zones(assessment, survey.context)
    table = table[table["ranking"].isin(["ascertained", "depends"])]
    minutes = case.category.walk_minutes
    lacking = without_sure(assessment)
    rows = [("come si pubblica", lacking)]
    for name, walk in _paces(minutes):
        rows.append((name, without_sure(assess_base(within_minutes(case, walk), study_area))))
    waiting = assess_base(case, with_waits(study_area, CROSSING_SECONDS))
    rows.append((f"{CROSSING_SECONDS:.0f} secondi a ogni incrocio", without_sure(waiting)))
    alone, _ = _case_alone(surveyed, HEALTH[0])
    rows.append(("senza i vicini", without_sure(assess_base(alone, study_area))))
    name = f"la maggior parte dell'esagono di {HEXAGON_METRES:.0f} m"
    everybody = assessment.people[study_area.points.owner] * study_area.points.weight
    rows.append((name, most_lack(survey.context.hexagon, everybody, lacking)))
    nil = quarters(study_area, surveyed.inputs.city.epsg)
    rows.append(("la maggior parte del NIL", most_lack(nil.unit, everybody, lacking)))
    counts = [
        (name, f"{zones_without(table, assessment, study_area, lacks)} di {len(table)}")
        for name, lacks in rows
    ]
    for label, count in (
        ("regge: lontana accertata", (table["ranking"] == "ascertained").sum()),
        ("ha anche un rango: le sue persone si pubblicano", table["rank"].notna().sum()),
    ):
        counts.append((label, f"{count} di {len(table)}"))
    return f"{STANDING}\n{markdown_table(('ipotesi', 'zone lontane che reggono'), counts)}"


def _paces(minutes: float) -> Iterator[tuple[str, float]]:
    yield "adulti più lenti del 15%", minutes * SLOWER
    yield "adulti più svelti del 15%", minutes * FASTER
    yield f"{MORE_MINUTES} minuti di meno", minutes - MORE_MINUTES
    yield f"{MORE_MINUTES} minuti di più", minutes + MORE_MINUTES


def _alone(surveyed: SurveyedCity, code: str, ranking: str) -> Reading:
    """Read a category as if there were nothing over the border."""
    case, study_area = _case_alone(surveyed, code)
    survey = surveyed.survey
    context = replace(survey.context, services=living_services(survey.services))
    return read_case(case, study_area, context, ranking)


def _case_alone(surveyed: SurveyedCity, code: str) -> tuple[Case, StudyArea]:
    survey, inputs = surveyed.survey, surveyed.inputs
    study_area = replace(survey.study_area, border=None)
    cases = list_cases(survey.services, study_area, inputs.city, surveyed.day, inputs.premises)
    return case_of(cases, code), study_area


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
        label, name,
        *map(count_of_people, (people, reading.people_beyond, reading.people_far)),
        percent(reading.people_served / people), percent(reading.changed(base)),
        f"{staying} di {of}",
    )  # fmt: skip
