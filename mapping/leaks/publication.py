"""Whether an edition may be published: not when it gives a confidential place away."""

import shutil
from collections.abc import Iterator, Sequence

from mapping.build import BuildInput
from mapping.edition.edition import Edition
from mapping.errors import LeakError
from mapping.leaks.confidential_records import ConfidentialRecords, confidential_records
from mapping.leaks.leak_scan import leaks
from mapping.leaks.public_ground import ground_of
from mapping.model import Service


def refuse_leaks(edition: Edition, given: BuildInput, confidential: Sequence[Service]) -> None:
    """Search an edition that was built for confidential records; remove one that holds any.

    `confidential` are records that are not in the build's input, such as proposals. Raises
    LeakError, which names files and nothing of a record.
    """
    records = records_of(given, confidential)
    if not records:
        return
    ground = ground_of(given, records.points)
    found = leaks(sorted(edition.path.iterdir()), records, ground)
    if found:
        shutil.rmtree(edition.path)
        raise LeakError([f"{leak.file} by a {leak.by}" for leak in found])


def records_of(given: BuildInput, confidential: Sequence[Service]) -> ConfidentialRecords:
    """Gather what must not be found, less what the inputs say of public things."""
    services = [*given.services, *confidential]
    return confidential_records(services, given.city.epsg, set(_public_texts(given)))


def _public_texts(given: BuildInput) -> Iterator[str]:
    yield given.city.name
    yield from given.gazetteer.streets
    yield from (contact["phone"] or "" for contact in given.city.confidential_contacts)
    layers = given.layers
    frames = (
        layers.municipi, layers.nil, layers.neighbours,
        given.stops, given.premises, given.networks, given.background,
    )  # fmt: skip
    for frame in frames:
        if frame is not None and "name" in frame:
            yield from (name for name in frame["name"] if isinstance(name, str))
