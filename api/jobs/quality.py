"""Measures quality and writes it as a page for planners and GIS officers: `prossima quality`."""

from pathlib import Path

from api.jobs.absence_quality import absence_section
from api.jobs.build import fetcher
from api.jobs.calibration import known_outcomes
from api.jobs.calibration_quality import calibration_section
from api.jobs.children_quality import children_section
from api.jobs.equity_quality import equity_section
from api.jobs.geocoding_quality import geocoding_section
from api.jobs.matching_quality import matching_section
from api.jobs.register_trials import register_trials
from api.jobs.reliability_quality import reliability_section
from api.jobs.search_quality import search_section
from api.jobs.sensitivity_quality import fifteen_section, sensitivity_section
from api.jobs.straight_line_quality import straight_line_section
from api.jobs.surveyed_city import survey_city
from api.jobs.survival_quality import survival_section
from api.jobs.words_quality import words_section
from api.jobs.zones_quality import zones_section
from api.settings import Settings
from ingest.evaluation.geocoding_accuracy import Registers
from mapping.city import city
from mapping.errors import BadInputError

HEADER = """# Qualità misurata

Questa pagina è scritta da `prossima quality --mirror CARTELLA` a partire dai dati ufficiali, senza
ritocchi: con gli stessi dati dà le stesse cifre. `prossima quality --check --mirror CARTELLA` dice
se sono ancora vere.
"""


def write_quality(settings: Settings, path: Path, *, check: bool) -> str:
    """Measure, and write the page; with `check`, compare it only, and say what came of it.

    Raises BadInputError when the page is not what would be written.
    """
    take = fetcher(settings, offline=True)
    registers = Registers(city(settings.city), take)
    labels = settings.pack / "quality" if settings.pack else None
    truths = registers.truths(labels) if labels else []
    surveyed = survey_city(registers.city, take)
    trials = list(register_trials(registers.city, surveyed, registers.find))
    sections = [
        geocoding_section(registers),
        search_section(registers, labels),
        matching_section(registers.city, truths),
        survival_section(registers.city, registers.find),
        reliability_section(trials, surveyed.survey.study_area),
        absence_section(trials, surveyed, registers.find),
        sensitivity_section(surveyed),
        straight_line_section(surveyed, trials),
        words_section(surveyed),
        zones_section(surveyed),
        fifteen_section(surveyed),
        equity_section(surveyed),
        calibration_section(known_outcomes(settings)),
        children_section(registers.city, take),
    ]
    page = "\n".join([HEADER, *sections])
    if not check:
        path.write_text(page, encoding="utf-8")
        return f"{path} is written."
    if not path.is_file() or path.read_text(encoding="utf-8") != page:
        raise BadInputError(
            f"{path} is not what the sources give. Write it anew: leave --check out."
        )
    return f"{path} is what the sources give."
