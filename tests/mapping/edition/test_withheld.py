"""The list of what editions hide: without it nothing is built or served, and one line says why."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from api.cli.prune_editions import withhold_records
from mapping.catalogue.catalogue import Catalogue
from mapping.edition.edition import Edition, publish
from mapping.edition.hidden_rows import HiddenRows
from mapping.edition.manifest import read_head
from mapping.edition.withheld import FILE, digest_of, read_withheld, withhold
from mapping.errors import BadInputError, BrokenEditionError, ProssimaError
from tests.mapping.drawn_batches import batch, service
from tests.mapping.edition.test_edition import drawn_tables, write

LARGE = json.dumps([digest_of("a")] * 300_000)
BROKEN = {
    "nested": "[" * 100_000 + "]" * 100_000,
    "no list": '{"a": 1}',
    "no digests": '["a"]',
    "no JSON": "\0",
    "empty": "",
    "too large": LARGE,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish(tmp_path / "editions", write(tmp_path / "editions", drawn_tables()).id)
    withhold(tmp_path / "editions", {"drawn:secret"})
    return tmp_path / "editions"


def _refusal(root: Path) -> str:
    with pytest.raises(BrokenEditionError) as opening:
        Edition.open(root / "current")
    with pytest.raises(BrokenEditionError):
        withhold(root, {"drawn:b"})
    assert "prossima editions withhold" in str(opening.value)
    assert "\n" not in str(opening.value)
    return str(opening.value)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_list_opens_nothing_and_is_not_written_over(root: Path, text: str) -> None:
    (root / FILE).write_text(text)
    _refusal(root)
    assert (root / FILE).read_text() == text


def test_a_missing_list_opens_nothing(root: Path) -> None:
    (root / FILE).unlink()
    assert "is missing" in _refusal(root)
    assert not (root / FILE).exists()


def test_a_pipe_or_a_device_holds_nobody(root: Path) -> None:
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        (root / FILE).unlink()
        make(root / FILE)
        assert "no regular file" in _refusal(root)


def test_a_folder_without_editions_needs_none(tmp_path: Path) -> None:
    assert read_withheld(tmp_path) == frozenset()
    write(tmp_path, drawn_tables())
    assert read_withheld(tmp_path) == frozenset()
    assert (tmp_path / FILE).is_file()


def test_it_is_written_anew_from_the_catalogue(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSSIMA_VAR", str(tmp_path))
    monkeypatch.delenv("PROSSIMA_DATABASE_URL", raising=False)
    shown = [service(key, name) for key, name in (("a", "Nido"), ("b", "Nido"), ("c", "Rifugio"))]
    ids = [one.service_id for one in shown]
    tables = {"services.parquet": pa.table({"service_id": ids, "same_as": [["drawn:e"], [], None]})}
    write(root, drawn_tables() | tables)
    (root / FILE).unlink()
    os.mkfifo(root / FILE)
    with pytest.raises(BadInputError, match="There is no catalogue"):
        withhold_records()
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        secret = [service(key, "Casa rifugio") for key in ("c", "d", "e")]
        catalogue.record(batch(*shown[:2], *secret))
        # It became confidential once, and only the lost list knew.
        catalogue.withdraw(["drawn:b"], "drawn")
    withhold_records()
    expected = set(map(digest_of, ("drawn:b", "drawn:c", "drawn:e")))  # no edition shows d
    assert read_withheld(root) == expected
    Edition.open(root / "current")
    withhold(root, {"drawn:over the border"})
    withhold_records()
    assert read_withheld(root) == expected | {digest_of("drawn:over the border")}
    withhold_records(anew=True)
    assert read_withheld(root) == expected


def test_the_list_is_for_its_owner_alone_as_earlier_versions_left_it_too(root: Path) -> None:
    (root / FILE).chmod(0o644)
    withhold(root, ())
    assert (root / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.sha256", ".lock"])
def test_a_pipe_in_place_of_a_state_file_holds_nobody(root: Path, name: str) -> None:
    folder = root if name == ".lock" else next(root.glob("*Z-*"))
    (folder / name).unlink()
    os.mkfifo(folder / name)
    ended = threading.Event()

    def read() -> None:
        try:
            Edition.open(root / "current")
            withhold(root, {"drawn:b"})
        except ProssimaError:
            pass
        read_head(folder)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    assert ended.wait(30)


def test_figures_of_every_category_of_a_withheld_service_are_not_shown() -> None:
    hidden = HiddenRows(service_digests=frozenset({digest_of("drawn:secret")}))
    services = pa.table(
        {
            "service_id": ["drawn:b", "drawn:c"],
            "same_as": [["drawn:secret"], None],
            "category": ["nido", "cav"],
            "categories": [["nido", "spazio_gioco"], ["cav"]],
        }
    )
    hidden = replace(hidden, recomputed=hidden.shaping(services))
    assert hidden.recomputed == {"nido", "spazio_gioco"}
    assert hidden.taken_out(services)["service_id"].to_pylist() == ["drawn:c"]
    zones = pa.table({"zone_id": ["a", "b", "c"], "category": ["nido", "spazio_gioco", "cav"]})
    assert hidden.taken_out(zones)["zone_id"].to_pylist() == ["c"]
