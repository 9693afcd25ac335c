"""Keeps what the server hides in step with what the catalogue knows to be confidential.

Only what an edition shows is hidden by name: the list of it says nothing of a record that was never
public. A record that has become confidential is in the catalogue before editions are looked at, and
an edition is where they are looked for before the catalogue is asked a last time, and published.
"""

from collections.abc import Collection, Iterable

from api.jobs.catalogue_health import require_own_catalogue
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database
from mapping.disclosure import is_confidential
from mapping.edition.edition import Edition, list_editions
from mapping.edition.shown_services import ids_of_edition, shown_ids
from mapping.edition.store import EditionStore
from mapping.edition.withheld import digest_of, read_withheld, withhold, withhold_anew
from mapping.errors import NoCatalogueError
from mapping.model import Service


def withhold_confidential(
    settings: Settings, catalogue: Catalogue, withdrawn: Collection[str] = ()
) -> list[Service]:
    """Hide confidential services from the published edition at once, and give them.

    First on this machine, then on all that follow the store.

    `withdrawn` are ids that the catalogue withdrew because they have become confidential; they stay
    hidden until they are published as something else. What is hidden and public now is shown again
    where the catalogue tells why it was hidden: a new one, in the place of one that was lost, knows
    nothing of what a person hid.
    """
    services = catalogue.known()
    confidential = [service for service in services if is_confidential(service)]
    hidden = {*withdrawn, *(service.service_id for service in confidential)}
    public = catalogue.once_hidden(_withheld_among(settings, services) - hidden)
    _withhold(settings, hidden, public)
    return confidential


def withhold_before_publishing(settings: Settings, edition: Edition) -> None:
    """Hide from an edition what became confidential, or was withdrawn, while it was made."""
    try:
        engine = open_database(settings.catalogue_url, create=False)
    except NoCatalogueError:
        return  # nothing was ever recorded
    with Catalogue(engine) as catalogue:
        withdrawn = {service.service_id for service in catalogue.current("withdrawn")}
        withhold_confidential(settings, catalogue, withdrawn & ids_of_edition(edition.path))


def withhold_outside(settings: Settings, service_id: str, *, public: bool) -> None:
    """Hide a service over the border, or show it again: the catalogue holds none of them."""
    if public:
        _withhold(settings, (), {service_id})
    else:
        _withhold(settings, {service_id}, ())


def _withhold(settings: Settings, hidden: Iterable[str], public: Collection[str]) -> None:
    shown = _shown(settings, hidden)
    withhold(settings.editions, shown, public=public)
    if settings.store:
        EditionStore.open(settings.store).withhold(shown, public=public)


def _shown(settings: Settings, service_ids: Iterable[str]) -> set[str]:
    """Give those of some ids that an edition shows, here or in the store."""
    hidden = set(service_ids)
    if not hidden:
        return hidden
    shown = hidden & shown_ids(settings.editions)
    if settings.store and shown != hidden:
        here = list_editions(settings.editions)
        shown |= hidden & EditionStore.open(settings.store).shown_ids(here)
    return shown


def hidden_for_no_known_reason(settings: Settings) -> set[str]:
    """Find services that are hidden and public now, and the catalogue does not tell why."""
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        services = catalogue.known()
        public = [service for service in services if not is_confidential(service)]
        hidden = _withheld_among(settings, public)
        return hidden - catalogue.once_hidden(hidden)


def _withheld_among(settings: Settings, services: Iterable[Service]) -> set[str]:
    withheld = read_withheld(settings.editions)
    ids = {service.service_id for service in services}
    return {service_id for service_id in ids if digest_of(service_id) in withheld}


def withhold_from_catalogue(settings: Settings, *, anew: bool = False) -> int:
    """Hide what the catalogue knows to be confidential, though the list be lost; give its number.

    And all that was withdrawn: which of these had become confidential only the lost list knew. What
    a list that can be read hides stays hidden, but if it is to be written `anew`. Raises
    BadInputError when there is no catalogue, or another than the one of the editions.
    """
    with Catalogue(open_database(settings.catalogue_url, create=False)) as catalogue:
        require_own_catalogue(settings)
        services = catalogue.known()
        hidden = {service.service_id for service in services if is_confidential(service)}
        hidden |= {service.service_id for service in catalogue.current("withdrawn")}
    shown = _shown(settings, hidden)
    withhold_anew(settings.editions, shown, keep=not anew)
    if settings.store:
        EditionStore.open(settings.store).withhold_anew(shown, keep=not anew)
    return len(read_withheld(settings.editions))
