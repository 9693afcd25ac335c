"""A store that servers share: one publisher wins, and nothing half comes to a machine."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from mapping.edition.edition import Edition, current, list_editions, publish
from mapping.edition.store import EditionStore
from mapping.edition.withheld import digest_of, read_withheld, withhold
from mapping.errors import BrokenEditionError, OvertakenError, StoreError
from tests.mapping.edition.test_edition import drawn_tables, write
from tests.mapping.edition.twins import twin_of


@pytest.fixture
def store(address: str) -> EditionStore:
    return EditionStore.open(address)


@pytest.fixture
def files(address: str):
    """What holds the store, and its path there, to do harm from beside it."""
    kind, at = ("s3", address.removeprefix("s3://")) if "://" in address else ("file", address)
    options = {} if kind == "file" else {"use_listings_cache": False}
    return fsspec.filesystem(kind, **options), at


def built(root: Path, residents: int = 7) -> Edition:
    return write(root, drawn_tables(residents))


def content(edition: Edition) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in edition.path.iterdir()}


def test_what_one_machine_publishes_another_opens(store: EditionStore, tmp_path: Path) -> None:
    assert store.pointer() is None
    assert store.bring(tmp_path / "there") is None
    edition = built(tmp_path / "here")
    store.publish(edition, None)
    assert store.bring(tmp_path / "there") == edition.id
    brought = Edition.open(tmp_path / "there" / "current")
    assert content(brought) == content(edition)
    stamp = brought.path.stat().st_ino
    assert store.bring(tmp_path / "there", to_verify=True) == edition.id
    assert brought.path.stat().st_ino == stamp
    assert not list((tmp_path / "there").glob(".tmp-*"))


def test_a_publisher_that_was_overtaken_changes_nothing(
    store: EditionStore, tmp_path: Path
) -> None:
    first, second, third = (built(tmp_path, residents) for residents in (1, 2, 3))
    store.publish(first, None)
    before = store.pointer()
    store.publish(second, before)
    with pytest.raises(OvertakenError, match="Build again"):
        store.publish(third, before)
    with pytest.raises(OvertakenError):
        store.publish(third, None)
    assert store.pointer().edition_id == second.id
    store.publish(first, store.pointer())
    assert store.pointer().edition_id == first.id


def test_of_several_publishers_at_once_exactly_one_wins(address: str, tmp_path: Path) -> None:
    editions = [built(tmp_path, residents) for residents in range(4)]

    def try_to(edition: Edition) -> str | None:
        try:
            EditionStore.open(address).publish(edition, before)
        except OvertakenError:
            return None
        return edition.id

    for _ in range(3):
        before = EditionStore.open(address).pointer()
        with ThreadPoolExecutor(len(editions)) as threads:
            others = [one for one in editions if before is None or one.id != before.edition_id]
            (winner,) = filter(None, threads.map(try_to, others))
        assert EditionStore.open(address).pointer().edition_id == winner


MORE = [pytest.param(harm, marks=pytest.mark.all) for harm in ("flipped", "gone", "renamed")]


@pytest.mark.parametrize("harm", ["cut", "unsealed", "nothing", *MORE])
def test_a_broken_edition_of_the_store_leaves_the_good_one(
    store: EditionStore, files, tmp_path: Path, harm: str
) -> None:
    good, bad = built(tmp_path / "here"), built(tmp_path / "here", 8)
    store.publish(good, None)
    store.bring(tmp_path / "there")
    store.publish(bad, store.pointer())
    system, at = files
    path = f"{at}/{bad.id}/network.arrow"
    whole = system.cat_file(path)
    if harm == "cut":
        system.pipe_file(path, whole[: len(whole) // 2])
    elif harm == "flipped":
        system.pipe_file(path, whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    elif harm == "gone":
        system.rm(path)
    elif harm == "unsealed":
        system.rm(f"{at}/{bad.id}/manifest.json.sha256")
    elif harm == "renamed":
        for name, bytes_of_good in content(good).items():
            system.pipe_file(f"{at}/{bad.id}/{name}", bytes_of_good)
    else:
        system.rm(f"{at}/{bad.id}", recursive=True)
    with pytest.raises(BrokenEditionError):
        store.bring(tmp_path / "there")
    assert current(tmp_path / "there").name == good.id
    assert list_editions(tmp_path / "there") == [good.id]
    assert not list((tmp_path / "there").glob(".tmp-*"))
    store.publish(bad, store.pointer())  # which sends what is not as it was
    assert store.bring(tmp_path / "there") == bad.id


@pytest.mark.parametrize("text", [b"", b"../../etc\n\xff\xfe", b"x" * 1_000_000])
def test_a_pointer_that_names_no_edition_leaves_the_good_one(
    store: EditionStore, files, tmp_path: Path, text: bytes
) -> None:
    good = built(tmp_path / "here")
    store.publish(good, None)
    store.bring(tmp_path / "there")
    system, at = files
    system.pipe_file(f"{at}/current", text)
    with pytest.raises(StoreError, match="names no edition"):
        store.bring(tmp_path / "there")
    assert current(tmp_path / "there").name == good.id


def test_an_edition_that_was_damaged_here_is_fetched_again(
    store: EditionStore, tmp_path: Path
) -> None:
    edition = built(tmp_path / "here")
    store.publish(edition, None)
    store.bring(tmp_path / "there")
    (tmp_path / "there" / edition.id / "network.arrow").write_bytes(b"")
    store.bring(tmp_path / "there", to_verify=True)
    assert content(Edition.open(tmp_path / "there" / "current")) == content(edition)


def test_what_is_withheld_is_withheld_everywhere(store: EditionStore, tmp_path: Path) -> None:
    store.withhold({"a", "b"})
    withhold(tmp_path, {"mine"})
    seen = store.bring_withheld(tmp_path, frozenset())
    assert read_withheld(tmp_path) == set(map(digest_of, ("a", "b", "mine")))
    store.withhold({"c"}, public={"a"})
    store.bring_withheld(tmp_path, seen)
    assert read_withheld(tmp_path) == set(map(digest_of, ("b", "c", "mine")))


def test_a_store_that_lost_what_it_withholds_shows_nothing_more(
    store: EditionStore, files, tmp_path: Path
) -> None:
    store.withhold({"a"})
    store.publish(built(tmp_path / "here"), None)
    seen = store.bring_withheld(tmp_path / "there", frozenset())
    system, at = files
    system.rm(f"{at}/withheld.json")
    for use in (lambda: store.bring_withheld(tmp_path / "there", seen), lambda: store.withhold(())):
        with pytest.raises(StoreError, match="prossima editions withhold"):
            use()
    assert read_withheld(tmp_path / "there") == {digest_of("a")}
    store.withhold_anew({"a", "b"}, keep=True)
    assert store.bring_withheld(tmp_path / "there", seen) == {digest_of("a"), digest_of("b")}
    store.withhold_anew({"c"}, keep=True)
    assert store.bring_withheld(tmp_path / "there", seen) == set(map(digest_of, "abc"))
    store.withhold_anew({"c"}, keep=False)
    assert store.bring_withheld(tmp_path / "there", seen) == {digest_of("c")}


def test_of_many_who_withhold_at_once_nothing_is_lost(address: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda name: EditionStore.open(address).withhold({name}), "abcdefgh"))
    EditionStore.open(address).bring_withheld(tmp_path, frozenset())
    assert read_withheld(tmp_path) == set(map(digest_of, "abcdefgh"))


def test_a_removed_edition_is_in_the_store_no_more(store: EditionStore, tmp_path: Path) -> None:
    edition, later = built(tmp_path), built(tmp_path, 8)
    store.publish(edition, None)
    assert not store.remove(edition.id)
    store.publish(later, store.pointer())
    assert store.remove(edition.id)
    assert store.remove(edition.id)
    assert not store.has(edition.id)
    assert store.has(later.id)


def test_old_editions_go_but_not_what_is_or_was_published_or_is_on_its_way(
    store: EditionStore, files, tmp_path: Path
) -> None:
    editions = [twin_of(built(tmp_path), hours=-24 * days) for days in (40, 30, 20, 10, 9, 8)]
    for edition in editions:
        store.publish(edition, store.pointer())
    oldest, published, cut_off, before, *_ = editions
    system, at = files
    system.rm(f"{at}/{cut_off.id}/manifest.json.sha256")
    store.publish(before, store.pointer())
    store.publish(published, store.pointer())
    system.pipe_file(f"{at}/{oldest.id}.txt", b"of somebody")
    now = datetime.now(UTC)
    assert store.remove_old(now - timedelta(days=8.5), now) == []  # written a moment ago
    hours_later = now + timedelta(hours=2)
    gone = store.remove_old(now - timedelta(days=8.5), hours_later)
    assert gone == [oldest.id, cut_off.id, editions[4].id]
    assert not any(system.exists(f"{at}/{edition_id}") for edition_id in gone)
    assert all(store.has(edition.id) for edition in (published, before, editions[5]))
    assert store.remove_old(now - timedelta(days=8.5), hours_later) == []
    assert store.bring(tmp_path / "there") == published.id
    assert system.exists(f"{at}/{oldest.id}.txt")


def test_a_store_that_is_not_there_yet_has_no_old_editions(store: EditionStore) -> None:
    now = datetime.now(UTC)
    assert store.remove_old(now, now) == []


@pytest.mark.parametrize("address", ["gs://bucket/prefix", "https://bucket/"])
def test_another_kind_of_store_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=r"neither a folder nor an address s3://"):
        EditionStore.open(address)


def test_a_bucket_that_does_not_answer_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "drawn")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(StoreError, match="Check PROSSIMA_STORE") as refused:
        EditionStore.open("s3://editions/drawn").bring(tmp_path)
    assert "\n" not in str(refused.value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def test_a_machine_without_a_store_loads_none_of_it() -> None:
    code = "import sys, api.app; print({'s3fs', 'botocore', 'aiohttp'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "set()"


def test_an_edition_here_may_be_published_before_there_is_a_store(
    store: EditionStore, tmp_path: Path
) -> None:
    edition = built(tmp_path)
    publish(tmp_path, edition.id)
    store.publish(edition, store.pointer())
    shutil.rmtree(edition.path)
    assert store.bring(tmp_path) == edition.id
