"""The images of `deploy/`: made of Debian's packages alone, and run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MISSING = [name for name in ("mmdebstrap", "buildah") if not shutil.which(name)]
REASON = f"no {' and no '.join(MISSING)} on this machine" if MISSING else "only root makes them"
SAYS = {
    "proxy": (["caddy", "version"], "2."),
    "database": (["sh", "-c", "ls /usr/share/postgresql/*/extension/postgis.control"], "postgis"),
    "app": (["/opt/prossima/.venv/bin/prossima", "nearest", "--help"], "--address"),
}
pytestmark = [
    pytest.mark.all,
    pytest.mark.skipif(bool(MISSING) or os.geteuid() != 0, reason=REASON),
]


def run(*words: str | Path) -> str:
    done = subprocess.run(  # noqa: S603 - what the runbook says
        list(map(str, words)), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.parametrize("role", SAYS)
def test_images_are_made_of_packages_and_run(role: str) -> None:
    """Built and run without a namespace of its own, as in a container that has none to give."""
    run("deploy/rootfs.sh", role)
    image = f"localhost/prossima-{role}-tried"
    store = ["--storage-driver", "vfs"]
    build = ["build", "--isolation", "chroot", "--file", "deploy/Containerfile", "--target", role]
    run("buildah", *store, *build, "--tag", image, ".")
    container = run("buildah", *store, "from", image).strip()
    words, said = SAYS[role]
    try:
        assert said in run(
            "buildah", *store, "run", "--isolation", "chroot", container, "--", *words
        )
    finally:
        run("buildah", *store, "rm", container)
        run("buildah", *store, "rmi", image)
        (ROOT / "build" / f"rootfs-{role}.tar").unlink()
