"""Tells the first grey zones of some categories one by one, as a section of the page of quality."""

import math
from typing import Any

import pandas as pd

from api.i18n.language import words
from api.i18n.zone_sentences import zone_rank_why, zone_why
from api.jobs.markdown import markdown_table
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.sensitivity import FIRST, assess_base, case_of
from mapping.greyzones.zone_table import zones
from mapping.tables import RANKINGS
from mapping.taxonomy import category
from mapping.text import area_name

CATEGORIES = ("farmacia", "scuola_infanzia", "nido", "consultorio", "scuola_primaria")
ZONES = f"""## Le prime zone grigie, una per una

Le prime {FIRST} zone di cinque categorie, con le frasi della pagina: quale servizio che conosciamo
è il più vicino lungo le strade, perché non basta a dirle servite, e che cosa deciderebbe.
"""


def zones_section(surveyed: SurveyedCity) -> str:
    """Tell the first zones of each of the categories in Italian, as Markdown."""
    return "\n".join([ZONES, *(_zones_of(surveyed, code) for code in CATEGORIES)])


def _zones_of(surveyed: SurveyedCity, code: str) -> str:
    survey, italian = surveyed.survey, words("it")
    table = zones(assess_base(case_of(survey.cases, code), survey.study_area), survey.context)
    ranked = table[table["rank"].notna()]
    in_lists = ranked.assign(of_list=ranked["ranking"].map(RANKINGS.index))
    first = in_lists.sort_values(["of_list", "rank"]).head(FIRST)
    rows = [
        (area_name(zone["name"]), zone_why(zone, italian), zone_rank_why(zone, italian))
        for zone in map(_known, first.to_dict("records"))
    ]
    head = ("zona", "perché", "rango, e che cosa fare")
    return f"### {category(code).label}\n\n{markdown_table(head, rows)}"


def _known(row: dict[Any, Any]) -> dict[str, Any]:
    """Give a row as an edition has it: None where a value is not known."""
    is_blank = {name: isinstance(value, float) and math.isnan(value) for name, value in row.items()}
    return {str(name): None if is_blank[name] or value is pd.NA else value
            for name, value in row.items()}  # fmt: skip
