"""The server's edition: whatever the pointer says, the last good one goes on."""

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.app import create_app
from api.published import MAX_OTHERS, Shelf
from api.settings import Settings
from mapping.edition import edition_writer
from mapping.edition.edition import Edition, list_editions, publish
from mapping.edition.withheld import withhold
from mapping.errors import BadInputError, NoEditionError, OlderEditionError
from tests.api.test_defects import get
from tests.mapping.drawn_city import drawn_city, service
from tests.mapping.older_edition import make_older

NIDI = [service(100 * n, f"nido {n}") for n in range(1, 4)]


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drawn") / "editions"
    drawn_city(root, NIDI[:1])
    drawn_city(root, NIDI)
    return root


@pytest.fixture
def root(drawn: Path, tmp_path: Path) -> Path:
    shutil.copytree(drawn, tmp_path / "editions")
    return tmp_path / "editions"


@pytest.fixture
def shelf(root: Path) -> Shelf:
    shelf = Shelf(root)
    shelf.require_open()
    return shelf


def pipe(pointer: Path) -> None:
    os.mkfifo(pointer)


def folder(pointer: Path) -> None:
    pointer.mkdir()


def long_text(pointer: Path) -> None:
    pointer.write_bytes(b"\x1b[2J\n" * 4_000_000)


def no_text(pointer: Path) -> None:
    pointer.write_bytes(bytes(range(256)))


@pytest.mark.parametrize("spoil", [pipe, folder, long_text, no_text])
def test_a_bad_pointer_is_one_short_line_of_the_log(
    root: Path, shelf: Shelf, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    good = shelf.published()
    (root / "current").unlink()
    spoil(root / "current")
    assert all(shelf.published() is good for _ in range(3))
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.isprintable()
    assert len(line) < 500


@pytest.mark.parametrize("spoil", [pipe, folder, long_text, no_text])
def test_a_worker_that_starts_with_a_bad_pointer_serves_the_edition_before(
    root: Path, spoil: Callable[[Path], None]
) -> None:
    newest, earlier = list_editions(root)
    publish(root, earlier)
    publish(root, newest)
    (root / "current").unlink()
    spoil(root / "current")
    for edition_id in (earlier, newest):
        started = Shelf(root)
        started.require_open()
        assert started.published().edition.id == edition_id
        assert started.failure
        (root / "previous").unlink(missing_ok=True)  # then the newest that opens


def test_an_edition_that_breaks_in_an_unforeseen_way_replaces_none(
    root: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = shelf.published()
    publish(root, shelf.comparable(good)[0])
    monkeypatch.setenv("PROSSIMA_CONFIG", str(root / "gone"))
    assert shelf.published() is good
    assert "PROSSIMA_CONFIG" in (shelf.failure or "")


def test_the_city_of_a_server_does_not_change(root: Path, shelf: Shelf) -> None:
    good = shelf.published()
    tables = {file.name: good.edition.table(file.name) for file in good.edition.manifest.files}
    other = edition_writer.write(
        root, tables, city="torino", software_version="0", sources=[],
        parameters=good.edition.manifest.parameters | {"other": True},
    )  # fmt: skip
    publish(root, other.id)
    assert shelf.published() is good
    assert "answers for 'milano'" in (shelf.failure or "")


def test_without_any_edition_no_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoEditionError) as refused:
        Shelf(tmp_path).published()
    assert str(tmp_path) not in str(refused.value)


def test_an_edition_of_an_older_format_is_not_offered_and_told_as_such(root: Path) -> None:
    shelf = Shelf(root)
    reading = shelf.published()
    (other,) = shelf.comparable(reading)
    assert shelf.other(other).id == other
    older = Edition.open(root / other)
    copy = Edition(root / f"20200101T000000Z-{other[-8:]}", older.manifest)
    shutil.copytree(older.path, copy.path)
    make_older(copy)
    assert shelf.comparable(reading) == [other]
    with pytest.raises(OlderEditionError, match=f"older format.* Use one of: .*{other}"):
        shelf.other(copy.path.name)


def test_an_older_format_is_told_to_whoever_asks_for_changes(root: Path) -> None:
    (other,) = Shelf(root).comparable(Shelf(root).published())
    make_older(Edition.open(root / other))
    app = create_app(Settings(var=root.parent))
    answer = get(app, f"/v1/greyzones/changes?since={other}")
    assert answer.status_code == 410
    assert "older format" in answer.json()["detail"]
    assert str(root) not in answer.text
    assert other not in get(app, "/rete").text


def test_a_broken_edition_cannot_be_compared(root: Path, shelf: Shelf) -> None:
    (other,) = shelf.comparable(shelf.published())
    (root / other / "services.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadInputError, match=r"is broken\. Use one of"):
        shelf.other(other)


def test_editions_are_released_with_all_that_was_computed_from_them(root: Path) -> None:
    app = create_app(Settings(var=root.parent))
    names = list_editions(root)
    paths = (
        "/rete", "/rete/zone?category=nido", "/rete/valori.json?category=nido", "/v1/categories",
        f"/rete?since={names[0]}", "/v1/closures?category=nido", "/servizi", "/sitemap.xml",
    )  # fmt: skip
    for number in range(12):
        publish(root, names[number % 2])
        for path in paths:
            get(app, path)
    gc.collect()
    assert sum(isinstance(held, Edition) for held in gc.get_objects()) <= 2 + MAX_OTHERS


def test_what_is_free_after_a_swap_goes_back_to_the_system(root: Path, shelf: Shelf) -> None:
    """Small pieces that lie between others keep large free ones from the system."""
    first = shelf.published().edition.id
    pieces = [bytes(2000) for _ in range(100_000)]
    last = pieces[-1]
    before = resident_bytes()
    del pieces
    assert before - resident_bytes() < 100e6
    publish(root, next(name for name in list_editions(root) if name != first))
    assert shelf.published().edition.id != first
    assert before - resident_bytes() > 100e6
    assert last


def test_other_editions_are_held_and_bounded(root: Path, shelf: Shelf) -> None:
    (other,) = shelf.comparable(shelf.published())
    assert shelf.other(other) is shelf.other(other)
    withhold(root, ["prova:nido 1"])
    first = shelf.other(other)
    assert first.hidden.service_digests
    for number in range(MAX_OTHERS):
        held = Edition.open(root / other)
        copy = root / f"2020010{number + 1}T000000Z-{other[-8:]}"
        shutil.copytree(held.path, copy)
        shelf.other(copy.name)
    assert shelf.other(other) is not first
