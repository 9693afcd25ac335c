"""What the whole suite shares: the real mirror, built editions, and which absences are failures."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MIRROR = ROOT.parent / "shared" / "data"
REQUIRED = set(filter(None, os.environ.get("PROSSIMA_REQUIRE", "").split(",")))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

ABSENT = {
    "shared": None if MIRROR.is_dir() else "no ../shared/data beside the repository",
    "browser": None if CHROMIUM else "no Chromium on this machine",
    "postgis": None if shutil.which("postgres") else "no PostgreSQL server on this machine",
}

Cli = Callable[..., subprocess.CompletedProcess[str]]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, reason in ABSENT.items():
        if item.get_closest_marker(name) and reason:
            if name in REQUIRED:
                pytest.fail(f"PROSSIMA_REQUIRE asks for {name}: {reason}")
            pytest.skip(reason)


@pytest.fixture(scope="session")
def mirror() -> Path:
    return MIRROR


@pytest.fixture(scope="session")
def chromium() -> str:
    assert CHROMIUM
    return CHROMIUM


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the bundled pack, as it is in a fresh clone: builds leave outlines beside it."""
    copy = tmp_path_factory.mktemp("pack") / "data"
    shutil.copytree(ROOT / "data", copy, ignore=shutil.ignore_patterns("*.geojson"))
    return copy


@pytest.fixture(scope="session")
def cli(pack: Path) -> Cli:
    """Run the command line as a whole process."""

    def run(*arguments: str, var: Path, typed: str = "", **settings: str):
        environment = {
            **os.environ,
            "PROSSIMA_VAR": str(var),
            "PROSSIMA_DATA": str(pack),
            "PROSSIMA_MIRROR": "",
            **settings,
        }
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            cwd=ROOT,
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def pack_var(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an edition from the pack alone."""
    var = tmp_path_factory.mktemp("pack_var")
    done = cli("build", "--offline", var=var)
    assert done.returncode == 0, done.stderr
    return var


@pytest.fixture(scope="session")
def milano_var(cli: Cli, mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an edition from the mirror, once for all tests that read it."""
    var = tmp_path_factory.mktemp("milano_var")
    done = cli("build", "--offline", "--mirror", str(mirror), var=var)
    assert done.returncode == 0, done.stderr
    (var / "report.txt").write_text(done.stdout, encoding="utf-8")
    return var
