"""The loading benchmark: synthetic lists of services through the whole pipeline."""

import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from api.benches.worker import peak_megabytes
from api.settings import Settings, collect_seldom
from ingest.locate import Locator
from ingest.readers.delimited import read_delimited
from ingest.services import read_services
from ingest.source import Source
from mapping.catalogue.batches import SourceBatch
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City, city
from mapping.disclosure import published_categories
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.geocoding.gazetteer import Gazetteer
from mapping.services.matching import match
from mapping.services.merging import cards

FIELDS = ("key", "name", "street", "civic", "phone", "hours", "ages")
SAME_SHARE = 0.5
"""Share of the rows of the second list that repeat one of the first in other words."""
_WORDS = ("alfa", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")
_Row = dict[str, str]


def run(rows: int, settings: Settings) -> dict[str, float]:
    """Read two lists of together `rows` synthetic rows, place, record and match them.

    The published edition gives the addresses.
    """
    place = city(settings.city)
    gazetteer = Edition.open(current(settings.editions)).gazetteer
    if gazetteer is None:
        raise BadInputError("The edition knows no address. Build one first: `prossima build`.")
    with tempfile.TemporaryDirectory() as folder:
        for name, part in _lists(rows // 2, gazetteer):
            _write(Path(folder) / name, part)
        start = time.perf_counter()
        services = _pipeline(Path(folder), place, gazetteer)
        seconds = time.perf_counter() - start
    if not rows // 2 <= services <= rows:
        raise BadInputError(f"{services} cards came of {rows} rows: the measurement is void.")
    return {"seconds": seconds, "megabytes": peak_megabytes()}


def _pipeline(folder: Path, place: City, gazetteer: Gazetteer) -> int:
    locator = Locator(place, gazetteer, surveyed=True)
    with Catalogue.open(f"sqlite:///{folder / 'catalogue.sqlite'}") as catalogue:
        for name in ("first", "second"):
            catalogue.record(_batch(folder, name, place, locator))
        recorded = catalogue.current()
    return len(cards(recorded, match(recorded, epsg=place.epsg).groups))


def _batch(folder: Path, name: str, place: City, locator: Locator) -> SourceBatch:
    table = read_delimited(folder / name, delimiter=",", source_id=name)
    reading = read_services(_source(name), table, place, lambda _lon, _lat: True)
    for row, service in enumerate(reading.services):
        reading.services[row] = locator.place(service, ours=False)
    return SourceBatch(
        source_id=name,
        sha256=None,
        taken_from="bundled",
        started_at=datetime.now(UTC),
        rows_in=table.rows_in,
        rows_kept=reading.rows_kept,
        quarantined=reading.quarantined,
        services=reading.services,
    )


def _lists(rows: int, gazetteer: Gazetteer) -> Iterator[tuple[str, list[_Row]]]:
    rng = random.Random(rows)  # noqa: S311 - nothing is kept secret by it
    first = [_row(number, rng, gazetteer) for number in range(rows)]
    yield "first", first
    yield (
        "second",
        [
            {**row, "name": row["name"].upper()}
            if rng.random() < SAME_SHARE
            else _row(number, rng, gazetteer)
            for number, row in enumerate(first)
        ],
    )


def _row(number: int, rng: random.Random, gazetteer: Gazetteer) -> _Row:
    street = rng.randrange(len(gazetteer.streets))
    start, end = gazetteer.civics.start[street : street + 2]
    civic = gazetteer.civics.number[rng.randrange(start, end)] if end > start else 1
    return {
        "key": str(number),
        "name": f"Riga sintetica {rng.choice(_WORDS)} {rng.choice(_WORDS)} {number}",
        "street": gazetteer.streets[street],
        "civic": str(civic),
        "phone": f"02 000 {number:06d}",
        "hours": "lun-ven 9-13 e 14-18",
        "ages": "3-36 mesi",
        "category": rng.choice(published_categories()),
    }


def _write(path: Path, rows: list[_Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*FIELDS, "category"])
        writer.writeheader()
        writer.writerows(rows)


def _source(name: str) -> Source:
    rules = [
        {"column": "category", "pattern": f"^{code}$", "category": code}
        for code in published_categories()
    ]
    fields = dict.fromkeys(("id", "title", "publisher", "licence", "attribution"), name)
    columns = {field: field for field in FIELDS}
    more = {"yields": "services", "reader": "csv", "columns": columns, "categories": rules}
    return Source.model_validate(fields | more)


if __name__ == "__main__":
    collect_seldom()
    sys.stdout.write(json.dumps(run(int(sys.argv[1]), Settings())))
