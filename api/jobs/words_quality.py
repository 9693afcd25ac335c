"""Counts children by the word of their own section, as a section of the page of quality."""

from api.i18n.language import words
from api.jobs.markdown import markdown_table
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.sensitivity import case_of
from mapping.coverage import blocks as coverage_blocks
from mapping.coverage.case_measure import CaseMeasure
from mapping.coverage.situations import BASE
from mapping.coverage.sureness_words import SURENESS_LABELS
from mapping.edition.queries import people_of_word
from mapping.maps.map_words import number, people
from mapping.tables import SURENESS
from mapping.taxonomy import category

CATEGORIES = ("scuola_infanzia", "nido")
STEPS = """## I bambini, per parola

Quanti bambini vivono in sezioni di cui si dice ciascuna delle cinque parole, per un adulto e in
qualsiasi momento, calcolati come se fosse il %(day)s. Ognuno è contato con la parola della sua
sezione; dove una parola è di una sezione sola non si pubblica. Dei nidi, e delle scuole che lo
Stato non gestisce, nessuno ha misurato quanto durano: dove vicino ci sono solo quelli la parola è
«non si sa».

La carta di prima e quella di adesso sono state fatte una volta con gli stessi dati, il 1°
dicembre 2026, e guardate una accanto all'altra. Prima ogni NIL aveva una sola «confidenza», fosse
di esserci o di mancare. Della scuola dell'infanzia 33 NIL (10.780 bambini) erano oltre il 90%%, e
53 (18.840) fino al 50%%: con scuole vicine confermate nel 2017, 36 scritti «0%% che manchi».
Parco delle Abbazie era «lontana, 99%% che manchi», per un elenco del 2017. Dei nidi in 33 NIL
(5.315 bambini) si era sicuri oltre il 90%% che mancassero, con un elenco parziale. Adesso, quello
stesso giorno, della scuola dell'infanzia si dice «quasi certo c'è» di 2.805 bambini, «probabile»
di 6.970, «non si sa» di 19.835, e di nessuno che manchi; dei nidi «non si sa» di tutti i 25.715.
Qui sotto le cifre sono del %(day)s, con schede più fresche.
"""


def words_section(surveyed: SurveyedCity) -> str:
    """Tell in Italian, as Markdown, how many children each word is said of."""
    head = ("servizio", "per chi", *(SURENESS_LABELS[word] for word in SURENESS))
    rows = [_row(surveyed, code) for code in CATEGORIES]
    day = words("it").day(surveyed.day.isoformat())
    return STEPS % {"day": day} + "\n" + markdown_table(head, rows)


def _row(surveyed: SurveyedCity, code: str) -> tuple[str, ...]:
    survey, kind = surveyed.survey, category(code)
    measure = CaseMeasure(case_of(survey.cases, code), survey.study_area)
    blocks = (b for b in measure.blocks(measure.walks(BASE)) if b.head.level == "municipality")
    (city,) = coverage_blocks.table(blocks).to_pylist()
    counts = (people_of_word(city, word) for word in SURENESS)
    numbers = ("non si pubblica" if count is None else number(count) for count in counts)
    return kind.label, people(kind), *numbers
