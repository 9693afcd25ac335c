"""The whole mirror, read twice and in another order, says the same."""

import shutil
from pathlib import Path

import pytest

from ingest.fetching.fetch import Fetcher
from ingest.run import Ingest
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city

pytestmark = [pytest.mark.all, pytest.mark.shared]


def read_all(catalogue: Catalogue, mirror: Path, pack: Path, raw: Path, *, backwards: bool) -> None:
    milano = city("milano")
    order = milano.sources[::-1] if backwards else milano.sources
    fetcher = Fetcher(raw=raw, mirror=mirror, bundled=pack, offline=True)
    Ingest(milano.model_copy(update={"sources": order}), fetcher, lambda _text: None).run(catalogue)


def test_the_mirror_read_twice_and_backwards_makes_no_new_revision(tmp_path, mirror, pack):
    # A reading of the mirror leaves outlines in its pack: it has one of its own.
    own = shutil.copytree(pack, tmp_path / "pack")
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        read_all(catalogue, mirror, own, tmp_path / "raw", backwards=False)
        first = catalogue.current()
        assert len(first) > 1000
        read_all(catalogue, mirror, own, tmp_path / "raw", backwards=True)
        assert catalogue.current() == first
        assert all(len(catalogue.history(one.service_id)) == 1 for one in first)
