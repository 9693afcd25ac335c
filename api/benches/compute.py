"""The computing stage of a build, on one city, with more services, and on cities side by side."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.benches.contest import limit_row
from api.benches.worker import peak_megabytes
from api.jobs.build import fetcher
from api.settings import Settings, collect_seldom
from ingest.run import Ingest
from mapping.arrays import Floats
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City, city
from mapping.coverage import assess, equity_table
from mapping.coverage import blocks as coverage_blocks
from mapping.coverage.case_measure import Assessment
from mapping.coverage.cases import list_cases, living_services
from mapping.coverage.study_area import make_study_area
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.greyzones.zone_table import ZoneContext, zone_table, zones
from mapping.territory.areas import Areas, assemble
from mapping.territory.income import Income
from mapping.walking.network import Network

WORK = "coverage and zones of every category, profile, window"
RUNS = 3
SIZES = (4, 16)
LIMIT_SECONDS = 60
LINEAR = 1.25
MANY = (
    "Each of many cities takes a little longer than one alone, for sorting, and for drawn numbers"
    " that no cache of the processor holds (docs/scale.md)."
)
APART_METRES = 5000.0
Rows = list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Stage:
    """What the computing stage is given."""

    place: City
    areas: Areas
    network: Network
    services: gpd.GeoDataFrame
    caps: dict[str, set[str]]
    today: date

    @classmethod
    def of_edition(cls, settings: Settings) -> Self:
        """Read the published edition, and the areas from the sources it was built from.

        Raises BadInputError when the edition has no streets.
        """
        place, edition = city(settings.city), Edition.open(current(settings.editions))
        if edition.network is None or edition.gazetteer is None:
            raise BadInputError("The edition has no streets. Build it from a mirror: --mirror DIR.")
        hand = fetcher(settings, offline=True)
        with Catalogue.open("sqlite://") as catalogue:
            layers = Ingest(place, hand, lambda _: None).run(catalogue).layers
        return cls(
            place,
            assemble(layers, place, edition.gazetteer.civics),
            edition.network,
            edition.frame("services.parquet"),
            edition.gazetteer.municipi_of_cap(),
            date.fromisoformat(str(edition.manifest.parameters["today"])),
        )

    def compute(self) -> int:
        """Compute coverage, indices and zones of every category, profile, window and need."""
        study_area = make_study_area(self.areas, self.network, self.caps)
        field = ZoneContext(study_area, self.place, living_services(self.services))

        def ask(assessment: Assessment) -> tuple[pd.DataFrame, list[equity_table.Row]]:
            return zones(assessment, field), equity_table.rows(assessment, study_area)

        cases = list_cases(self.services, study_area, self.place, self.today)
        blocks, answers = assess.assess(cases, study_area, ask)
        zone_table([zones for zones, _ in answers], field, None)
        equity_table.table(row for _, rows in answers for row in rows)
        return len(coverage_blocks.table(blocks))

    def cities(self, count: int) -> Self:
        """Put copies of the city side by side, too far apart to walk from one to the next."""
        wide = float(np.ptp(self.network.node_x)) + APART_METRES
        return replace(
            self,
            areas=_areas(self.areas, count, wide),
            network=_network(self.network, count, wide),
            services=_services(self.services, count, wide, self.place.epsg),
        )

    def services_alone(self, count: int) -> Self:
        """Multiply the services where they stand, on the same streets."""
        return replace(self, services=_services(self.services, count, 0.0, self.place.epsg))


def compute(variables: dict[str, str]) -> Rows:
    """Measure the stage against a limit, and with more services, in a process of its own."""
    return _beside_one(variables, "services")


def compute_cities(variables: dict[str, str]) -> Rows:
    """Measure the stage on several cities, against as many times the time of one."""
    return _beside_one(variables, "cities")[1:]


def _beside_one(variables: dict[str, str], what: str) -> Rows:
    command = [sys.executable, "-m", __name__, what]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BadInputError(f"The computing stage failed: {reason}. Run `prossima doctor`.")
    first, *sizes = json.loads(done.stdout)
    rows = [limit_row(WORK, first["seconds"], LIMIT_SECONDS, megabytes=first["megabytes"])]
    for size in sizes:
        work = f"{WORK}; {size['times']} times the {size['what']}"
        # Twice the work in twice the time is a ratio of 1; a quarter more is still called linear.
        linear = size["times"] * first["seconds"] * LINEAR
        row = limit_row(work, size["seconds"], linear, megabytes=size["megabytes"])
        rows.append(row | {"lost": MANY})
    return rows


def measure(settings: Settings, work: str) -> Iterator[dict[str, float | str]]:
    """Compute one city, then more of it, the smallest first, for memory is the peak so far."""
    stage = Stage.of_edition(settings)
    stage.compute()  # the kernels are compiled
    yield _measured("city", 1, stage, RUNS)
    for times in SIZES:
        if work == "services":
            yield _measured("services", times, stage.services_alone(times), 1)
        else:
            yield _measured("nodes, sections and services", times, stage.cities(times), 1)


def _measured(work: str, times: int, stage: Stage, runs: int) -> dict[str, float | str]:
    seconds = statistics.median(_seconds(stage) for _ in range(runs))
    return {"what": work, "times": times, "seconds": seconds, "megabytes": peak_megabytes()}


def _seconds(stage: Stage) -> float:
    start = time.perf_counter()
    if not stage.compute():
        raise BadInputError("No coverage came of it: the measurement is void.")
    return time.perf_counter() - start


def _network(network: Network, count: int, wide: float) -> Network:
    copy, nodes = np.arange(count), len(network.node_x)
    edges, vertices = len(network.edge_u), len(network.vertex_x)
    shift = network.vertex_offset[1:] + copy[:, None] * vertices
    return replace(
        network,
        node_x=_beside(network.node_x, count, wide),
        node_y=np.tile(network.node_y, count),
        edge_u=np.tile(network.edge_u, count) + np.repeat(copy * nodes, edges),
        edge_v=np.tile(network.edge_v, count) + np.repeat(copy * nodes, edges),
        edge_metres=np.tile(network.edge_metres, count),
        edge_name=np.tile(network.edge_name, count),
        edge_kind=np.tile(network.edge_kind, count),
        edge_slope=np.tile(network.edge_slope, count),
        vertex_offset=np.concatenate([network.vertex_offset[:1], shift.ravel()]),
        vertex_x=_beside(network.vertex_x, count, wide),
        vertex_y=np.tile(network.vertex_y, count),
    )


def _beside(x: Floats, count: int, wide: float) -> Floats:
    return np.tile(x, count) + np.repeat(np.arange(count) * wide, len(x))


def _areas(areas: Areas, count: int, wide: float) -> Areas:
    cells = areas.cells
    vertices = np.repeat(np.arange(count), shapely.get_num_coordinates(cells.shapes).sum())
    shapes = np.tile(cells.shapes, count)
    at = shapely.get_coordinates(shapes)
    at[:, 0] += vertices * wide
    copies = replace(
        cells,
        area_id=np.array([f"{n}-{name}" for n in range(count) for name in cells.area_id], object),
        shapes=shapely.set_coordinates(shapes.copy(), at),
        nil=np.tile(cells.nil, count),
        municipio=np.tile(cells.municipio, count),
        residents=np.tile(cells.residents, count),
        bands=np.tile(cells.bands, (count, 1)),
        income=_income(cells.income, count),
    )
    return replace(areas, cells=copies)


def _income(income: Income | None, count: int) -> Income | None:
    if income is None:
        return None
    return Income(
        np.tile(income.mean_euro, count),
        np.tile(income.low_share_min, count),
        np.tile(income.low_share_max, count),
        np.tile(income.postcode, count),
        income.postcodes,
    )


def _services(services: gpd.GeoDataFrame, count: int, wide: float, epsg: int) -> gpd.GeoDataFrame:
    metric = services.to_crs(epsg)
    copies = [metric.set_geometry(metric.translate(n * wide)) for n in range(count)]
    return gpd.GeoDataFrame(pd.concat(copies, ignore_index=True)).to_crs(services.crs)


if __name__ == "__main__":
    collect_seldom()  # as a build does
    sys.stdout.write(json.dumps(list(measure(Settings(), sys.argv[1]))))
