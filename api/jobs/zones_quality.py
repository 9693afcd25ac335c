"""Tells the first grey zones of some categories one by one, as a section of the page of quality."""

from typing import cast

from api.i18n.language import words
from api.i18n.zone_sentences import zone_name, zone_rank_why, zone_why
from api.jobs.markdown import markdown_table
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.sensitivity import FIRST, assess_base, case_of
from mapping.edition.queries import gravest_first
from mapping.greyzones.zone_table import zones
from mapping.tables import Row
from mapping.taxonomy import category

CATEGORIES = ("farmacia", "scuola_infanzia", "nido", "consultorio", "scuola_primaria")
ZONES = f"""## Le prime zone grigie, una per una

Le prime {FIRST} zone di cinque categorie, con le frasi della pagina: quale servizio che conosciamo
è il più vicino lungo le strade, perché non basta a dirle servite, e che cosa direbbe una verifica.
"""
AS_OF = """Sono calcolate come se fosse il %(day)s, il giorno del registro più recente, perché la
pagina non cambi da sola: nelle edizioni fatte dopo qualche scheda è intanto scaduta, e le zone e il
loro ordine possono essere altri.
"""


def zones_section(surveyed: SurveyedCity) -> str:
    """Tell the first zones of each of the categories in Italian, as Markdown."""
    as_of = AS_OF % {"day": words("it").day(surveyed.day.isoformat())}
    return "\n".join([ZONES, as_of, *(_zones_of(surveyed, code) for code in CATEGORIES)])


def _zones_of(surveyed: SurveyedCity, code: str) -> str:
    survey, italian = surveyed.survey, words("it")
    table = zones(assess_base(case_of(survey.cases, code), survey.study_area), survey.context)
    ranked = table[table["rank"].notna()].astype(object)
    # As an edition has them: None where nothing is known.
    known = cast("list[Row]", ranked.where(ranked.notna(), None).to_dict("records"))
    rows = [
        (zone_name(zone, italian), zone_why(zone, italian), zone_rank_why(zone, italian))
        for zone in gravest_first(known)[:FIRST]
    ]
    head = ("zona", "perché", "rango, e che cosa fare")
    return f"### {category(code).label}\n\n{markdown_table(head, rows)}"
