"""A build whose work is shared by the processes of a dask cluster."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from mapping.edition.edition import current

LOOPBACK = "127.0.0.1:0"
"""Else dask would serve its figures on port 8787, to everybody."""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=LOOPBACK,
        worker_dashboard_address=LOOPBACK,
    ) as cluster:
        yield cluster.scheduler_address


def files(var: Path) -> dict[str, str]:
    manifest = json.loads((current(var / "editions") / "manifest.json").read_text())
    return {file["name"]: file["sha256"] for file in manifest["files"]}


@pytest.mark.slow
def test_a_build_on_a_cluster_is_the_same_to_the_last_bit(process, pack_var, tmp_path, scheduler):
    done = process("build", "--offline", "--dask", scheduler, var=tmp_path / "var")

    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "var") == files(pack_var)


@pytest.mark.all
@pytest.mark.slow
@pytest.mark.shared
def test_milano_on_a_cluster_is_the_same_to_the_last_bit(
    process, milano_var, mirror, tmp_path, scheduler
):
    asked = ["build", "--offline", "--mirror", str(mirror), "--dask", scheduler]

    done = process(*asked, var=tmp_path / "var")

    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "var") == files(milano_var)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere"])
def test_a_scheduler_that_does_not_answer_is_told_in_one_line(process, tmp_path, address):
    done = process("build", "--offline", "--dask", address, var=tmp_path / "var")

    assert done.returncode == 2
    assert done.stderr.strip().startswith(f"prossima: No dask scheduler answers at '{address}'.")
    assert not (tmp_path / "var").exists()
