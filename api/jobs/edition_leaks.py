"""Editions that hold something of a record that is confidential today: named, and removed."""

import shutil

import shapely

from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.edition.edition import Edition, current, list_editions
from mapping.errors import ProssimaError
from mapping.leaks.confidential_records import confidential_records
from mapping.leaks.file_content import contents
from mapping.leaks.leak_scan import EXPLAINED_METRES, leaks, points_near
from mapping.leaks.public_ground import PublicGround

AT_METRES = 5.0
"""An old edition is searched for the points themselves: streets have moved since."""


def leaking_editions(settings: Settings) -> list[str]:
    """List the ids of the editions that leak, newest first.

    A point that the published edition has too is public: a build refuses one that is not.
    """
    with Catalogue.open(settings.catalogue_url) as catalogue:
        services = [*catalogue.current(), *catalogue.current("proposed")]
    place = city(settings.city)
    names = [place.name, *(contact["phone"] or "" for contact in place.confidential_contacts)]
    records = confidential_records(services, place.epsg, names)
    if not records:
        return []
    published = _published(settings)
    known = [] if published is None else [
        shapely.points(points)
        for path in sorted(published.path.iterdir())
        for part in contents(path)
        for rows in part.numbers
        for points in points_near(rows, records, AT_METRES + EXPLAINED_METRES)
    ]  # fmt: skip
    ground = PublicGround.of([point for points in known for point in points])
    return [
        name
        for name in list_editions(settings.editions)
        if leaks(
            sorted((settings.editions / name).iterdir()), records, ground, near_metres=AT_METRES
        )
    ]


def prune(settings: Settings) -> list[str]:
    """Remove the editions that leak, but for the published one, and give their ids."""
    published = _published(settings)
    gone = [name for name in leaking_editions(settings) if not published or name != published.id]
    for name in gone:
        shutil.rmtree(settings.editions / name)
    return gone


def _published(settings: Settings) -> Edition | None:
    try:
        return Edition.open(current(settings.editions))
    except ProssimaError:
        return None
