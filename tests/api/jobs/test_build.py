import shutil
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from api.jobs.build import publish_edition
from api.settings import Settings
from mapping.edition.edition import Edition, current, publish
from mapping.edition.edition_writer import write as write_edition
from mapping.edition.last_build import last_build
from mapping.errors import LossError
from tests.mapping.drawn_city import drawn_city, service
from tests.mapping.older_edition import make_older
from tests.overlay import write


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


@pytest.mark.parametrize("pointer", ["garbage", ""])
def test_a_broken_pointer_guards_no_less(tmp_path: Path, pointer: str) -> None:
    settings = Settings(var=tmp_path)
    published, fewer = editions(settings.editions)
    (settings.editions / "current").write_text(pointer, encoding="utf-8")
    with pytest.raises(LossError, match="services, 6 before and 3 now"):
        publish_edition(settings, fewer, accept_loss=False)
    again = drawn_city(settings.editions, [service(100 * n, f"nido {n}") for n in range(1, 7)])
    (settings.editions / "current").write_text(pointer, encoding="utf-8")
    said = publish_edition(settings, again, accept_loss=False)
    assert current(settings.editions).name in said
    assert published.id


def test_a_loss_that_is_accepted_is_published(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    _, fewer = editions(settings.editions)
    assert publish_edition(settings, fewer, accept_loss=True) == f"edition {fewer.id}"
    assert current(settings.editions).name == fewer.id


def test_an_edition_of_an_older_format_is_compared_all_the_same(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    published, fewer = editions(settings.editions)
    make_older(published)
    with pytest.raises(LossError, match="services, 6 before and 3 now"):
        publish_edition(settings, fewer, accept_loss=False)


def test_zones_keep_their_ids_after_an_edition_of_an_older_format(tmp_path: Path) -> None:
    first = drawn_city(tmp_path, [service(0, "nido")], drawing="A" + "-" * 30 + "B")
    names = first.greyzones["zone_id"].to_pylist()
    renamed = pa.array([f"handed-on-{name}" for name in names])
    column = first.greyzones.column_names.index("zone_id")
    tables = {
        "areas.parquet": first.areas,
        "greyzones.parquet": first.greyzones.set_column(column, "zone_id", renamed),
    }
    renamed_edition = write_edition(
        tmp_path, tables, city="milano", software_version="0", parameters={}, sources=[]
    )
    publish(tmp_path, renamed_edition.id)
    make_older(renamed_edition)
    second = drawn_city(tmp_path, [service(0, "nido")], drawing="A" + "-" * 30 + "B")
    assert names
    assert second.greyzones["zone_id"].to_pylist() == renamed.to_pylist()


def test_another_city_takes_no_edition_s_place_unasked(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    published, fewer = editions(settings.editions)
    tables = {file.name: fewer.table(file.name) for file in fewer.manifest.files}
    other = write_edition(
        settings.editions, tables, city="torino", software_version="0",
        parameters=fewer.manifest.parameters, sources=fewer.manifest.sources,
    )  # fmt: skip
    with pytest.raises(LossError, match="'milano' is published here, and this is 'torino'"):
        publish_edition(settings, other, accept_loss=False)
    assert current(settings.editions).name == published.id
    publish_edition(settings, other, accept_loss=True)
    assert current(settings.editions).name == other.id


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
def test_a_mirror_without_any_source_never_replaces_a_good_edition(
    cli, milano_var, tmp_path
) -> None:
    shutil.copytree(milano_var, tmp_path / "var")
    fuller = current(tmp_path / "var" / "editions").name
    mirror = write(tmp_path / "lost", {"lost+found/x": ""})
    built = cli("build", "--offline", var=tmp_path / "var", PROSSIMA_MIRROR=str(mirror))
    assert built.returncode == 2
    assert last_build(tmp_path / "var").result == "refused"
    assert current(tmp_path / "var" / "editions").name == fuller


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_mirror_that_was_lost_is_told_by_build_and_doctor(cli, pack_var, tmp_path, name) -> None:
    var = shutil.copytree(pack_var, tmp_path / "var")
    assert last_build(var).success
    (tmp_path / "empty").mkdir()
    mirror = str(tmp_path / name)
    built = cli("build", "--offline", var=var, PROSSIMA_MIRROR=mirror)
    assert built.returncode == 2
    assert built.stderr.count("\n") == 1
    assert mirror in built.stderr
    assert last_build(var).result == "failed"
    told = cli("doctor", var=var, PROSSIMA_MIRROR=mirror, COLUMNS="1000").stdout
    (line,) = (line for line in told.splitlines() if line.startswith("mirror"))
    assert "problem" in line
    assert mirror in line


def test_freshness_may_be_counted_on_another_day(monkeypatch) -> None:
    monkeypatch.setenv("PROSSIMA_DAY", "2028-02-29")
    assert Settings().build_day == date(2028, 2, 29)


def test_without_it_freshness_is_counted_today(monkeypatch) -> None:
    monkeypatch.setenv("PROSSIMA_DAY", "")
    before = datetime.now().astimezone().date()
    assert before <= Settings().build_day <= datetime.now().astimezone().date()


@pytest.mark.parametrize(
    "day", ["yesterday", "2026-02-30", "30/11/2026", "2026-11-30T00", "9" * 5000]
)
def test_a_day_that_is_none_is_refused_in_one_line(process, tmp_path, day) -> None:
    done = process("build", "--offline", var=tmp_path / "var", PROSSIMA_DAY=day)
    assert done.returncode == 2
    assert done.stderr.startswith("prossima: PROSSIMA_DAY '")
    assert done.stderr.endswith("' is no day. Write it as 2026-11-30.\n")
    assert len(done.stderr) < 100
