"""Whether the catalogue of record is there, undamaged, and the one that the editions came from."""

from pathlib import Path

import sqlalchemy as sa

from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database
from mapping.catalogue.soundness import require_sound
from mapping.edition.edition import list_editions
from mapping.edition.shown_services import services_within
from mapping.errors import BadInputError, NoCatalogueError

LOST_CATALOGUE = (
    "The catalogue holds nothing, and there are editions: it was lost, or PROSSIMA_VAR or"
    " PROSSIMA_DATABASE_URL names another. Restore it from a backup: what people hid, merged and"
    " reported stands in it alone."
)
OTHER_CATALOGUE = (
    "The catalogue knows nothing of what the editions show: PROSSIMA_VAR or PROSSIMA_DATABASE_URL"
    " names that of others. Give the one that they were built from: what people hid stands in it"
    " alone."
)
_BEGIN = " Without one, `prossima build --new-catalogue` begins anew."


def require_sound_catalogue(settings: Settings) -> None:
    """Raise BadInputError when the file of a catalogue in SQLite is damaged."""
    url = sa.make_url(settings.catalogue_url)
    path = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and path.is_file():
        require_sound(path)


def require_own_catalogue(settings: Settings) -> None:
    """Raise BadInputError when there are editions, and nothing of what they were built from.

    A new catalogue in the place of one that was lost would be recorded into, and backed up, as if
    nobody had decided anything.
    """
    editions = list_editions(settings.editions)
    if not editions:
        return
    try:
        engine = open_database(settings.catalogue_url, create=False)
    except NoCatalogueError:
        raise BadInputError(LOST_CATALOGUE + _BEGIN) from None
    with Catalogue(engine) as catalogue:
        if not catalogue.runs():
            raise BadInputError(LOST_CATALOGUE + _BEGIN)
        shown = (services_within(settings.editions / name) for name in editions)
        # A damaged or half-copied edition has none; those over the border are in no catalogue.
        newest = next(filter(None, shown), None)
        if newest and not catalogue.knows_any(newest):
            raise BadInputError(OTHER_CATALOGUE)
