"""Warnings of a plan: what the records and the solution leave open, as codes with numbers."""

from mapping.siting.asks import SiteAsk
from mapping.siting.inputs import People, Services, whole_people
from mapping.siting.models import SitePlan
from mapping.siting.problem import Problem, unknown_places
from mapping.tables import Row


def record_warnings(services: Services) -> list[Row]:
    """Warn of an incomplete list; count the services in doubt, left out, or without a place."""
    doubtful = sum(not row.is_verified for row in services.rows)
    warnings = []
    if not services.complete:
        warnings.append(_warning("catalogue_incomplete"))
    if doubtful:
        warnings.append(_warning("records_unverified", doubtful))
    if services.left_out:
        warnings.append(_warning("records_left_out", services.left_out))
    if services.unplaced:
        warnings.append(_warning("records_unplaced", services.unplaced))
    return warnings


def border_warnings(today: Row) -> list[Row]:
    """Warn of the people who have a service within the walk by an estimate alone.

    They count as served, by a straight line where not all streets are known.

    Parameters
    ----------
    today : dict
        The figures of the city before any change: the same `within_estimated` as is told there.

    Returns
    -------
    list of dict
        One warning, ``border_estimated``; none where nobody has such a walk.
    """
    number = today["within_estimated"]
    return [_warning("border_estimated", number)] if number else []


def solution_warnings(ask: SiteAsk, problem: Problem, plan: SitePlan, people: People) -> list[Row]:
    """Warn of sites nobody has checked, sites that are not needed, and a bound not reached.

    `places_unknown` counts the people near a service whose places are not known.
    """
    warnings = []
    if ask.candidates in ("premises", "nodes"):
        warnings.append(_warning(f"{ask.candidates}_unchecked"))
    if ask.weight == "low-income":
        warnings.append(_warning("low_income_uncounted"))
    if len(plan.chosen) < ask.count:
        warnings.append(_warning("fewer_sites", len(plan.chosen)))
    if plan.status != "optimal":
        warnings.append(_warning("time_limit"))
    if ask.objective == "capacity":
        unsure = float(people.weight[unknown_places(problem)].sum())
        if unsure:
            warnings.append(_warning("places_unknown", whole_people(unsure)))
    return warnings


def _warning(code: str, number: int | None = None) -> Row:
    return {"code": code, "number": number}
