"""What the whole suite shares: the real mirror, and which absences are failures."""

import os
import shutil
from pathlib import Path

import pytest

MIRROR = Path(__file__).parents[2] / "shared" / "data"
REQUIRED = set(filter(None, os.environ.get("PROSSIMA_REQUIRE", "").split(",")))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

ABSENT = {
    "shared": None if MIRROR.is_dir() else "no ../shared/data beside the repository",
    "browser": None if CHROMIUM else "no Chromium on this machine",
    "postgis": None if shutil.which("postgres") else "no PostgreSQL server on this machine",
}


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
