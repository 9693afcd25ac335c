"""What a region costs a server: drawn cities of 1, 4 and 16 times the nodes of the edition's.

``python -m api.benches.region`` prints a row for each size, measured in a process of its own.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from api.benches.graph import CUTOFF_SECONDS, BenchGraph, draw_city, feet_on, of_edition
from api.benches.walks import look_ups
from api.benches.worker import peak_megabytes
from api.settings import Settings
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.walking import routing
from mapping.walking.profiles import profile

SIZES = (1, 4, 16)
COUNT = 8
"""Services that a build measures the walk to, from everywhere."""


def measure(settings: Settings) -> list[dict[str, Any]]:
    """Draw a city of each size, and measure each in a process of its own."""
    own_graph = of_edition(Edition.open(current(settings.editions)), city(settings.city).epsg)
    rows = []
    for times in SIZES:
        with tempfile.TemporaryDirectory(prefix="prossima-region-") as folder:
            draw_city(times * len(own_graph.network.node_x), own_graph).write(Path(folder))
            done = subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "api.benches.region", folder],
                check=True,
                capture_output=True,
                text=True,
            )
        rows.append({"times": times, **json.loads(done.stdout)})
    return rows


def measure_one(folder: Path) -> dict[str, float]:
    """Open the graph, ask it, and search it whole."""
    start = time.perf_counter()
    asks = look_ups(folder).each
    asks[0]()
    open_seconds = time.perf_counter() - start
    seconds = []
    for ask in asks:
        start = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - start)
    megabytes = peak_megabytes()
    bench = BenchGraph.read(folder)
    graph = routing.graph(bench.network, profile("adult"))
    to = routing.targets(graph, feet_on(bench.network, bench.services))
    everywhere = feet_on(bench.network, np.arange(len(bench.network.node_x)))
    start = time.perf_counter()
    routing.nearest_k(graph, everywhere, to, count=COUNT, max_seconds=CUTOFF_SECONDS)
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {
        "nodes": len(bench.network.node_x),
        "services": len(bench.services),
        "disk_megabytes": (folder / "network.arrow").stat().st_size / 1e6,
        "open_seconds": open_seconds,
        "megabytes": megabytes,
        "look_up_p50_ms": p50,
        "look_up_p99_ms": p99,
        "nearest_of_all_seconds": time.perf_counter() - start,
    }


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.stdout.write(json.dumps(measure_one(Path(sys.argv[1]))))
    else:
        for row in measure(Settings()):
            sys.stdout.write(f"{json.dumps(row)}\n")
