"""A long day in minutes: look-ups and pages, editions that change, a database that goes away.

`make soak`, or ``python -m api.benches.soak``; SOAK_SECONDS says how long. Nothing may fail,
what was accepted may not be lost, and memory is at the end what it was at the start.
"""

import itertools
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np

from api.benches.job import environment, server_process
from api.benches.postgres import LocalServer, restartable, server_program
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from mapping.catalogue.transfer import transfer
from mapping.city import city
from mapping.edition import withheld
from mapping.edition.edition import Edition, current, publish
from mapping.edition.edition_writer import write
from mapping.edition.manifest import read_manifest
from mapping.errors import BadInputError
from mapping.taxonomy import placed_category
from mapping.text import Say

SECONDS = 600.0
SWAP_SECONDS = 30.0
CLIENTS = 3
LOOK_UP_SHARE = 0.9
PATIENCE_SECONDS = 100.0
"""Longer than the server takes for anything: half a minute of waiting, a minute of work."""
ATTEMPTS = 3
"""A client that is told to come again does so: on a busy machine a PDF may take its minute."""
REST_SECONDS = 30.0
"""For so long the server does not ask a database that was away (`api.reports.inbox`)."""
STOPPED_SHARE, MAX_STOPPED_SECONDS = 0.05, 60.0
MAX_GROWTH_SHARE, MAX_GROWTH_MEGABYTES = 0.1, 60.0
"""What memory may have grown by, the larger of the two, and still be called flat."""
WARM_UP_SECONDS, MAX_WARM_UPS, SETTLED_SHARE = 3.0, 4, 0.03
"""Rounds of both editions until one adds no more than this share to the memory."""
FORWARDED = "X-Forwarded-For"
CLOSED, SEE_OTHER, ERROR = 503, 303, 400
OTHERS = {"page": 50, "plan": 15, "pdf": 15, "report": 20}
"""What a tenth of the requests is, in parts of a hundred."""
PAGES = (
    "/",
    "/rete",
    "/rete?category=nido&level=municipio",
    "/servizi?category=nido",
    "/rete/zone",
)


@dataclass
class Tally:
    """What the clients have seen; a lock keeps their counts whole."""

    look_up_seconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    kept_reports: int = 0
    refused_reports: int = 0
    told_to_come_again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Outcome:
    """What a soak measured, and why it is not good enough."""

    lines: list[str]
    problems: list[str]


class Clients:
    """Ask a server all the time, each in a thread of its own."""

    def __init__(self, address: str, edition: Edition, epsg_centre: tuple[float, float]) -> None:
        self._address = address
        self._centre = epsg_centre
        services = edition.services.select(["service_id", "category"]).to_pylist()
        self._services = [row["service_id"] for row in services]
        self._categories = sorted({row["category"] for row in services})
        self._planned = [
            code for code in self._categories if placed_category(code).is_demand_declared
        ]
        self._seeds = itertools.count()  # nobody says again what was said while warming up
        self.tally = Tally()
        self.database_is_away = threading.Event()

    @contextmanager
    def asking(self, count: int = CLIENTS) -> Iterator[None]:
        """Ask until the end of the block."""
        ended = threading.Event()
        threads = [
            threading.Thread(target=self._ask_on, args=(next(self._seeds), ended))
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def _ask_on(self, seed: int, ended: threading.Event) -> None:
        rng = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
        # Each is somebody else, for a server that believes a proxy on this machine.
        sender = {FORWARDED: _sender(rng)}
        with httpx.Client(
            base_url=self._address, headers=sender, timeout=PATIENCE_SECONDS
        ) as client:
            while not ended.is_set():
                kind = "look-up"
                if rng.random() > LOOK_UP_SHARE:
                    (kind,) = rng.choices(list(OTHERS), list(OTHERS.values()))
                self._ask(client, rng, kind)

    def ask_each(self) -> None:
        """Ask every kind once, so that the server holds the same whenever memory is measured."""
        rng = random.Random(next(self._seeds))  # noqa: S311 - nothing is kept secret by it
        with httpx.Client(base_url=self._address, timeout=PATIENCE_SECONDS) as client:
            for kind in ("look-up", *OTHERS):
                self._ask(client, rng, kind)

    def _ask(self, client: httpx.Client, rng: random.Random, kind: str) -> None:
        asks: Mapping[str, Callable[[httpx.Client, random.Random], httpx.Response]] = {
            "look-up": self._look_up,
            "page": lambda client, rng: client.get(rng.choice(PAGES)),
            "plan": self._plan,
            "pdf": self._pdf,
            "report": self._report,
        }
        start, was_away = time.perf_counter(), self.database_is_away.is_set()
        try:
            answer = asks[kind](client, rng)
        except httpx.TransportError as error:
            with self.tally.lock:
                self.tally.errors[f"{kind}: {type(error).__name__}"] += 1
            return
        # One that was asked while the database was away may be answered when it is back.
        is_excused = was_away or self.database_is_away.is_set()
        self._count(kind, answer, time.perf_counter() - start, is_excused=is_excused)

    def _count(
        self, kind: str, answer: httpx.Response, seconds: float, *, is_excused: bool
    ) -> None:
        tally = self.tally
        with tally.lock:
            tally.kinds[kind] += 1
            if kind == "look-up":
                tally.look_up_seconds.append(seconds)
            if kind == "report" and answer.status_code == SEE_OTHER:
                tally.kept_reports += 1
            elif kind == "report" and answer.status_code == CLOSED and is_excused:
                tally.refused_reports += 1
            elif answer.status_code >= ERROR:
                tally.errors[f"{kind}: {answer.status_code}"] += 1

    def _look_up(self, client: httpx.Client, rng: random.Random) -> httpx.Response:
        lon, lat = self._centre
        where = {"lon": lon + rng.uniform(-0.03, 0.03), "lat": lat + rng.uniform(-0.03, 0.03)}
        body = {"where": where, "categories": [rng.choice(self._categories)]}
        return client.post("/v1/nearest", json=body)

    def _plan(self, client: httpx.Client, rng: random.Random) -> httpx.Response:
        return self._heavy(client, f"/v1/closures?category={rng.choice(self._planned)}")

    def _pdf(self, client: httpx.Client, rng: random.Random) -> httpx.Response:
        area, category = rng.randrange(1, 80), rng.choice(self._categories)
        return self._heavy(client, f"/rete/zona/nil/{area}.pdf?category={category}")

    def _heavy(self, client: httpx.Client, path: str) -> httpx.Response:
        answer = client.get(path)
        for _ in range(1, ATTEMPTS):
            if answer.status_code != CLOSED or "retry-after" not in answer.headers:
                break
            with self.tally.lock:
                self.tally.told_to_come_again += 1
            time.sleep(float(answer.headers["retry-after"]))
            answer = client.get(path)
        return answer

    def _report(self, client: httpx.Client, rng: random.Random) -> httpx.Response:
        service = quote(rng.choice(self._services), safe="")
        return client.post(
            f"/segnala/{service}",
            data={"kind": "wrong_hours"},
            headers={FORWARDED: _sender(rng)},  # nobody reports all day
        )


def _sender(rng: random.Random) -> str:
    return ".".join(str(rng.randrange(1, 250)) for _ in range(4))


def soak(settings: Settings, seconds: float, say: Say) -> Outcome:
    """Run a server under load for so long.

    Raises BadInputError when no edition is published.
    """
    edition = Edition.open(current(settings.editions))
    with (
        tempfile.TemporaryDirectory(prefix="prossima-soak-") as folder,
        _database(settings, Path(folder)) as (url, database),
    ):
        var = Path(folder) / "var"
        names = _two_editions(edition, var / "editions")
        variables = environment(settings, var) | {
            "PROSSIMA_DATABASE_URL": url,
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
        }
        with server_process(variables) as (address, process_id):
            clients = Clients(address, edition, city(edition.manifest.city).centre)
            say("warming up: each edition, every kind of request")
            before = _warmed_up(clients, (var / "editions", names), process_id)
            warmed = clients.tally
            clients.tally = Tally()
            say(f"{seconds:.0f} s of requests")
            with clients.asking():
                swaps = _bad_day(clients, database, (var / "editions", names), seconds)
            clients.ask_each()
            after = _megabytes(process_id)
            served = httpx.get(f"{address}/ready", timeout=PATIENCE_SECONDS).json()["edition"]
        recorded = _count_reports(url)
    clients.tally.errors.update(warmed.errors)
    is_lost = recorded < clients.tally.kept_reports + warmed.kept_reports
    problems = ["accepted reports are lost"] if is_lost else []
    if served != names[swaps % 2]:
        problems.append(f"{served} is served, and {names[swaps % 2]} was published")
    return _outcome(clients.tally, (before, after), swaps, problems)


def _outcome(
    tally: Tally, megabytes: tuple[float, float], swaps: int, problems: list[str]
) -> Outcome:
    p50, p99 = np.percentile(tally.look_up_seconds or [np.nan], [50, 99]) * 1000
    before, after = megabytes
    if after - before > max(MAX_GROWTH_MEGABYTES, MAX_GROWTH_SHARE * before):
        problems = [*problems, f"memory grew from {before:.0f} to {after:.0f} MB"]
    if tally.errors:
        problems = [*problems, "requests failed"]
    requests = ", ".join(f"{count:,} {kind}s" for kind, count in sorted(tally.kinds.items()))
    failed = ", ".join(f"{count} {kind}" for kind, count in sorted(tally.errors.items()))
    lines = [
        f"requests   {requests}; {swaps} editions swapped",
        f"errors     {tally.errors.total()}" + (f" ({failed})" if failed else ""),
        f"heavy      {tally.told_to_come_again} told to come again, as they did",
        f"reports    {tally.kept_reports} kept, {tally.refused_reports} told to come again while"
        " the database was away",
        f"look-ups   p50 {p50:.1f} ms, p99 {p99:.1f} ms",
        f"memory     {before:.0f} MB at the start, {after:.0f} MB at the end",
    ]
    return Outcome(lines, problems)


@contextmanager
def _database(settings: Settings, folder: Path) -> Iterator[tuple[str, LocalServer | None]]:
    """Give a copy of the catalogue on a server that can be stopped; else a file."""
    program = server_program()
    if program is None:
        url = f"sqlite:///{folder / 'catalogue.sqlite'}"
        Catalogue.open(url).close()
        yield url, None
        return
    with restartable(program) as server:
        url = f"postgresql+psycopg://postgres@/postgres?host={server.folder}"
        try:
            transfer(settings.catalogue_url, url)
        except BadInputError:  # there is none, or it is empty
            Catalogue.open(url).close()
        yield url, server


def _two_editions(edition: Edition, root: Path) -> tuple[str, str]:
    """Copy an edition, and write another of nearly the same content beside it."""
    root.mkdir(parents=True)
    shutil.copytree(edition.path, root / edition.id)
    shutil.copy(edition.path.parent / withheld.FILE, root)
    manifest = read_manifest(edition.path)
    tables = {
        file.name: (edition.path / file.name).read_bytes()
        if file.name.endswith(".pmtiles")
        else edition.table(file.name)
        for file in manifest.files
    }
    twin = write(
        root,
        tables,
        city=manifest.city,
        software_version=manifest.software_version,
        parameters=manifest.parameters,
        sources=manifest.sources,
    )
    publish(root, edition.id)
    return edition.id, twin.id


def _warmed_up(clients: Clients, editions: tuple[Path, tuple[str, str]], process_id: int) -> float:
    """Ask both editions in turn until memory has settled; give how much it is, in MB."""
    root, names = editions
    megabytes = [0.0]
    for _ in range(MAX_WARM_UPS):
        for name in reversed(names):
            publish(root, name)
            with clients.asking():
                time.sleep(WARM_UP_SECONDS)
        clients.ask_each()
        megabytes.append(_megabytes(process_id))
        if megabytes[-1] <= megabytes[-2] * (1 + SETTLED_SHARE):
            break
    return megabytes[-1]


def _bad_day(
    clients: Clients,
    database: LocalServer | None,
    editions: tuple[Path, tuple[str, str]],
    seconds: float,
) -> int:
    """Swap editions and stop the database twice while clients ask; give the number of swaps."""
    root, names = editions
    start, swaps = time.monotonic(), 0
    stopped = min(STOPPED_SHARE * seconds, MAX_STOPPED_SECONDS)
    every = min(SWAP_SECONDS, seconds / 4)
    moments = iter(sorted(_stops(seconds, stopped))) if database is not None else iter(())
    moment, act = next(moments, (None, None))
    while (now := time.monotonic() - start) < seconds:
        if now >= (swaps + 1) * every:
            swaps += 1
            publish(root, names[swaps % 2])
        if moment is not None and now >= moment and database is not None:
            _act(act, clients, database)
            moment, act = next(moments, (None, None))
        time.sleep(0.1)
    return swaps


def _stops(seconds: float, stopped: float) -> Iterator[tuple[float, str]]:
    for share in (0.25, 0.6):
        begin = share * seconds
        yield begin, "stop"
        yield begin + stopped, "start"
        yield begin + stopped + min(REST_SECONDS + 5, 0.25 * seconds), "expect"


def _act(act: str | None, clients: Clients, database: LocalServer) -> None:
    if act == "stop":
        clients.database_is_away.set()
        database.stop()
    elif act == "start":
        database.start()
    elif act == "expect":
        clients.database_is_away.clear()


def _count_reports(url: str) -> int:
    with Reports.open(url) as reports:
        return len(reports.waiting())


def _megabytes(process_id: int) -> float:
    """Sum the memory of a process and its children, what they share counted once."""
    time.sleep(2)  # what was begun for clients that have left ends
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    family = {process_id}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(_share_of_memory(member) for member in family) / 1024


def _share_of_memory(process_id: int) -> int:
    try:
        text = Path(f"/proc/{process_id}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Run it, print what it measured, and give the exit status."""
    outcome = soak(
        Settings(),
        float(os.environ.get("SOAK_SECONDS") or SECONDS),
        _say,
    )
    sys.stdout.write("\n".join([*outcome.lines, *(f"NOT GOOD   {p}" for p in outcome.problems)]))
    sys.stdout.write("\n")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
