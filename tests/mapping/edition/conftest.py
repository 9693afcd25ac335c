"""Stores of either kind: a folder, and a bucket on a server of S3."""

import itertools
from pathlib import Path

import pytest

from tests.s3 import BUCKET

NUMBERS = itertools.count()


@pytest.fixture(params=["folder", "bucket"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> str:
    if request.param == "folder":
        return str(tmp_path / "store")
    for name, value in request.getfixturevalue("s3").items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/drawn/{next(NUMBERS)}"
