import shutil
from pathlib import Path

import pytest

from api.jobs.build import publish_edition
from api.settings import Settings
from mapping.edition.edition import Edition, current
from mapping.errors import LossError
from tests.mapping.drawn_city import drawn_city, service


def editions(root: Path) -> tuple[Edition, Edition]:
    """An edition that is published, and one after it with half of its services, which is not."""
    full = [service(100 * n, f"nido {n}") for n in range(1, 7)]
    fewer = drawn_city(root, full[:3])
    return drawn_city(root, full), fewer


def test_an_edition_that_lost_half_of_its_services_is_not_published(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    published, fewer = editions(settings.editions)
    with pytest.raises(LossError, match="services, 6 before and 3 now; nido, 6 before") as refused:
        publish_edition(settings, fewer, accept_loss=False)
    assert f"prossima editions use {fewer.id}" in str(refused.value)
    assert current(settings.editions).name == published.id


def test_a_loss_that_is_accepted_is_published(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    _, fewer = editions(settings.editions)
    assert publish_edition(settings, fewer, accept_loss=True) == f"edition {fewer.id}"
    assert current(settings.editions).name == fewer.id


@pytest.mark.shared
def test_a_build_of_the_pack_alone_keeps_a_fuller_edition(cli, milano_var, tmp_path) -> None:
    shutil.copytree(milano_var, tmp_path / "var")
    fuller = current(tmp_path / "var" / "editions").name
    built = cli("build", "--offline", var=tmp_path / "var", PROSSIMA_MIRROR="")
    assert built.returncode == 0, built.stderr
    assert f"{fuller}, which is fuller, goes on" in built.stdout
    assert "the streets" in built.stdout
    assert current(tmp_path / "var" / "editions").name == fuller


@pytest.mark.shared
def test_an_empty_mirror_never_replaces_a_good_edition(cli, milano_var, tmp_path) -> None:
    shutil.copytree(milano_var, tmp_path / "var")
    fuller = current(tmp_path / "var" / "editions").name
    (tmp_path / "empty").mkdir()
    built = cli("build", "--offline", "--mirror", str(tmp_path / "empty"), var=tmp_path / "var")
    assert built.returncode in (0, 2)
    assert current(tmp_path / "var" / "editions").name == fuller
