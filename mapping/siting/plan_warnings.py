"""Warnings of a plan: what the records and the solution leave open, as codes with numbers."""

from mapping.siting.asks import Ask, SiteAsk
from mapping.siting.inputs import People, PlanData, Services, whole_people
from mapping.siting.models import SitePlan
from mapping.siting.problem import Problem, unknown_places
from mapping.tables import Row


def record_warnings(data: PlanData, ask: Ask, services: Services) -> list[Row]:
    """Warn of an incomplete list, and count the services that are doubtful or have no place."""
    doubtful = max(services.stale, services.unverified)
    found = []
    if data.city.completeness_of(ask.category).status != "complete":
        found.append(_warning("catalogue_incomplete"))
    if doubtful:
        found.append(_warning("records_unverified", doubtful))
    if services.unplaced:
        found.append(_warning("records_unplaced", services.unplaced))
    return found


def solution_warnings(ask: SiteAsk, problem: Problem, plan: SitePlan, people: People) -> list[Row]:
    """Warn of sites nobody has checked, sites that are not needed, and a bound not reached.

    `places_unknown` counts the people near a service whose places are not known.
    """
    unsure = float(people.weight[unknown_places(problem)].sum())
    found = []
    if ask.candidates in ("premises", "nodes"):
        found.append(_warning(f"{ask.candidates}_unchecked"))
    if len(plan.chosen) < ask.count:
        found.append(_warning("fewer_sites", len(plan.chosen)))
    if plan.status != "optimal":
        found.append(_warning("time_limit"))
    if ask.objective == "capacity" and unsure:
        found.append(_warning("places_unknown", whole_people(unsure)))
    return found


def _warning(code: str, number: int | None = None) -> Row:
    return {"code": code, "number": number}
