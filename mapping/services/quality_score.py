"""Quality score of a card: how much of what a family needs it says, and how surely."""

from dataclasses import dataclass
from datetime import date

from mapping.freshness import freshness
from mapping.model import Location, Precision, Service

WEIGHTS = {
    "position": 0.25,
    "assurance": 0.25,
    "hours": 0.2,
    "contact": 0.15,
    "eligibility": 0.1,
    "organization": 0.05,
}
"""What each criterion weighs: can one get there, is it still true, when, whom to ask, for whom."""
_POSITION: dict[Precision, float] = {
    "premises": 1.0, "civic": 1.0, "interpolated": 0.8, "street": 0.4, "area": 0.1, "none": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """A quality in [0, 1], and the criteria that are not fully met, the heaviest loss first."""

    value: float
    lacks: list[str]


def quality(service: Service, location: Location, today: date) -> Score:
    """Score a service at one of its locations, rounded to two decimals.

    Each criterion counts from 0 to 1, times its weight: the position by its precision; the
    assurance by its freshness at `today`; hours that a program understands 1, as published text
    0.5; a phone 0.7 and an e-mail or web address 0.3; ages or any other rule of entry; who says
    it.
    """
    met = {
        "position": _POSITION[location.position.precision],
        "assurance": max(freshness(service.provenance.assured_date, today), 0.0),
        "hours": 1.0 if location.opening_hours else 0.5 * bool(location.opening_hours_text),
        "contact": 0.7 * bool(service.phone) + 0.3 * bool(service.email or service.url),
        "eligibility": float(_says_for_whom(service)),
        "organization": float(bool(service.organization)),
    }
    lost = {name: WEIGHTS[name] * (1 - share) for name, share in met.items()}
    lacks = sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])
    return Score(round(1 - sum(lost.values()), 2), lacks)


def _says_for_whom(service: Service) -> bool:
    rules = (
        service.age_min_months, service.age_max_months, service.residence_required,
        service.appointment_required, service.free,
    )  # fmt: skip
    return any(rule is not None for rule in rules)
