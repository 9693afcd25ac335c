"""Registers of two years under test, and how a share of what was claimed is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from api.jobs.markdown import decimal, percent
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.reliability import (
    FEW_SERVICES,
    OldRegister,
    Outcomes,
    Walks,
    band_in_use,
    band_of_others,
    brier,
    outcomes,
    place_records,
    walks_to,
)
from ingest.evaluation.survival_counts import Find, count_survivors
from mapping.arrays import Floats
from mapping.city import City, Survivors
from mapping.coverage.confidence.survival import Band, RegisterPair, family_of

FEW, IN_USE, WORSE = "troppo pochi", "in uso", "non batte"


@dataclass(frozen=True, eq=False)
class RegisterTrial:
    """A register under test, and the pairs through which it and the other one go."""

    register: OldRegister
    walks: Sequence[Walks]
    outcomes: Outcomes
    strictly: Outcomes
    entry: Survivors
    own: RegisterPair
    other: RegisterPair

    @property
    def bands(self) -> list[tuple[str, Callable[[Floats], Band]]]:
        """What the words may rest on."""
        in_use = band_in_use(self.walks[0].kind.code)
        return [("dall'altro", band_of_others(self.other)), (IN_USE, in_use)]


def register_trials(place: City, surveyed: SurveyedCity, find: Find) -> Iterator[RegisterTrial]:
    """Put each register that has another beside it to the test."""
    entries = [entry for entry in place.survivors if entry.categories]
    pairs = {
        pair.name: pair
        for entry in entries
        for code in entry.categories.values()
        if (family := family_of(code)) is not None
        for pair in family.registers
    }
    known = [entry for entry in entries if entry.name in pairs]
    for entry in known:
        others = [pairs[other.name] for other in known if other is not entry]
        if not others:
            continue
        count = count_survivors(entry, find)
        register = place_records(count, entry.categories, surveyed.inputs.gazetteer)
        study_area = surveyed.survey.study_area
        walks = walks_to(register, study_area)
        outcome, strictly = (
            outcomes(register, walks, study_area, stands)
            for stands in (register.stands, register.same_civic)
        )
        yield RegisterTrial(register, walks, outcome, strictly, entry, pairs[entry.name], others[0])


def held_share(chosen: Outcomes) -> tuple[str, str, str]:
    """Give the share that held, its interval and the effective services; too few tell no share."""
    services = chosen.effective_services
    if services < FEW_SERVICES:
        return FEW, "", f"{services:.0f}"
    low, high = chosen.held_interval
    return percent(chosen.share_held), f"{percent(low)} - {percent(high)}", f"{services:.0f}"


def score_text(value: float) -> str:
    """Write a Brier score."""
    return decimal(value, 4)


def score_cells(forecast: Floats, base: Floats, of: Outcomes) -> tuple[str, str, str, str]:
    """Hold a forecast against one that says the same of everybody.

    Parameters
    ----------
    forecast, base : ndarray of float, shape (n,)
        What each said, in [0, 1].
    of : Outcomes
        What came of it.

    Returns
    -------
    tuple of str
        The Brier score, how much less it is than of the base, between what, whether it is better.
    """
    gain = (base - of.still_served) ** 2 - (forecast - of.still_served) ** 2
    low, high = of.interval(gain)
    better = "non si sa" if low <= 0 <= high else "batte" if low > 0 else WORSE
    score = brier(forecast, of)
    between = f"{score_text(low)} - {score_text(high)}"
    return score_text(score), score_text(brier(base, of) - score), between, better
