"""Editions that hold something of a record that is confidential today: named, and removed.

One of which a file is damaged cannot be searched, and is treated as if it did.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from api.jobs.catalogue_health import require_own_catalogue
from api.jobs.compared_editions import to_search_for
from api.settings import Settings
from mapping.atomic_files import locked, remove_unfinished, unfinished
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City, cities, city
from mapping.disclosure import is_confidential
from mapping.edition.edition import Edition, current, list_editions
from mapping.edition.manifest import read_head, read_manifest
from mapping.errors import BadInputError, BrokenEditionError, OlderEditionError, ProssimaError
from mapping.leaks.confidential_records import confidential_records
from mapping.leaks.leak_scan import leaks
from mapping.leaks.public_ground import ground_of_edition
from mapping.model import Service

AT_METRES = 5.0
"""An old edition is searched for the points themselves: streets have moved since."""


def leaking_editions(settings: Settings, opened: Edition | None = None) -> list[str]:
    """List the ids of the editions that leak, or are damaged, newest first.

    One that was `opened`, and has not changed since, is not hashed again.

    A point that an edition has as a street, an area or a stop is public, as that of a public
    service is.
    """
    names = list_editions(settings.editions)
    if not names:
        return []
    services = _known(settings)
    if not any(map(is_confidential, services)):
        return []
    sound = opened.path if opened and opened.is_untouched else None
    return [name for name in names if _leaks(settings, name, services, sound)]


def require_no_leaks(settings: Settings, name: str) -> None:
    """Raise BadInputError when an edition holds something of a record confidential today."""
    if name not in list_editions(settings.editions):
        return
    services = _known(settings)
    if any(map(is_confidential, services)) and _leaks(settings, name, services):
        raise BadInputError(
            f"Edition {name} holds something of a record that is confidential today, or a file of"
            " it is damaged, and is not published. Run `prossima build`, which makes a new one."
        )


def _known(settings: Settings) -> list[Service]:
    require_own_catalogue(settings)
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        return catalogue.known()


def _leaks(
    settings: Settings, name: str, services: Sequence[Service], sound: Path | None = None
) -> bool:
    folder = settings.editions / name
    if folder != sound and _is_damaged(folder):
        return True
    services = to_search_for(settings, name, services)
    place = _city_of(folder, settings)
    names = [place.name, *(contact["phone"] or "" for contact in place.confidential_contacts)]
    records = confidential_records(services, place.epsg, names)
    ground = ground_of_edition(folder, services, records, AT_METRES)
    return bool(leaks(sorted(folder.iterdir()), records, ground, near_metres=AT_METRES))


def _is_damaged(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except OlderEditionError:
        return False  # its files are searched as they are
    except BrokenEditionError:
        return True
    return False


def _city_of(folder: Path, settings: Settings) -> City:
    named = read_head(folder).city
    return city(named if named in cities() else settings.city)


def prune(settings: Settings) -> list[str]:
    """Remove the editions that leak, but for the published one, and give their ids."""
    published = _published(settings)
    gone = [name for name in leaking_editions(settings) if not published or name != published.id]
    for name in gone:
        shutil.rmtree(settings.editions / name)
    return gone


def unfinished_editions(settings: Settings, *, remove: bool = False) -> list[Path]:
    """List what killed builds left, or remove it; nothing while one is at work."""
    left: list[Path] = []
    for folder in (settings.unsearched, settings.editions):
        if not unfinished(folder):
            continue
        with locked(folder, waits=False) as is_ours:
            left += unfinished(folder) if is_ours else []
            if is_ours and remove:
                remove_unfinished(folder)
    return left


def _published(settings: Settings) -> Edition | None:
    try:
        return Edition.open(current(settings.editions))
    except ProssimaError:
        return None
