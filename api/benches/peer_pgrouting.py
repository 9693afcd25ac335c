"""pgRouting on PostGIS as a peer of the look-ups."""

from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from api.benches.graph import COUNT, CUTOFF_SECONDS, PROFILE, BenchGraph
from api.benches.postgres import running, server_program
from api.benches.walks import padded
from api.benches.worker import Asks, peak_megabytes
from mapping.errors import BadInputError
from mapping.walking.profiles import profile

LOOK_UPS = 100
"""So many of the origins."""
TABLES = """
CREATE EXTENSION pgrouting CASCADE;
CREATE TABLE node (id bigint PRIMARY KEY, x float8, y float8, geom geometry(Point));
CREATE TABLE street (
    id bigint PRIMARY KEY, source bigint, target bigint, cost float8, geom geometry(LineString)
);
CREATE TABLE service (node bigint PRIMARY KEY, geom geometry(Point));
"""
PREPARED = """
UPDATE node SET geom = ST_MakePoint(x, y);
UPDATE street SET geom = ST_MakeLine(a.geom, b.geom)
    FROM node a, node b WHERE a.id = source AND b.id = target;
INSERT INTO service SELECT id, geom FROM node WHERE id = ANY(%s);
"""
INDEXES = """
CREATE INDEX ON node USING gist (geom);
CREATE INDEX ON street USING gist (geom);
CREATE INDEX ON service USING gist (geom);
VACUUM ANALYZE
"""
# Only streets and services within the cut-off in a straight line are read, and the search ends at
# the fifth service.
LOOK_UP = """
WITH place AS (
    SELECT point AS geom, ST_Expand(point, %(reach)s) AS box
    FROM ST_MakePoint(%(x)s, %(y)s) AS point
)
SELECT way.end_vid, way.node, way.edge, way.agg_cost
FROM place, pgr_dijkstraNear(
    format('SELECT id, source, target, cost FROM street WHERE geom && %%L::geometry', place.box),
    (SELECT id FROM node ORDER BY node.geom <-> place.geom LIMIT 1),
    (SELECT array_agg(node) FROM service WHERE service.geom && place.box),
    directed => false, cap => %(count)s
) AS way
"""


def look_ups(folder: Path) -> Asks:
    """Load the streets into a server of our own, indexed and analysed, and prepare look-ups.

    Memory is that of the server's process. Raises BadInputError when pgRouting is not
    installed.
    """
    bench = BenchGraph.read(folder)
    program = server_program("pgrouting")
    if program is None:
        raise BadInputError("No PostgreSQL server with pgRouting. Install it: `make setup-bench`.")
    with ExitStack() as stack:
        socket = stack.enter_context(running(program))
        conninfo = f"host={socket} user=postgres dbname=postgres"
        connection = stack.enter_context(psycopg.connect(conninfo, autocommit=True))
        _load(connection, bench)
        close = stack.pop_all().close
    return Asks(
        [partial(_ask, connection, bench, int(node)) for node in bench.origins[:LOOK_UPS]],
        _seconds,
        lambda: peak_megabytes(connection.info.backend_pid),
        close,
    )


def _ask(connection: psycopg.Connection, bench: BenchGraph, node: int) -> list[tuple[Any, ...]]:
    reach = CUTOFF_SECONDS * profile(PROFILE).metres_per_second
    x, y = float(bench.network.node_x[node]), float(bench.network.node_y[node])
    parameters = {"x": x, "y": y, "reach": reach, "count": COUNT}
    return connection.execute(LOOK_UP, parameters, prepare=True).fetchall()


def _seconds(rows: Iterable[tuple[Any, ...]]) -> np.typing.NDArray[np.float64]:
    totals: dict[int, float] = {}
    for end, _, _, cost in rows:
        totals[end] = max(totals.get(end, 0.0), cost)
    return padded([cost for cost in totals.values() if cost <= CUTOFF_SECONDS])


def _load(connection: psycopg.Connection, bench: BenchGraph) -> None:
    network, streets = bench.network, bench.streets
    connection.execute(TABLES)
    nodes = range(len(network.node_x)), network.node_x.tolist(), network.node_y.tolist()
    _copy(connection, "node (id, x, y)", zip(*nodes, strict=True))
    edges = range(len(streets[0])), *(part.tolist() for part in streets)
    _copy(connection, "street (id, source, target, cost)", zip(*edges, strict=True))
    for statement in PREPARED.split(";\n")[:-1]:
        values = [bench.services.tolist()] if "%s" in statement else None
        connection.execute(statement, values)
    for statement in INDEXES.split(";"):
        connection.execute(statement)


def _copy(connection: psycopg.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
