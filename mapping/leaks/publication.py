"""Whether an edition may be published: not when it gives a confidential place away."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from mapping.build import BuildInput
from mapping.edition.edition import Edition
from mapping.errors import LeakError
from mapping.leaks.confidential_records import ConfidentialRecords, confidential_records
from mapping.leaks.leak_scan import leaks
from mapping.leaks.public_ground import ground_of
from mapping.model import Service


def refuse_leaks(edition: Edition, inputs: BuildInput, confidential: Sequence[Service]) -> None:
    """Search an edition that was built for confidential records; remove one that holds any.

    `confidential` are records that are not in the build's input, such as proposals. Raises
    LeakError, which names files and nothing of a record.
    """
    records = records_of(inputs, confidential)
    if not records:
        return
    ground = ground_of(inputs, records.points)
    leaking = leaks(sorted(edition.path.iterdir()), records, ground)
    if leaking:
        shutil.rmtree(edition.path)
        raise LeakError([f"{leak.file} by a {leak.by}" for leak in leaking])


def without_told_names(inputs: BuildInput, confidential: Sequence[Service]) -> BuildInput:
    """Take out of maps, premises and institutions every name that a confidential record has.

    Such a record may say it in words that give nothing away: a map that says it at its place does.
    """
    records = records_of(inputs, confidential)
    background, premises = inputs.background, inputs.premises
    if background is not None:
        names = background["name"].where(~_tell(background["name"], records), None)
        background = background.assign(name=names)
    if premises is not None:
        premises = premises[~_tell(premises["name"], records)].reset_index(drop=True)
    layers, signs = inputs.layers, inputs.layers.signs
    if signs is not None:
        signs = signs[~_tell(signs["name"], records)].reset_index(drop=True)
        layers = replace(layers, signs=signs)
    return replace(inputs, background=background, premises=premises, layers=layers)


def records_of(inputs: BuildInput, confidential: Sequence[Service]) -> ConfidentialRecords:
    """Gather what must not be found, less what the inputs say of public things."""
    services = [*inputs.services, *confidential]
    return confidential_records(services, inputs.city.epsg, set(_public_texts(inputs)))


def _tell(names: pd.Series, records: ConfidentialRecords) -> pd.Series:
    telling = [name for name in names.dropna().unique() if records.are_told_in([name])]
    return names.isin(telling)


def _public_texts(inputs: BuildInput) -> Iterator[str]:
    """Give names of the city, its streets and areas; of what stands there nothing explains."""
    yield inputs.city.name
    yield from inputs.gazetteer.streets
    yield from (contact["phone"] or "" for contact in inputs.city.confidential_contacts)
    layers = inputs.layers
    for frame in (layers.municipi, layers.nil, layers.neighbours):
        if frame is not None and "name" in frame:
            yield from (name for name in frame["name"] if isinstance(name, str))
