"""The review queue: services proposed by sources under review, and pairs that may be one."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import make_url

from api.jobs.catalogue_health import require_own_catalogue
from api.jobs.withholding import (
    withhold_confidential,
    withhold_from_catalogue,
    withhold_outside,
)
from api.settings import Settings
from ingest.run import belongs
from mapping.catalogue.batches import MASKED_ROW, QuarantinedRow
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import named
from mapping.city import city
from mapping.disclosure import any_confidential, is_confidential, suspicions_of, texts_of
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError, BrokenEditionError, NoEditionError
from mapping.model import Service
from mapping.services.matching import Pair, match

MASKED = "(confidential)"
HANDLE_LETTERS = 12
Handle = Callable[[str], str]
"""What stands for the id of a confidential service."""


def waiting(settings: Settings, *, show_confidential: bool = False) -> dict[str, Any]:
    """List proposed services, suspected ones, and pairs that may be one service with evidence.

    Confidential services are given by a keyed hash of their id, unless an administrator asks.
    """
    if show_confidential:
        _require_administrator(settings)
    place = city(settings.city)
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        require_own_catalogue(settings)
        handle = handles(catalogue)
        services = catalogue.current()
        proposed = catalogue.current("proposed")
        decisions = catalogue.decisions()
    ours = [service for service in services if belongs(service, place)]
    queue = match(ours, epsg=place.epsg, decisions=decisions).queue
    by_id = {service.service_id: service for service in ours}
    return {
        "proposed": [_shown(service, handle, full=show_confidential) for service in proposed],
        "suspected": [
            _suspected(service, handle, full=show_confidential)
            for service in [*services, *proposed]
            if is_confidential(service) and not any_confidential(service.categories)
        ],
        "pairs": [_pair(pair, by_id, handle) for pair in queue],
    }


def _suspected(service: Service, handle: Handle, *, full: bool) -> dict[str, Any]:
    """Show a suspected service, to its owner with every text that a clearance holds for."""
    texts = [text for text in texts_of(service) if text] if full else []
    suspicions = list(suspicions_of(service))
    places = list(service.speaking_places or ()) if full else []
    shown = _shown(service, handle, full=full)
    return shown | {"suspicions": suspicions, "texts": texts, "places": places}


def _pair(pair: Pair, by_id: dict[str, Service], handle: Handle) -> dict[str, Any]:
    evidence = {name: level for name, level in pair.evidence.items() if level != "unknown"}
    services = [_shown(by_id[service_id], handle) for service_id in (pair.left_id, pair.right_id)]
    return {"probability": pair.probability, "evidence": evidence, "services": services}


def set_apart(
    settings: Settings, source_id: str | None, *, show_confidential: bool = False
) -> list[QuarantinedRow]:
    """List the rows that the last run of each source, or of one, could not keep.

    Of one that may be confidential not even the line is told, by which whoever has the list finds
    it, unless an administrator asks.
    """
    if show_confidential:
        _require_administrator(settings)
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        rows = catalogue.quarantined(source_id)
    if show_confidential:
        return rows
    return [replace(row, line=None) if row.message == MASKED_ROW else row for row in rows]


def disclose(settings: Settings, service_id: str, *, public: bool, actor: str) -> None:
    """Note whether a suspected service may be published; the server follows at once.

    The service is named by its id, or by what `waiting` gives in its place.
    """
    if service_id in _outside_ids(settings):
        withhold_outside(settings, service_id, public=public)
        return
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        known = catalogue.known()
        if not known:
            raise BadInputError(
                f"The catalogue {named(make_url(settings.catalogue_url))} is empty. Give the"
                " PROSSIMA_VAR, or PROSSIMA_DATABASE_URL, of the server (see `prossima doctor`)."
            )
        handle = handles(catalogue)
        ids = {handle(service.service_id): service.service_id for service in known}
        catalogue.disclose(ids.get(service_id, service_id), public=public, actor=actor)
        try:
            withhold_confidential(settings, catalogue)
        except BrokenEditionError:
            if public:
                raise
            withhold_from_catalogue(settings)  # the list is lost: to hide does not wait for it


def _outside_ids(settings: Settings) -> set[str]:
    """List the services over the border of the published edition, hidden ones too."""
    try:
        edition = Edition.open(current(settings.editions))
    except (NoEditionError, BrokenEditionError):
        return set()
    return edition.outside_ids


def handles(catalogue: Catalogue) -> Handle:
    """Give what stands for ids, which may hold a name: a hash without a key would confirm it."""
    keyed_hash = catalogue.keyed_hash()
    return lambda service_id: keyed_hash(service_id)[:HANDLE_LETTERS]


def _require_administrator(settings: Settings) -> None:
    if os.geteuid() not in (0, settings.var.stat().st_uid):
        raise BadInputError(
            f"Confidential services are shown to the owner of {settings.var} only. Ask them, or"
            " leave out --show-confidential."
        )


def _shown(service: Service, handle: Handle, *, full: bool = False) -> dict[str, Any]:
    if is_confidential(service) and not full:
        hidden: dict[str, Any] = {"name": MASKED, "categories": [], "addresses": [], "phone": None}
        return {"service_id": handle(service.service_id), **hidden, "assured_date": None}
    return {
        "service_id": service.service_id,
        "name": service.name,
        "categories": list(service.categories),
        "addresses": [place.address for place in service.locations if place.address],
        "phone": service.phone,
        "assured_date": service.provenance.assured_date,
    }
