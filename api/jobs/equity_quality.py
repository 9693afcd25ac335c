"""Measures who walks farther by income, as a section of the page of quality."""

from api.jobs.markdown import decimal, markdown_table
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.sensitivity import assess_base
from mapping.coverage import equity_table
from mapping.coverage.postcode_equity import MIN_POSTCODES
from mapping.coverage.situations import ADULT
from mapping.tables import INTERVAL, POSTCODE

EQUITY = f"""## Reddito: chi cammina di più

Il reddito si conosce per CAP, e per niente di più piccolo: l'unità del confronto è il CAP, e
l'incertezza si ha ripescando i CAP ({{postcodes}}), 2.000 volte, sempre le stesse; «fra» vale nove
volte su dieci. Nessun NIL è messo in ordine per reddito, e sotto i {MIN_POSTCODES} CAP di reddito
diverso non si dice niente, così nemmeno di un municipio. Sotto lo zero, l'indice dice che cammina
di più chi vive dove i redditi sono bassi; se lo zero sta fra i due estremi, o uno dei due ne dista
meno di {{near_zero}}, non si sa. Il quinto più povero e il più ricco sono di persone, nei CAP ai
due capi. I minuti sono medi, fino al più vicino dei servizi che conosciamo. Sotto i
{equity_table.MIN_SERVICES} servizi, o di un elenco parziale, direbbero dove stanno quelli: la riga
è vuota. Dove l'elenco è scaduto, chi cammini davvero di più non si può dire.
"""
HEAD = (
    "categoria", "indice", "fra", "minuti, quinto povero", "fra", "minuti, quinto ricco", "fra",
    "povero su ricco", "fra", "verdetto",
)  # fmt: skip
FIGURES = {"concentration": 3, "minutes_poorest": 1, "minutes_richest": 1, "income_ratio": 2}


def equity_section(surveyed: SurveyedCity) -> str:
    """Compare walks by income of postcodes, with intervals, as Markdown."""
    study_area, lines, postcodes = surveyed.survey.study_area, [], 0
    for case in surveyed.survey.cases:
        if case.profile != ADULT:
            continue
        rows = equity_table.rows(assess_base(case, study_area), study_area)
        lines += [
            _line(case.category.label, row, complete=case.complete)
            for row in rows
            if row["level"] == "municipality"
        ]
        postcodes = max(postcodes, sum(row["level"] == POSTCODE for row in rows))
    return "\n".join(
        [
            EQUITY.format(postcodes=postcodes, near_zero=decimal(equity_table.NEAR_ZERO, 3)),
            markdown_table(HEAD, lines),
        ]
    )


def _line(label: str, row: equity_table.Row, *, complete: bool) -> tuple[str, ...]:
    cells = [label]
    for name, places in FIGURES.items():
        value, low, high = (row.get(f"{name}{end}", float("nan")) for end in INTERVAL)
        texts = [decimal(float(str(number)), places) for number in (value, low, high)]
        is_known = value == value  # noqa: PLR0124 - NaN where nothing is told
        cells += [texts[0], f"{texts[1]} e {texts[2]}"] if is_known else ["non noto", ""]
    return (*cells, _verdict(row) if complete else "elenco non completo")


def _verdict(row: equity_table.Row) -> str:
    low, high = (float(str(row.get(f"concentration{end}", "nan"))) for end in ("_low", "_high"))
    return {
        -1: "cammina di più chi è povero",
        0: "non si sa",
        1: "cammina di più chi è ricco",
    }[equity_table.sign(low, high)]
