"""Places the services of all lists, by addresses that the lists themselves help to tell."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ingest.locate import Locator, anchors_at, anchors_of, locator
from ingest.sheets.spreadsheet import is_sheet
from ingest.source_result import SourceResult
from mapping.arrays import Bools
from mapping.build import BuildInput
from mapping.city import City
from mapping.disclosure import is_confidential
from mapping.model import Position, Service
from mapping.territory.areas import Layers


@dataclass(frozen=True, eq=False)
class AddressSources:
    """What tells the addresses of a city, but for its services; any but the areas may be missing.

    `names` are those of the streets of the register `civics`, by code.
    """

    city: City
    layers: Layers
    lines: gpd.GeoDataFrame | None
    civics: pd.DataFrame | None
    names: pd.DataFrame | None
    stops: gpd.GeoDataFrame | None

    def locator(self, lists: Sequence[SourceResult]) -> Locator:
        """Make the locator of the city, with the addresses at which its services have a point."""
        # Points that our own geocoder found on an earlier day teach it nothing new.
        published = [result for result in lists if not _is_ours(result)]
        telling = published if self.lines is not None else lists
        # The order in which sources are read must not decide between two points of one address.
        services = sorted(
            (service for result in telling for service in result.services),
            key=lambda service: service.service_id,
        )
        anchors = anchors_of(services, self.city)
        if self.stops is not None:
            anchors += anchors_at(self.stops, self.city)
        lines = _in_city(self.lines, self.layers)
        return locator(self.city, self.layers, lines, self.civics, anchors, self.names)


def placed(result: SourceResult, place: Locator) -> list[Service]:
    """Give the services of a list the best positions that are known."""
    ours = _is_ours(result) and not is_sheet(result.source.id)
    return [place.place(service, ours=ours) for service in result.services]


def without_confidential(
    inputs: BuildInput,
    lists: Iterable[SourceResult],
    addresses: AddressSources,
    doubted: Collection[str],
) -> BuildInput:
    """Give what a build would start from if no list had ever held a confidential record.

    `lists` are all that were read, not placed yet; `doubted` are lines of what is missing that may
    repeat a cell of a list, and are left out.
    """
    public = [
        replace(result, services=[s for s in result.services if not is_confidential(s)])
        for result in lists
    ]
    place = addresses.locator([result for result in public if not is_sheet(result.source.id)])
    anew = {service.service_id: service for result in public for service in placed(result, place)}
    hidden = {service.service_id for service in inputs.services if is_confidential(service)}
    return replace(
        inputs,
        gazetteer=place.gazetteer,
        services=[
            _placed_anew(service, anew.get(service.service_id))
            for service in inputs.services
            if service.service_id not in hidden
        ],
        decisions=[
            decision
            for decision in inputs.decisions
            if hidden.isdisjoint((decision.left_id, decision.right_id))
        ],
        translations=[text for text in inputs.translations if text.service_id not in hidden],
        missing=[line for line in inputs.missing if line not in doubted],
    )


def meeting(lines: gpd.GeoDataFrame, outline: shapely.Geometry) -> Bools:
    """Say of each line whether it meets an outline.

    Parameters
    ----------
    lines : GeoDataFrame
        Of any length n.
    outline : Geometry
        In the reference system of the lines.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where it does.
    """
    shapely.prepare(outline)
    return np.asarray(shapely.intersects(outline, lines.geometry.to_numpy()), bool)


def _in_city(lines: gpd.GeoDataFrame | None, layers: Layers) -> gpd.GeoDataFrame | None:
    """Leave out the streets over the border: an address of the city is on none of them."""
    if lines is None or not layers.outlined:
        return lines
    return lines[meeting(lines, layers.municipi.to_crs(lines.crs).union_all())]


def _is_ours(result: SourceResult) -> bool:
    """Whether our own geocoder found the points of a list, on an earlier day."""
    return "precision" in result.source.columns


def _placed_anew(service: Service, anew: Service | None) -> Service:
    """Take a record where it is placed now, if it is the one in force, and not a newer one."""
    if anew is None or _unplaced(anew) != _unplaced(service):
        return service
    return anew


def _unplaced(service: Service) -> Service:
    places = (place.model_copy(update={"position": Position()}) for place in service.locations)
    return service.model_copy(update={"locations": tuple(places)})
