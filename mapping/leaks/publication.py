"""Whether an edition may be published: not when it gives a confidential place away."""

from collections.abc import Callable, Iterator, Sequence

from mapping.build import BuildInput
from mapping.edition.edition import Edition
from mapping.edition.manifest import MANIFEST, SEAL
from mapping.errors import LeakError
from mapping.leaks.confidential_records import ConfidentialRecords, confidential_records
from mapping.leaks.leak_scan import leaks
from mapping.leaks.public_ground import ground_of
from mapping.model import Service

_OF_ONE_BUILD = {"id", "created_at", "files"}
"""What two manifests of the same content may say otherwise: hashes of files are compared alone."""


def refuse_leaks(
    edition: Edition,
    inputs: BuildInput,
    confidential: Sequence[Service],
    built_without: Callable[[], Edition],
) -> bool:
    """Search an edition that was built for confidential records; whoever built it removes it.

    `confidential` are records that are not in the build's input, such as proposals. Where something
    is found, `built_without` builds an edition of the same sources as if they held no such record:
    a file that is the same to the byte tells nothing of them, however near they are to what is
    public. Gives whether that was so of any. Raises LeakError, which names files and nothing of a
    record.
    """
    records = records_of(inputs, confidential)
    if not records:
        return False
    ground = ground_of(inputs, records.points)
    suspected = leaks(sorted(edition.path.iterdir()), records, ground)
    same = _same_files(edition, built_without()) if suspected else set()
    leaking = [leak for leak in suspected if leak.file not in same]
    if leaking:
        raise LeakError([f"{leak.file} by a {leak.by}" for leak in leaking])
    return bool(suspected)


def _same_files(edition: Edition, other: Edition) -> set[str]:
    """Name the files of an edition that another one has too, to the byte."""
    hashes = {file.name: file.sha256 for file in other.manifest.files}
    same = {file.name for file in edition.manifest.files if hashes.get(file.name) == file.sha256}
    mine, theirs = (built.manifest.model_dump(exclude=_OF_ONE_BUILD) for built in (edition, other))
    return same | {MANIFEST, SEAL} if mine == theirs else same


def records_of(inputs: BuildInput, confidential: Sequence[Service]) -> ConfidentialRecords:
    """Gather what must not be found, less what the inputs say of public things."""
    services = [*inputs.services, *confidential]
    return confidential_records(services, inputs.city.epsg, set(_public_texts(inputs)))


def _public_texts(inputs: BuildInput) -> Iterator[str]:
    """Give names of the city, its streets and areas; of what stands there nothing explains."""
    yield inputs.city.name
    yield from inputs.gazetteer.streets
    yield from (contact["phone"] or "" for contact in inputs.city.confidential_contacts)
    layers = inputs.layers
    for frame in (layers.municipi, layers.nil, layers.neighbours):
        if frame is not None and "name" in frame:
            yield from (name for name in frame["name"] if isinstance(name, str))
