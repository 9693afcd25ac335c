"""A process killed in the middle of an import: every batch is whole or absent, and can be repeated.

Moments drawn once and for all, fifty of each database where everything is tested;
tests/mapping/catalogue/test_catalogue.py kills at every single statement of one import, on SQLite.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database, quarantine, revisions, runs, writing
from tests.mapping.catalogue.importing import READINGS, SOURCES, import_all

ROOT = Path(__file__).parents[3]
NOT_EVEN_OPEN = -1
RECORD = (runs, quarantine, revisions)
Kill = Callable[[str, int, float], int]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    program = [sys.executable, str(Path(__file__).with_name("importing.py"))]
    with subprocess.Popen(  # noqa: S603
        program,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as importer:

        def order(url: str, batches: int, pause: float) -> int:
            importer.stdin.write(json.dumps([url, batches, pause]) + "\n")
            return int(importer.stdout.readline())

        yield order


def tables(url: str) -> list[list[dict]]:
    """Read runs, quarantine and revisions as one: in turn, after a killed writer has let go."""
    engine = open_database(url)
    with writing(engine) as connection:
        said = [
            [
                dict(row)
                for row in connection.execute(sa.select(one).order_by(*one.primary_key)).mappings()
            ]
            for one in (runs, quarantine, revisions)
        ]
        if engine.dialect.name == "postgresql":
            assert connection.exec_driver_sql(MISPLACED).scalar_one() == 0
    engine.dispose()
    return said


MISPLACED = """
SELECT count(*) FROM service_revision AS said LEFT JOIN service_location AS placed
USING (revision_id) WHERE (said.state = 'published') <> (placed.geom IS NOT NULL)
"""
"""On PostGIS the place of a published revision is part of it."""


def history(url: str) -> list[tuple]:
    told = ("service_id", "state", "source_id", "content_hash", "content")
    return [tuple(row[name] for name in told) for row in tables(url)[2]]


def whole_batches(url: str) -> int:
    """Check all that a catalogue promises, and count the batches of the second reading."""
    read, refused, said = tables(url)
    kept_out = Counter(row["run_id"] for row in refused)
    made = Counter((row["source_id"], row["recorded_at"]) for row in said)
    for row in read:
        assert row["rows_in"] == row["rows_kept"] + row["rows_quarantined"] == 5
        assert kept_out[row["run_id"]] == 2
        # At first three services are new; then one is new, one has changed and one is gone.
        assert made[row["source_id"], row["finished_at"]] == 3
    assert (len(said), len(refused)) == (3 * len(read), 2 * len(read))
    assert [row["source_id"] for row in read] == (SOURCES * 2)[: len(read)]
    assert all(hash_of(row["content"]) == row["content_hash"] for row in said)
    return len(read) - len(SOURCES)


def hash_of(content: dict) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("count", [8, pytest.param(50, marks=pytest.mark.all)])
def test_an_import_killed_at_any_moment_is_whole_and_can_be_repeated(
    new_store, kill: Kill, count: int
) -> None:
    with new_store() as url:
        import_all(url, READINGS[0])
        started = time.monotonic()
        import_all(url, READINGS[1])
        seconds_a_batch = (time.monotonic() - started) / len(SOURCES)
        undisturbed = history(url)
        assert whole_batches(url) == len(SOURCES)
    moments = np.random.default_rng(2026)
    for turn in range(count):
        batches = turn % len(SOURCES)
        pause = moments.uniform(0, seconds_a_batch)
        while True:
            with new_store() as url:
                import_all(url, READINGS[0])
                status = kill(url, batches, pause)
                done = whole_batches(url)
                import_all(url, READINGS[1])
                assert history(url) == undisturbed
            if done <= batches + 1 and status == signal.SIGALRM:
                break
            # The batches went by faster than they were measured: cut the same one earlier.
            pause /= 2


@pytest.mark.slow
@pytest.mark.postgis
@pytest.mark.parametrize("count", [4, pytest.param(12, marks=pytest.mark.all)])
def test_a_first_opening_on_postgis_killed_at_any_moment_can_be_repeated(
    postgres, kill: Kill, count: int
) -> None:
    with postgres.database("template0") as url:
        started = time.monotonic()
        Catalogue.open(url).close()
        seconds = time.monotonic() - started
    opened = []
    for pause in np.random.default_rng(2027).uniform(0, seconds, count):
        with postgres.database("template0") as url:
            assert kill(url, NOT_EVEN_OPEN, pause) in {0, signal.SIGALRM}
            made = "SELECT 1 FROM pg_class WHERE relname = 'qgis_nido'"
            opened.append(bool(postgres.ask(made, sa.make_url(url).database)))
            import_all(url, READINGS[0])
            # One killed late may have imported as well: what is in force is the same.
            with Catalogue.open(url) as catalogue:
                assert len(catalogue.current()) == len(SOURCES) * len(READINGS[0])
    assert False in opened
