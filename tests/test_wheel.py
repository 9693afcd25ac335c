"""The wheel: all data files are in it, and it answers where nothing else of the project is."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("mapping", "ingest", "api")
Installed = Callable[..., subprocess.CompletedProcess[str]]


def run(*words: str | Path, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    ours = ("PROSSIMA_", "PYTHONPATH")
    environment = {name: said for name, said in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(  # noqa: S603 - our own programs
        words, cwd=cwd, env=environment | settings, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel in an environment that has its dependencies from ours, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    options = ("--no-deps", "--no-index", "--no-compile", "--quiet")
    done = run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel)
    assert done.returncode == 0, done.stderr
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    # A path in a .pth file is searched last, and .pth files in it, such as ours, are not read.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    empty = folder / "empty"
    empty.mkdir()

    def call(*words: str, module: bool = False) -> subprocess.CompletedProcess[str]:
        program = [python, *words] if module else [python.with_name("prossima"), *words]
        return run(*program, cwd=empty, PROSSIMA_VAR=str(folder / "var"))

    return call


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path):
    tracked = run("git", "ls-files", *PACKAGES, "data").stdout.splitlines()
    wanted = {f"ingest/{name}" if name.startswith("data/") else name for name in tracked}
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {Path(name).suffix for name in wanted} >= {".toml", ".sql", ".po", ".html", ".csv"}
    assert wanted - names == set()
    assert "api/static/vendor/manifest.json" in names


def test_an_installed_wheel_builds_and_answers(installed: Installed):
    where = "import api, ingest, mapping; print(api.__file__, ingest.__file__, mapping.__file__)"
    assert str(ROOT) not in installed("-c", where, module=True).stdout
    built = installed("build", "--offline")
    assert built.returncode == 0, built.stderr
    done = installed("nearest", "--nil", "Baggio", "--category", "consultorio", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]
