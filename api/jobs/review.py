"""The review queue: services proposed by sources under review, and pairs that may be one."""

from typing import Any

from api.settings import Settings
from ingest.run import belongs
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.model import Service
from mapping.services.matching import Pair, match


def waiting(settings: Settings) -> dict[str, Any]:
    """List proposed services, and pairs that may be one service with probability and evidence."""
    place = city(settings.city)
    with Catalogue.open(settings.catalogue_url) as catalogue:
        services = catalogue.current()
        proposed = catalogue.current("proposed")
        decisions = catalogue.decisions()
    ours = [service for service in services if belongs(service, place)]
    queue = match(ours, epsg=place.epsg, decisions=decisions).queue
    by_id = {service.service_id: service for service in ours}
    return {
        "proposed": [_shown(service) for service in proposed],
        "pairs": [_pair(pair, by_id) for pair in queue],
    }


def _pair(pair: Pair, by_id: dict[str, Service]) -> dict[str, Any]:
    evidence = {name: level for name, level in pair.evidence.items() if level != "unknown"}
    services = [_shown(by_id[service_id]) for service_id in (pair.left_id, pair.right_id)]
    return {"probability": pair.probability, "evidence": evidence, "services": services}


def _shown(service: Service) -> dict[str, Any]:
    return {
        "service_id": service.service_id,
        "name": service.name,
        "categories": list(service.categories),
        "addresses": [place.address for place in service.locations if place.address],
        "phone": service.phone,
        "assured_date": service.provenance.assured_date,
    }
