"""No download is kept that names a confidential place: real builds from a loopback publisher."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import xlsxwriter

from mapping.catalogue.catalogue import Catalogue
from mapping.disclosure import is_confidential
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.leaks.confidential_records import confidential_records
from mapping.leaks.leak_scan import Leak, leaks
from mapping.leaks.public_ground import PublicGround
from tests.ingest.portal import Page, Portal, as_json
from tests.leaks.conftest import Run
from tests.leaks.drawn_sources import (
    CITY,
    DESKS,
    LIST,
    MAP,
    SECRET_POINTS,
    SECRET_TEXTS,
    write_config,
    write_mirror,
)
from tests.overlay import write

LISTS = ("sportelli", "mappa", "elenco", "corsi")
COURSES = (
    ("id", "name", "kind", "street", "lon", "lat", "phone"),
    (1, "Ascolto Ponte", "Centro d'ascolto", "via Lariana 25", 9.2105, 45.6, "031666666"),
)
HIDDEN_COURSES = (
    (2, "Falco", "Antiviolenza", "via Segreta 41", *SECRET_POINTS[1], "029871234"),
    (3, "Falco", "Antiviolenza", "via Segreta 43", *SECRET_POINTS[1], "#N/A"),
    (4, "Falco", "#N/A", "via Segreta 45", *SECRET_POINTS[1], "029871234"),
)
"""The last two cannot be read: a cell of each is an error."""
WORDS = (*SECRET_TEXTS, "Falco")


@dataclass
class Town:
    """A city whose lists are published on the loopback."""

    folder: Path
    run: Run
    portal: Portal = field(default_factory=Portal)

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def where(self) -> dict[str, Path]:
        return {"var": self.var, "config": self.folder / "config"}

    @property
    def edition(self) -> Edition:
        return Edition.open(current(self.var / "editions"))

    def command(self, *words: str, code: int = 0) -> str:
        """Run a command, and give what it prints."""
        given, printed = self.run(*words, **self.where)
        assert given == code, printed
        return printed

    def build(self, *words: str) -> str:
        return self.command("build", "--mirror", str(self.folder / "mirror"), *words)

    def hold(self, path: str) -> threading.Event:
        """Let a list break in the middle, and nothing more of it come."""
        page = self.portal.pages[path]
        page.cuts, page.hold = [len(page.body) - 40] * 9, threading.Event()
        return page.hold


def _town(folder: Path, run: Run, *, secret: bool) -> Town:
    folder.mkdir()
    town = Town(folder, run)
    threading.Thread(target=town.portal.serve_forever, daemon=True).start()
    files = write_mirror(folder / "mirror", secret=secret)
    records = json.loads((files / "elenco.json").read_text(encoding="utf-8"))
    records = [record for record in records if isinstance(record, dict)]
    pages = town.portal.pages
    pages["/sportelli.csv"] = Page((files / "sportelli.csv").read_bytes(), etag='"1"')
    pages["/mappa.kml"] = Page((files / "mappa.kml").read_bytes(), kind="application/xml")
    pages["/corsi.xlsx"] = Page(_workbook([*COURSES, *HIDDEN_COURSES] if secret else [*COURSES]))
    listed = [{"id": record["id"]} for record in records]
    pages["/services?page=1&per_page=100"] = as_json({"total_pages": 1, "contents": listed})
    for record in records:
        pages[f"/services/{record['id']}"] = as_json(record)
    for name in ("sportelli.csv", "mappa.kml", "elenco.json"):
        (files / name).unlink()
    _write_config(folder / "config", town.portal.address)
    return town


def _workbook(rows: list[tuple[object, ...]]) -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink) as book:
        sheet = book.add_worksheet("corsi")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
            for column in (place for place, cell in enumerate(row) if cell == "#N/A"):
                sheet.write_formula(number, column, "=NA()", None, "#N/A")
    return sink.getvalue()


def _write_config(folder: Path, address: str) -> None:
    write_config(folder)
    live = f'live = ["{address}/FILE"]'
    declared = {
        "sportelli": (DESKS, 'mirror = "sportelli.csv"', live.replace("FILE", "sportelli.csv")),
        "mappa": (MAP, 'mirror = "mappa.kml"', live.replace("FILE", "mappa.kml")),
        "elenco": (LIST, 'mirror = "elenco.json"', f'live = [{{ hsds = "{address}" }}]'),
        "corsi": (
            DESKS.replace('reader = "csv"', 'reader = "workbook"'),
            'mirror = "sportelli.csv"',
            live.replace("FILE", "corsi.xlsx"),
        ),
    }
    files = {f"sources/{name}.toml": text.replace(a, b) for name, (text, a, b) in declared.items()}
    write(
        folder, files | {"cities/valdilago.toml": CITY.replace('"elenco"]', '"elenco", "corsi"]')}
    )


@pytest.fixture
def town(run: Run, tmp_path: Path) -> Iterator[Town]:
    yield from _open(_town(tmp_path / "with", run, secret=True))


@pytest.fixture(scope="module")
def built(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Build once, of lists with confidential rows."""
    town = _town(tmp_path_factory.mktemp("raw") / "with", run, secret=True)
    town.build()
    yield from _open(town)


@pytest.fixture(scope="module")
def built_without(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = _town(tmp_path_factory.mktemp("raw") / "without", run, secret=False)
    town.build()
    yield from _open(town)


def _open(town: Town) -> Iterator[Town]:
    yield town
    town.portal.shutdown()
    town.portal.server_close()


def _told(town: Town, catalogue: Path | None = None) -> dict[str, list[Leak] | list[str]]:
    """Say which files beside the catalogue hold a word or a point, decoded or as they are."""
    with Catalogue.open(f"sqlite:///{catalogue or town.var / 'catalogue.sqlite'}") as opened:
        services = opened.current()
    assert sum(map(is_confidential, services)) == 13
    records = confidential_records(services, 32632)
    told: dict[str, list[Leak] | list[str]] = {}
    for path in sorted(town.var.rglob("*")):
        if not path.is_file() or path.name.startswith("catalogue.sqlite"):
            continue
        body = path.read_bytes()
        plain = [word for word in WORDS if word.encode() in body]
        # As a member of an archive it is read by how it begins, whatever it is called.
        packed = town.folder / "packed.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(path.name, body)
        try:
            found = leaks([packed], records, PublicGround.of([])) or plain
        except BadInputError:
            found = ["it cannot be read, as the half of a workbook"]
        if found:
            told[str(path.relative_to(town.var))] = found
    return told


def test_after_a_build_the_catalogue_alone_knows_them(built: Town) -> None:
    """The lists are a table, a map, a workbook and pages of records."""
    assert {name: entry.rows_kept for name, entry in _entries(built).items() if name in LISTS} == {
        "sportelli": 3, "mappa": 1, "elenco": 1, "corsi": 1,
    }  # fmt: skip
    assert _told(built) == {}
    assert {path.stem for path in (built.var / "raw" / "index").iterdir()} == set(LISTS)
    assert "no download" in _doctor(built)


def test_without_the_publisher_the_services_stay_and_no_byte_tells(
    built: Town, built_without: Town
) -> None:
    """The build says so in one line of each list; editions with and without them are the same."""
    asked = len(built_without.portal.asked)
    printed = built.build("--offline")
    built_without.build()
    assert len(built_without.portal.asked) == asked, "a list with nothing to hide was not kept"
    lines = [line for line in printed.splitlines() if "no copy is kept" in line]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(LISTS)
    assert built.edition.manifest.files == built_without.edition.manifest.files
    mine, theirs = _entries(built), _entries(built_without)
    for name in LISTS:
        assert mine[name].model_dump(exclude={"retrieved"}) == theirs[name].model_dump(
            exclude={"retrieved"}
        )
    assert _told(built) == {}


def test_the_next_build_fetches_them_anew_and_a_transfer_that_breaks_leaves_no_part(
    built: Town,
) -> None:
    page = built.portal.pages["/corsi.xlsx"]
    page.cuts, page.etag = [len(page.body) - 40, 0, 0], '"1"'
    built.portal.asked.clear()
    printed = built.build()
    page.cuts, page.etag = [], None
    assert "corsi: not read now (live" in printed
    assert "the transfer broke 3 times" in printed
    asked = {path for path, _ in built.portal.asked}
    assert {"/sportelli.csv", "/mappa.kml", "/services?page=1&per_page=100"} < asked
    assert _told(built) == {}


@pytest.mark.parametrize(
    "broken", ["/mappa.kml", pytest.param("/corsi.xlsx", marks=pytest.mark.all)]
)
def test_what_a_killed_build_left_is_deleted_by_the_next(
    built: Town, town: Town, broken: str
) -> None:
    """Whole lists that nobody judged, and the part of one, at whatever point it was killed."""
    release = town.hold(broken)
    catalogue = built.var / "catalogue.sqlite"
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "api.cli", "build", "--mirror", str(town.folder / "mirror")],
        env=os.environ
        | {
            "PROSSIMA_VAR": str(town.var),
            "PROSSIMA_CONFIG": str(town.where["config"]),
            "PROSSIMA_CITY": "valdilago",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for(lambda: any(_parts(town)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    release.set()
    assert _told(town, catalogue)
    assert "downloads may name a confidential place" in _doctor(town)
    town.run("build", "--offline", "--no-publish", **town.where)
    assert _told(town, catalogue) == {}


def _parts(town: Town) -> Iterator[Path]:
    return (path for path in town.var.glob("raw/**/*.part") if path.stat().st_size)


def test_old_copies_are_named_and_removed(built: Town) -> None:
    """As an earlier version left them: a copy with its note, one without, and parts."""
    raw, body = built.var / "raw", built.portal.pages["/sportelli.csv"].body
    kept = raw / "index" / "sportelli.json"
    before = kept.read_bytes()
    note = {
        "origin": f"{built.portal.address}/sportelli.csv", "file": "ab/ab.csv", "sha256": "ab",
        "version": {"url": "http://a.example"}, "retrieved": "2026-11-01T00:00:00Z",
    }  # fmt: skip
    kept.write_text(json.dumps(note), encoding="utf-8")
    for name in ("ab/ab.csv", "cd/cd.csv", "parts/sportelli-0123456789ab.part"):
        (raw / name).parent.mkdir(exist_ok=True)
        (raw / name).write_bytes(body)
    layer = raw / "parts" / "dbt_streets-0123456789ab.part"
    layer.write_bytes(b"a street")
    printed = _doctor(built)
    assert "3 downloads may name a confidential place" in printed
    assert "prossima sources prune" in printed
    assert "3 downloads removed" in built.command("sources", "prune")
    assert layer.exists()
    assert _told(built) == {}
    assert "no download" in _doctor(built)
    kept.write_bytes(before)


@pytest.mark.all
def test_a_row_that_becomes_confidential_takes_its_copy_along(built_without: Town) -> None:
    index = built_without.var / "raw" / "index"
    assert list(built_without.var.glob("raw/??/*.csv"))
    built_without.command("review", "hide", "sportelli:2", "--actor", "anna")
    built_without.build("--offline", "--accept-loss")
    assert not list(built_without.var.glob("raw/??/*.csv"))
    public = json.loads((index / "sportelli.json").read_text(encoding="utf-8"))["reading"]
    assert "Ascolto Lago" in public
    assert "Ascolto Monte" not in public
    built_without.command("review", "hide", "sportelli:1", "--actor", "anna")
    built_without.build("--offline", "--accept-loss")
    assert "Ascolto Lago" not in (index / "sportelli.json").read_text(encoding="utf-8")


def test_other_commands_keep_none_either(built: Town, built_without: Town) -> None:
    built.command("sources", "check", "--mirror", str(built.folder / "mirror"))
    printed = built.command("sources", "fetch", "corsi", code=2)
    assert "no copy of it is kept" in printed
    assert _told(built) == {}
    shutil.rmtree(built_without.var / "raw")
    path = Path(built_without.command("sources", "fetch", "corsi").partition(" (")[0])
    assert path.read_bytes() == built_without.portal.pages["/corsi.xlsx"].body


def _doctor(town: Town) -> str:
    _, printed = town.run("doctor", **town.where)
    return " ".join(printed.split())


def _entries(town: Town) -> dict[str, object]:
    return {entry.id: entry for entry in town.edition.manifest.sources}


def _wait_for(happened: Callable[[], bool]) -> None:
    for _ in range(6000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("it did not happen within a minute")
