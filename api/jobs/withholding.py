"""Keeps what the server hides in step with what the catalogue knows to be confidential."""

from collections.abc import Collection, Iterable

from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database
from mapping.disclosure import is_confidential
from mapping.edition.store import EditionStore
from mapping.edition.withheld import digest_of, read_withheld, withhold, withhold_anew
from mapping.model import Service


def withhold_confidential(
    settings: Settings, catalogue: Catalogue, withdrawn: Collection[str] = ()
) -> list[Service]:
    """Hide confidential services from the published edition at once, and give them.

    First on this machine, then on all that follow the store.

    `withdrawn` are ids that the catalogue withdrew because they have become confidential; they stay
    hidden until they are published as something else. What is hidden and public now is shown again
    where the catalogue tells why it was hidden: a new one, in the place of one that was lost, knows
    nothing of what a person hid. `editions withhold` then writes the list anew.
    """
    services = catalogue.known()
    confidential = [service for service in services if is_confidential(service)]
    hidden = {*withdrawn, *(service.service_id for service in confidential)}
    public = catalogue.once_hidden(_withheld_among(settings, services) - hidden)
    _withhold(settings, hidden, public)
    return confidential


def withhold_outside(settings: Settings, service_id: str, *, public: bool) -> None:
    """Hide a service over the border, or show it again: the catalogue holds none of them."""
    if public:
        _withhold(settings, (), {service_id})
    else:
        _withhold(settings, {service_id}, ())


def _withhold(settings: Settings, hidden: Collection[str], public: Collection[str]) -> None:
    withhold(settings.editions, hidden, public=public)
    if settings.store:
        EditionStore.open(settings.store).withhold(hidden, public=public)


def hidden_for_no_known_reason(settings: Settings) -> set[str]:
    """Find services that are hidden and public now, and the catalogue does not tell why."""
    with Catalogue.open(settings.catalogue_url) as catalogue:
        services = catalogue.known()
        public = [service for service in services if not is_confidential(service)]
        hidden = _withheld_among(settings, public)
        return hidden - catalogue.once_hidden(hidden)


def _withheld_among(settings: Settings, services: Iterable[Service]) -> set[str]:
    withheld = read_withheld(settings.editions)
    ids = {service.service_id for service in services}
    return {service_id for service_id in ids if digest_of(service_id) in withheld}


def withhold_from_catalogue(settings: Settings) -> int:
    """Write anew which services every edition hides, and give their number.

    Those that are confidential, and all that were withdrawn: which of these had become confidential
    only the lost file knew. Raises BadInputError when there is no catalogue.
    """
    with Catalogue(open_database(settings.catalogue_url, create=False)) as catalogue:
        services = catalogue.known()
        hidden = {service.service_id for service in services if is_confidential(service)}
        hidden |= {service.service_id for service in catalogue.current("withdrawn")}
    withhold_anew(settings.editions, hidden)
    if settings.store:
        EditionStore.open(settings.store).withhold_anew(hidden)
    return len(hidden)
