"""Reconciles a count in straight lines with ours, as a section of the page of quality."""

from collections.abc import Iterator, Sequence

import numpy as np

from api.jobs.markdown import count_of_people, decimal, markdown_table, whole
from api.jobs.register_trials import RegisterTrial
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.sensitivity import case_of
from ingest.evaluation.straight_line import Dwellers, at_their_doors, inside_sections
from mapping.arrays import Floats
from mapping.coverage.situations import ADULT
from mapping.tables import SECONDS_PER_MINUTE
from mapping.walking.profiles import DETOUR_INDEX, profile

HEALTH = "farmacia"
PACES = (0.85, 1.0, 1.15)
CLAIMED = (58_000, 33_000, 15_000)
"""People beyond the walk to a pharmacy at each pace, as a check in straight lines gave them."""
BENDS = 1.25
"""Metres walked for a straight one that give back the check's count."""
STRAIGHT = f"""### In linea d'aria

Una verifica in linea d'aria dava, oltre il cammino da una farmacia, a chi va più lento del 15%, al
passo usato e a chi va più svelto, {" / ".join(map(whole, CLAIMED))} persone. Con quali ingressi
la si ritrova? «Coincide» è la riga che dà le stesse migliaia; «giro» è quanti metri si camminano
per uno in linea d'aria.
"""


def straight_line_section(surveyed: SurveyedCity, trials: Sequence[RegisterTrial]) -> str:
    """Count as the crow flies with several inputs, as Markdown."""
    rows = list(_rows(surveyed, trials))
    head = ("da dove", "farmacie", "minuti", "giro", "metri", "-15%", "al passo", "+15%", "esito")
    return "\n".join([STRAIGHT, markdown_table(head, rows)])


def _rows(surveyed: SurveyedCity, trials: Sequence[RegisterTrial]) -> Iterator[tuple[str, ...]]:
    survey, epsg = surveyed.survey, surveyed.inputs.city.epsg
    case, study_area = case_of(survey.cases, HEALTH), survey.study_area
    supply, minutes = case.supply, case.category.walk_minutes
    near = supply.x, supply.y
    own = supply.x[~supply.outside], supply.y[~supply.outside]
    doors = "i civici, senza istituti", at_their_doors(study_area)
    homes = (
        "un punto per sezione, senza istituti",
        inside_sections(study_area, epsg, institutions=False),
    )
    everybody = (
        "un punto per sezione, tutti",
        inside_sections(study_area, epsg, institutions=True),
    )
    listed = "2026, anche dei vicini", near
    yield _row(doors, listed, minutes, 1.0)
    yield _row(doors, listed, minutes, BENDS)
    yield _row(homes, listed, minutes, BENDS)
    yield _row(everybody, listed, minutes, BENDS)
    yield _row(everybody, ("2026, senza i vicini", own), minutes, BENDS)
    for trial in trials:
        rows = np.array(trial.register.category) == HEALTH
        if rows.any():
            old = trial.register.x[rows], trial.register.y[rows]
            yield _row(everybody, ("2017, al loro indirizzo", old), minutes, BENDS)
    yield _row(everybody, listed, minutes, 1.0)
    yield _row(everybody, listed, minutes, DETOUR_INDEX)
    yield _row(everybody, listed, 15, 1.0)
    yield _row(everybody, listed, 15, BENDS)


def _row(
    people: tuple[str, Dwellers],
    pharmacies: tuple[str, tuple[Floats, Floats]],
    minutes: float,
    bends: float,
) -> tuple[str, ...]:
    reach = minutes * SECONDS_PER_MINUTE * profile(ADULT).metres_per_second / bends
    counts = [people[1].beyond(*pharmacies[1], reach * pace) for pace in PACES]
    same = all(round(n, -3) == claimed for n, claimed in zip(counts, CLAIMED, strict=True))
    return (
        people[0], pharmacies[0], f"{minutes:.0f}", decimal(bends, 3), f"{reach:.0f}",
        *map(count_of_people, counts),
        "coincide" if same else "",
    )  # fmt: skip
