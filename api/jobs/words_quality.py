"""Counts children by the word of their own section, as a section of the page of quality."""

from api.i18n.language import words
from api.jobs.markdown import markdown_table
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.sensitivity import case_of
from mapping.coverage import area_table
from mapping.coverage.case_measure import CaseMeasure
from mapping.coverage.situations import BASE
from mapping.edition.queries import people_of_word
from mapping.maps.map_words import SURENESS_LABELS, number, people
from mapping.tables import SURENESS
from mapping.taxonomy import category

CATEGORIES = ("scuola_infanzia", "nido")
STEPS = """## I bambini, per parola

Quanti bambini vivono in sezioni di cui si dice ciascuna delle cinque parole, per un adulto e in
qualsiasi momento, calcolati come se fosse il %(day)s. Ognuno è contato con la parola della sua
sezione; dove una parola è di una sezione sola non si pubblica. Dei nidi, e delle scuole che lo
Stato non gestisce, nessuno ha misurato quanto durano: dove vicino ci sono solo quelli la parola è
«non si sa». La carta di prima, con le regole di allora, non si rifà: quelle regole non ci sono più.
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
    (city,) = area_table.table(blocks).to_pylist()
    counts = (people_of_word(city, word) for word in SURENESS)
    numbers = ("non si pubblica" if count is None else number(count) for count in counts)
    return kind.label, people(kind), *numbers
