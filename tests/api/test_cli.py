"""The command line: answers, exports, and every mistake as one line."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import typer

from api.cli.answers import cells
from api.cli.main import app, main
from api.jobs.build import UNCOUNTED
from api.settings import Settings
from mapping.edition.edition import current, list_editions

ROOT = Path(__file__).parents[2]
PLACE = ("--lon", "9.19", "--lat", "45.4642")


def refusal(done, *words: str) -> str:
    """One line on stderr with the value, the rule and the remedy, and exit 2."""
    assert done.returncode == 2, (done.stdout, done.stderr)
    *_, line = done.stderr.strip().splitlines()
    assert line.startswith("prossima: ")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in line, line
    return line


def test_the_pack_answers_with_estimated_times(cli, pack_var):
    done = cli("nearest", "--nil", "Baggio", "--category", "consultorio", "--json", var=pack_var)
    said = json.loads(done.stdout)
    assert said["origin"]["address"] == "NIL Baggio - Q.re degli Olmi - Q.re Valsesia"
    assert len(said["results"]) == 2
    assert all(result["estimated"] for result in said["results"])
    assert said["completeness"]["consultorio"]["status"] == "partial"


def test_what_is_not_known_or_almost_right_is_said_in_words(cli, pack_var):
    asked = ("nearest", *PLACE, "--max-minutes", "1000", "--count", "1", "--age-months")
    unknown = cli(*asked, "30", "--category", "consultorio", "--language", "ar", var=pack_var)
    assert "non si sa: età, lingua" in unknown.stdout
    nothing = cli(*asked, "200", "--category", "centro_prima_infanzia", var=pack_var).stdout
    assert "Nessun servizio trovato." in nothing
    assert nothing.count("<- età") == 1
    stroller = cli("nearest", *PLACE, "--profile", "stroller", var=pack_var).stdout
    assert "A piedi: Passeggino." in stroller
    assert "non dicono dove ci sono gradini" in stroller


def test_an_outline_is_printed_or_written(cli, pack_var, tmp_path):
    out = tmp_path / "duomo.geojson"
    printed = cli("isochrone", *PLACE, "--minutes", "10", "--minutes", "5", var=pack_var)
    cli("isochrone", *PLACE, "--out", str(out), var=pack_var)
    minutes = [one["properties"]["minutes"] for one in json.loads(printed.stdout)["features"]]
    assert minutes == [5, 10]
    frame = gpd.read_file(out)
    assert list(frame["minutes"]) == [5, 10, 15]
    assert frame.geometry.is_valid.all()


def test_an_address_may_come_from_standard_input(cli, pack_var):
    done = cli("nearest", "-", "--json", "--count", "1", var=pack_var, typed="via Oglio 18\n")
    assert json.loads(done.stdout)["origin"]["address"].lower() == "via oglio 18"


@pytest.fixture(scope="module")
def own_var(pack_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the edition of the pack: a build that fails leaves word of it."""
    return shutil.copytree(pack_var, tmp_path_factory.mktemp("cli") / "var")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nearest", "via Inesistente 3"), ("via Inesistente 3", "not known")),
        (("nearest", *PLACE, "--category", "nidi"), ("'nidi'", "consultorio")),
        (("nearest", "--lon", "2.3", "--lat", "48.8"), ("outside Italy", "longitude first")),
        (("nearest",), ("Give one of",)),
        (("nearest", *PLACE, "--count", "0"), ("count is 0", "Give 1 to 100")),
        (("nearest", *PLACE, "--open", "sempre"), ("'sempre'", "sat 10:00")),
        (("nearest", *PLACE, "--category", "antiviolenza"), ("confidential",)),
        (("nearest", *PLACE, "--profile", "robot"), ("'robot'", "stroller")),
        (("nearest", *PLACE, "--language", "arabo"), ("'arabo'", "'ar'")),
        (("isochrone", *PLACE, "--minutes", "61"), ("61", "1 to 60")),
        (("isochrone", "--service", "x"), ("'x'", "/v1/services")),
        (("isochrone", *PLACE, "--out", "no/such/folder/x"), ("no/such/folder/x", "exists")),
        (("isochrone",), ("a place or a service_id",)),
        (("coverage", "--category", "nido", "--level", "via"), ("'via'", "municipio")),
        (("coverage", "--category", "nido", "--window", "x"), ("'x'", "weekday_morning")),
        (("coverage", "--category", "nido", "--profile", "x"), ("'x'", "stroller")),
        (("coverage", "--category", "nido", "--requirement", "x"), ("'x'", "no_residence")),
        (("export", "dwg", "--out", "x"), ("'dwg'", "gpkg")),
        (("export", "csv", "--out", "x", "--window", "night"), ("'night'", "saturday")),
        (("editions", "use", "x"), ("'x'", "Use one of")),
        (("editions", "verify", "20200101T000000Z-00000000"), ("20200101T000000Z-00000000",)),
        (("build", "--city", "paperopoli"), ("'paperopoli'", "milano")),
        (("build", "--mirror", "no/such/folder"), ("no/such/folder", "no folder")),
        (("sources", "fetch", "farmacie"), ("'farmacie'", "farmacie_2026")),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(own_var, monkeypatch, capsys, arguments, words):
    monkeypatch.setenv("PROSSIMA_VAR", str(own_var))
    monkeypatch.setenv("PROSSIMA_MIRROR", "")
    monkeypatch.setattr(sys, "argv", ["prossima", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    done = subprocess.CompletedProcess(arguments, ended.value.code, said.out, said.err)
    assert refusal(done, *words) == said.err.strip()


def test_without_an_edition_the_remedy_is_a_build(cli, process, tmp_path):
    refusal(cli("nearest", *PLACE, var=tmp_path), "prossima build")
    served = process("serve", var=tmp_path)
    assert served.stderr.strip() == refusal(served, "prossima build")


def test_serve_says_in_one_line_that_the_edition_cannot_be_opened(process, pack_var, tmp_path):
    var = tmp_path / "var"
    shutil.copytree(pack_var / "editions", var / "editions")
    (edition,) = (path for path in (var / "editions").iterdir() if path.is_dir())
    (edition / "manifest.json").write_text("{", encoding="utf-8")
    served = process("serve", "--port", "1", var=var)
    assert served.stderr.strip() == refusal(served, edition.name)


def broken_mirror(mirror: Path, folder: Path, name: str, content: bytes) -> Path:
    """Link every file of the mirror but one."""
    for path in mirror.rglob("*"):
        if path.is_file():
            link = folder / path.relative_to(mirror)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    return folder


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("addresses/stradario.csv", b"", "empty"),
        ("addresses/stradario.csv", b"a,b\n1,2\n", "another shape"),
        ("addresses/stradario.csv", b"CODICE_VIA;AREA\n1;2\n", "delimiter"),
        ("boundaries/ds379_municipi_label.geojson", b"{", "cannot be read"),
        ("network/dbt2020_milano.gpkg", None, "dbt2020_milano.gpkg"),
    ],
)
def test_a_broken_file_publishes_nothing(cli, mirror, tmp_path, name, content, word):
    half = (mirror / name).read_bytes()[:20_000] if content is None else content
    folder = broken_mirror(mirror, tmp_path / "mirror", name, half)
    var = tmp_path / "var"
    refusal(cli("build", "--offline", "--mirror", str(folder), var=var), word)
    assert list_editions(var / "editions") == []


@pytest.mark.shared
def test_a_collapsed_register_publishes_nothing(cli, mirror, tmp_path):
    name = "services/Elenco_Farmacie_nel_Comune_di_Milano_20260215.csv"
    few = b"".join((mirror / name).read_bytes().splitlines(keepends=True)[:50])
    folder = broken_mirror(mirror, tmp_path / "mirror", name, few)
    done = cli("build", "--offline", "--mirror", str(folder), var=tmp_path / "var")
    refusal(done, "farmacie_2026", "It has 49", "350")
    assert list_editions(tmp_path / "var" / "editions") == []


def test_editions_are_listed_verified_and_used(cli, pack_var):
    edition = current(pack_var / "editions").name
    assert f"* {edition}" in cli("editions", "list", var=pack_var).stdout
    assert cli("editions", "verify", edition, var=pack_var).returncode == 0
    assert "is published" in cli("editions", "use", edition, var=pack_var).stdout


def test_a_published_edition_that_is_broken_is_marked_so(cli, pack_var, tmp_path):
    var = tmp_path / "var"
    shutil.copytree(pack_var / "editions", var / "editions")
    edition = current(var / "editions")
    (edition / "addresses.arrow").write_bytes(b"")
    done = cli("editions", "list", var=var)
    assert f"! {edition.name}" in done.stdout
    assert "is not the file that was written" in done.stderr


def test_a_server_that_believes_everybody_says_so(cli, tmp_path):
    said = cli("serve", "--port", "65001", var=tmp_path, FORWARDED_ALLOW_IPS="*").stderr
    assert "anybody may say who they are" in said


def test_with_a_broken_pointer_the_list_says_how_to_take_an_edition(cli, pack_var, tmp_path):
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    (built,) = (line.split()[-1] for line in cli("editions", "list", var=var).stdout.splitlines())
    pointer = var / "editions" / "current"
    pointer.write_text("garbage", encoding="utf-8")
    done = cli("editions", "list", var=var)
    assert (done.returncode, done.stdout.split()) == (0, [built])
    assert "`prossima editions use ID`" in done.stderr
    pointer.unlink()
    pointer.mkdir()
    refusal(cli("editions", "use", built, var=var), "Remove that folder")
    pointer.rmdir()
    assert cli("editions", "use", built, var=var).returncode == 0


@pytest.mark.parametrize("command", [("doctor",), ("build", "--offline"), ("review", "list")])
def test_a_file_in_the_place_of_the_folder_is_one_line(process, tmp_path, command):
    var = tmp_path / "var"
    var.write_text("a file", encoding="utf-8")
    done = process(*command, var=var)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "PROSSIMA_VAR" in done.stderr


def test_an_empty_variable_is_no_folder(monkeypatch):
    monkeypatch.setenv("PROSSIMA_VAR", "")
    assert Settings().var == Path("var")


def test_a_flipped_byte_is_seen(cli, pack_var, tmp_path):
    var = tmp_path / "var"
    shutil.copytree(pack_var, var)
    file = current(var / "editions") / "services.parquet"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(raw)
    refusal(cli("nearest", *PLACE, var=var), "services.parquet")


def test_sources_say_from_where_or_why_not(cli, pack_var):
    listed = cli("sources", "list", var=pack_var).stdout
    assert "farmacie_2026" in listed
    assert "CC BY 4.0" in listed
    checked = cli("sources", "check", "--offline", var=pack_var)
    assert checked.returncode == 2
    assert re.search(r"schede_qubi +bundled", checked.stdout)
    assert re.search(r"stradario +none .*mirror: none given", checked.stdout)


def test_what_is_accepted_must_be_a_source_of_the_city(cli, tmp_path):
    done = cli("build", "--offline", "--accept", "nothing", var=tmp_path / "var")
    assert done.returncode == 2
    assert "'nothing' is no source of Milano" in done.stderr


@pytest.mark.shared
def test_every_source_is_in_the_mirror_or_the_pack(cli, pack_var, mirror):
    done = cli("sources", "check", "--offline", "--mirror", str(mirror), var=pack_var)
    found = [line.split()[1] for line in done.stdout.splitlines()]
    assert found.count("mirror") == 27
    assert found.count("bundled") == 3
    assert "osm_walk" in done.stdout  # live only


def test_the_doctor_sees_a_sound_installation(cli, pack_var):
    done = cli("doctor", var=pack_var)
    assert "times estimated" in done.stdout
    assert "180 services published" in done.stdout


def commands(group: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each command by its words: as its group lists it, and as it is loaded to run."""
    for name in group.commands:
        listed = group.get_command(None, name)
        if hasattr(listed, "commands"):
            yield from commands(listed, f"{path}{name} ")
        else:
            yield f"{path}{name}", listed, group.loaded(name)


COMMANDS = {name: pair for name, *pair in commands(typer.main.get_command(app))}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_explained(name: str) -> None:
    listed, command = COMMANDS[name]
    assert listed.help == command.help
    assert command.help
    silent = [one.name for one in command.params if not getattr(one, "help", None)]
    assert silent == []


def test_help_can_be_read(cli, tmp_path):
    text = cli("nearest", "--help", var=tmp_path, COLUMNS="200").stdout
    assert "--max-minutes" in text
    assert "'-' reads standard input" in text


def test_help_of_groups_imports_no_command():
    for group in ([], ["review"], ["sources"], ["editions"]):
        code = (
            "import sys; from api.cli.main import app;"
            f"app({[*group, '--help']}, standalone_mode=False);"
            "print(*(m for m in sys.modules if m.split('.')[0] in ('numpy', 'sqlalchemy')))"
        )
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == ""


def test_tables_keep_every_value_whole_where_output_is_no_terminal(cli, pack_var):
    listed = cli("sources", "list", var=pack_var, COLUMNS="20").stdout.splitlines()
    said = json.loads(cli("sources", "list", "--json", var=pack_var).stdout)
    assert [line.split()[0] for line in listed] == [source["id"] for source in said]
    assert all(line.endswith(source["title"]) for line, source in zip(listed, said, strict=True))
    assert "\x1b" not in "".join(listed)


def test_the_version_is_said(cli, pack_var):
    assert cli("--version", var=pack_var).stdout.strip() == os.environ.get("VERSION", "0.1.0")


def checkout(folder: Path) -> Path:
    """Copy the packages, so that a test may spoil their configuration."""
    skipped = shutil.ignore_patterns("__pycache__", "vendor")
    for name in ("api", "ingest", "mapping"):
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    return folder


@pytest.mark.parametrize(
    ("file", "spoilt", "words"),
    [
        ("mapping/cities/milano.toml", "colour = 'red'\n", ("milano.toml", "unknown key 'colour'")),
        ("ingest/sources/schede_qubi.toml", "reader = 'x'\n", ("schede_qubi.toml is not TOML",)),
        *(
            pytest.param(*more, marks=pytest.mark.all)
            for more in (
                ("mapping/cities/milano.toml", "= 1\n", ("milano.toml is not TOML",)),
                ("ingest/sources/schede_qubi.toml", "colums = 1\n", ("schede_qubi", "'colums'")),
            )
        ),
    ],
)
def test_a_misspelt_key_of_a_configuration_is_named(process, tmp_path, file, spoilt, words):
    folder = checkout(tmp_path / "checkout")
    path = folder / file
    path.write_text(spoilt + path.read_text(encoding="utf-8"), encoding="utf-8")
    done = process("build", "--offline", var=tmp_path / "var", cwd=folder)
    refusal(done, *words)
    assert list_editions(tmp_path / "var" / "editions") == []


def test_rows_that_were_not_kept_are_listed_with_the_reason(cli, pack, tmp_path):
    spoilt = tmp_path / "data"
    shutil.copytree(pack, spoilt)
    with (spoilt / "services" / "schede.csv").open("a", encoding="utf-8") as file:
        file.write("too,short\n")
    var = tmp_path / "var"
    built = cli("build", "--offline", var=var, PROSSIMA_DATA=str(spoilt))
    assert re.search(r"schede_qubi +bundled +231 +180 +51 +0\n", built.stdout)
    assert f"\n{UNCOUNTED}\n" in built.stdout
    listed = cli("quarantine", "list", "--source", "schede_qubi", var=var).stdout
    assert re.fullmatch(r"schede_qubi:233  ragged_row: 2 cells, the header has 30\..*\n", listed)
    rows = json.loads(cli("quarantine", "list", "--json", var=var).stdout)
    assert [row["raw"] for row in rows] == [{"1": "too", "2": "short"}]


def test_a_truncated_geopackage_publishes_nothing(cli, tmp_path):
    whole = tmp_path / "whole.gpkg"
    lines = [shapely.LineString([(x, 0), (x, 100)]) for x in range(20_000)]
    named = {"NOME": [f"VIA {x}" for x in range(len(lines))]}
    frame = gpd.GeoDataFrame(named, geometry=lines, crs=32632)
    for layer in ("EL_STR", "EL_VMS", "EL_CIC"):
        frame.to_file(whole, layer=layer, driver="GPKG")
    broken = tmp_path / "mirror" / "network" / "dbt2020_milano.gpkg"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(whole.read_bytes()[:-10_000])
    mirror = str(tmp_path / "mirror")
    done = cli("build", "--offline", "--mirror", mirror, var=tmp_path / "var")
    refusal(done, "dbt2020_milano.gpkg")
    assert list_editions(tmp_path / "var" / "editions") == []


def test_minutes_to_a_place_that_is_roughly_known_are_about() -> None:
    row = {
        "seconds": 50.0, "metres": 20, "snap_metres": 0.0, "estimated": False, "detour": False,
        "error_metres": 3894.0, "stale": False, "unknown": [], "comune_outside": None,
        "name": "Inventata", "address": "via Prova, 8",
    }  # fmt: skip
    assert cells(row) == ("circa 1 min", "20 m", "Inventata, via Prova, 8", "[posto a ± 3894 m]")
    assert cells({**row, "error_metres": None})[::3] == ("1 min", "")
