"""What waits for a person: proposals of sources under review, and pairs that may be one service."""

from typing import Any

from api.settings import Settings
from ingest.run import belongs
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.model import Service
from mapping.services.matching import Pair, match


def waiting(settings: Settings) -> dict[str, Any]:
    """List what waits.

    Parameters
    ----------
    settings : Settings
        City and database.

    Returns
    -------
    dict
        `proposed`: services; `pairs`: two services each, with probability and evidence.
    """
    place = city(settings.city)
    with Catalogue.open(settings.catalogue_url) as catalogue:
        services = catalogue.current()
        proposed = catalogue.current("proposed")
        decisions = catalogue.decisions()
    ours = [one for one in services if belongs(one, place)]
    queue = match(ours, epsg=place.epsg, decisions=decisions).queue
    by_id = {service.service_id: service for service in ours}
    return {
        "proposed": [_shown(service) for service in proposed],
        "pairs": [_pair(pair, by_id) for pair in queue],
    }


def lines(said: dict[str, Any]) -> str:
    """Write the list for a terminal.

    Parameters
    ----------
    said : dict
        Of `waiting`.

    Returns
    -------
    str
        One block a proposal or pair, the most probable pair first.
    """
    blocks = [f"proposed  {_line(service)}" for service in said["proposed"]]
    for pair in said["pairs"]:
        evidence = ", ".join(f"{name} {level}" for name, level in pair["evidence"].items())
        one, other = (_line(service) for service in pair["services"])
        blocks.append(f"{pair['probability']:.0%} one service?  ({evidence})\n  {one}\n  {other}")
    count = f"{len(said['proposed'])} proposed, {len(said['pairs'])} pairs"
    return "\n".join([*blocks, count])


def _pair(pair: Pair, by_id: dict[str, Service]) -> dict[str, Any]:
    known = {name: level for name, level in pair.evidence.items() if level != "unknown"}
    services = [_shown(by_id[one]) for one in (pair.left_id, pair.right_id)]
    return {"probability": pair.probability, "evidence": known, "services": services}


def _shown(service: Service) -> dict[str, Any]:
    return {
        "service_id": service.service_id,
        "name": service.name,
        "categories": list(service.categories),
        "addresses": [place.address for place in service.locations if place.address],
        "phone": service.phone,
        "assured_date": service.provenance.assured_date,
    }


def _line(service: dict[str, Any]) -> str:
    where = "; ".join(service["addresses"]) or "no address"
    dated = service["assured_date"] or "no date"
    return f"{service['service_id']}  {service['name']}, {where} ({dated})"
