"""Publishing: what says the same is not published again; a store that servers share goes on."""

import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from api.jobs.build import publish_edition
from api.jobs.sharing import use_published
from api.jobs.withholding import withhold_confidential
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.edition.edition import Edition, current, list_editions
from mapping.edition.store import EditionStore
from mapping.edition.withheld import digest_of, read_withheld
from mapping.errors import BadInputError, OvertakenError
from tests.mapping.drawn_batches import batch
from tests.mapping.drawn_city import drawn_city, service
from tests.mapping.edition.twins import twin_of

LONG_AGO = 1_600_000_000
NIDI = [service(100 * n, f"nido {n}") for n in range(1, 4)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "var").mkdir()
    made = Settings(var=tmp_path / "var", store=str(tmp_path / "store"), database_url="")
    with Catalogue.open(made.catalogue_url) as catalogue:
        catalogue.record(batch(*NIDI, source_id="prova"))
    return made


@pytest.fixture
def first(settings: Settings) -> Edition:
    return drawn_city(settings.editions, NIDI)


@pytest.fixture
def later(first: Edition) -> Edition:
    """An edition of the same content, an hour later."""
    return twin_of(first)


def pointed(settings: Settings) -> str | None:
    pointer = EditionStore.open(settings.store).pointer()
    return pointer.edition_id if pointer else None


def test_an_edition_that_says_the_same_is_not_published_again(
    settings: Settings, first: Edition, later: Edition
) -> None:
    assert later.id != first.id
    done = publish_edition(settings, later, accept_loss=False)
    assert done == f"edition {first.id} goes on: what was built now is the same, to the last byte"
    assert list_editions(settings.editions) == [first.id]
    assert current(settings.editions) == first.path
    assert pointed(settings) == first.id


def test_one_that_repairs_a_damaged_edition_is_published(
    settings: Settings, first: Edition, later: Edition
) -> None:
    (first.path / "services.parquet").write_bytes(b"PAR1")
    assert publish_edition(settings, later, accept_loss=True) == f"edition {later.id}"
    assert current(settings.editions) == later.path


@pytest.mark.parametrize("change", [{"missing": ["a source"]}, {"confidential": [{"phone": "1"}]}])
def test_one_that_says_more_beside_its_files_is_published(
    settings: Settings, first: Edition, change: dict
) -> None:
    other = twin_of(first, **change)
    assert publish_edition(settings, other, accept_loss=True) == f"edition {other.id}"
    assert pointed(settings) == other.id


def test_the_day_of_a_build_is_no_difference(first: Edition) -> None:
    other = twin_of(first, today="2026-03-03")
    assert first.manifest.has_content_of(other.manifest)


def test_a_builder_that_was_overtaken_publishes_nowhere(
    settings: Settings, first: Edition, later: Edition
) -> None:
    use_published(settings, later.id)
    newest = drawn_city(settings.editions, NIDI[:2])  # which moves the pointer of this machine
    use_published(settings.model_copy(update={"store": ""}), first.id)
    with pytest.raises(OvertakenError, match="Build again"):
        publish_edition(settings, newest, accept_loss=True)
    assert current(settings.editions) == first.path
    assert pointed(settings) == later.id


def test_an_edition_of_the_store_alone_can_be_used(
    settings: Settings, first: Edition, tmp_path: Path
) -> None:
    use_published(settings, first.id)
    url = settings.catalogue_url
    there = Settings(var=tmp_path / "there", store=settings.store, database_url="")
    with pytest.raises(BadInputError, match="The catalogue holds nothing"):
        use_published(there, first.id)
    there = there.model_copy(update={"database_url": url})
    use_published(there, first.id)
    assert Edition.open(there.editions / "current").id == first.id


def test_what_became_confidential_on_another_machine_is_hidden_before_the_pointer_moves(
    settings: Settings, first: Edition
) -> None:
    """While an edition was made, no store had it in which its services could be looked for."""
    with Catalogue.open(settings.catalogue_url) as catalogue:
        catalogue.disclose("prova:nido 2", public=False)
        never_shown = service(400, "nido 4").model_copy(update={"confirmed": True})
        catalogue.record(batch(*NIDI, never_shown, source_id="prova"))
        catalogue.disclose("prova:nido 4", public=False)
    publish_edition(settings, twin_of(first, missing=["a source"]), accept_loss=True)
    listed = Path(settings.store) / "withheld.json"
    assert json.loads(listed.read_text()) == [digest_of("prova:nido 2")]
    assert listed.stat().st_mode & 0o077 == 0
    assert read_withheld(settings.editions) == {digest_of("prova:nido 2")}


def test_what_only_an_edition_of_the_store_shows_is_hidden_by_name_too(
    settings: Settings, later: Edition
) -> None:
    use_published(settings, later.id)
    shutil.rmtree(settings.editions)
    with Catalogue.open(settings.catalogue_url) as catalogue:
        catalogue.disclose("prova:nido 2", public=False)
        withhold_confidential(settings, catalogue)
    listed = Path(settings.store) / "withheld.json"
    assert json.loads(listed.read_text()) == [digest_of("prova:nido 2")]


def test_old_editions_go_from_the_disk_and_from_the_store(
    cli, settings: Settings, first: Edition
) -> None:
    editions = [twin_of(first, hours=-24 * days) for days in (30, 20, 10, 9)]
    for edition in editions:
        use_published(settings, edition.id)
    for folder in (settings.editions, Path(settings.store)):
        for path in (*folder.glob("*Z-*"), *folder.glob("*Z-*/*")):
            os.utime(path, (LONG_AGO, LONG_AGO))
    prune = partial(cli, "editions", "prune", var=settings.var, PROSSIMA_STORE=settings.store)
    assert prune().stdout == "0 editions removed.\n"
    done = prune("--older-than", "15")
    old = [edition.id for edition in editions[:2]]
    assert done.stdout.splitlines() == [
        *(f"{edition_id} is removed." for edition_id in old),
        *(f"{edition_id} is removed from {settings.store}." for edition_id in old),
        "2 editions removed.",
    ]
    kept = sorted([first.id, *(edition.id for edition in editions[2:])], reverse=True)
    assert list_editions(settings.editions) == kept
    assert list_editions(Path(settings.store)) == kept[1:]
    # The published one and the one before it stay, however old they are.
    assert prune("--older-than", "1").stdout == "0 editions removed.\n"
    assert list_editions(Path(settings.store)) == kept[1:]
    # Of today's, what was written more than an hour ago may go too.
    assert prune("--older-than", "0").stdout.startswith(f"{first.id} is removed.\n")
    assert list_editions(settings.editions) == kept[1:]
    assert prune("--older-than", "-1").returncode == 2


def test_without_a_published_edition_nothing_is_removed_for_its_age(
    cli, settings: Settings, first: Edition
) -> None:
    (settings.editions / "current").unlink()
    done = cli("editions", "prune", "--older-than", "1", var=settings.var)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert list_editions(settings.editions) == [first.id]
    shutil.rmtree(settings.editions)
    done = cli("editions", "prune", "--older-than", "1", var=settings.var)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
