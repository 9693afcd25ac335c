"""The images of `deploy/`: made of Debian's packages alone, run, and started together."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("mmdebstrap", "buildah", "podman", "podman-compose", "unshare", "curl")
MISSING = [name for name in TOOLS if not shutil.which(name)]
MISSING += [
    name for name in ("netavark", "aardvark-dns") if not Path("/usr/lib/podman", name).exists()
]
REASON = f"no {' and no '.join(MISSING)} on this machine" if MISSING else "only root makes them"
PATIENCE_SECONDS = 240
PROSSIMA = "/opt/prossima/.venv/bin/prossima"
SAYS = {
    "proxy": (["caddy", "version"], "2."),
    "database": (["sh", "-c", "ls /usr/share/postgresql/*/extension/postgis.control"], "postgis"),
    "app": ([PROSSIMA, "--version"], "0."),
}
COMPOSE = ["podman-compose", "--project-name", "prossima-tried", "--file", "deploy/compose.yaml"]
# Bounds that a machine which may not raise its own gives; a store and networks of our own.
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=8192:8192", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
"""
STORAGE_CONF = """
[storage]
driver = "{driver}"
graphroot = "{folder}/store"
runroot = "{folder}/run"
"""
# crun refuses a machine whose controllers are of both versions; here the second is out of sight.
HOLDER = """
second=/sys/fs/cgroup/unified
if grep -q . $second/cgroup.controllers 2>/dev/null; then umount $second; fi
echo ready; exec sleep infinity
"""
pytestmark = [
    pytest.mark.all,
    pytest.mark.skipif(bool(MISSING) or os.geteuid() != 0, reason=REASON),
]
Run = Callable[..., str]


@contextmanager
def _mounts_of_our_own() -> Iterator[int]:
    holder = subprocess.Popen(  # noqa: S603 - the system's own program
        ["unshare", "--mount", "sh", "-c", HOLDER],  # noqa: S607
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n", "this machine gives no namespace of mounts"
        yield holder.pid
    finally:
        holder.kill()
        holder.communicate()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Run a command of the runbook, with a store of images and ports of our own."""
    folder = tmp_path_factory.mktemp("containers")
    driver = os.environ.get("STORAGE_DRIVER", "overlay")
    (folder / "containers.conf").write_text(CONTAINERS_CONF.format(folder=folder))
    (folder / "storage.conf").write_text(STORAGE_CONF.format(folder=folder, driver=driver))
    http, https = _free_ports()
    settings = {
        "CONTAINERS_CONF": f"{folder}/containers.conf",
        "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
        "PROSSIMA_SITE": "localhost",
        "PROSSIMA_HTTP_PORT": http,
        "PROSSIMA_HTTPS_PORT": https,
    }
    with _mounts_of_our_own() as holder:

        def run(*words: str | Path, check: bool = True) -> str:
            done = subprocess.run(  # noqa: S603 - what the runbook says
                ["nsenter", f"--mount=/proc/{holder}/ns/mnt", f"--wdns={ROOT}", *map(str, words)],  # noqa: S607
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, **settings},
            )
            said = f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
            assert done.returncode == 0 or not check, said
            return done.stdout

        yield run
        run("podman", "system", "reset", "--force", check=False)


def _free_ports() -> list[str]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return [str(probe.getsockname()[1]) for probe in (one, other)]


@pytest.fixture(scope="module")
def images(run: Run) -> Iterator[None]:
    """Make the three images without a namespace of their own; root folders that are there stay."""
    made = []
    try:
        for role in SAYS:
            root_folder = ROOT / "build" / f"rootfs-{role}.tar"
            if not root_folder.exists():
                made.append(root_folder)
                run("deploy/rootfs.sh", role)
            build = ["build", "--isolation", "chroot", "--file", "deploy/Containerfile"]
            run("buildah", *build, "--target", role, "--tag", f"localhost/prossima-{role}", ".")
        yield
    finally:
        for root_folder in made:
            root_folder.unlink(missing_ok=True)


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("role", SAYS)
def test_images_are_made_of_packages_and_run(run: Run, role: str) -> None:
    container = run("buildah", "from", f"localhost/prossima-{role}").strip()
    words, said = SAYS[role]
    try:
        assert said in run("buildah", "run", "--isolation", "chroot", container, "--", *words)
    finally:
        run("buildah", "rm", container)


@pytest.fixture
def together(run: Run, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start the three as the runbook says, from nothing; give a client that Caddy answers."""
    try:
        run(*COMPOSE, "up", "--detach", "database")
        # podman-compose ends well even when what it starts does not.
        said = run(*COMPOSE, "run", "--no-deps", "--rm", "app", "build", "--offline")
        assert "edition 2" in said, said
        run(*COMPOSE, "up", "--detach")
        authority = tmp_path / "root.crt"
        give_up = time.monotonic() + PATIENCE_SECONDS
        of_caddy = "/var/lib/caddy/caddy/pki/authorities/local/root.crt"
        port = run("podman", "port", "prossima-tried_proxy_1", "443/tcp").strip().rpartition(":")[2]

        def ask(path: str, *more: str) -> str:
            return run(
                *("curl", "--silent", "--connect-to", f"localhost:443:127.0.0.1:{port}"),
                *("--cacert", authority, "--write-out", " %{http_code}", *more),
                f"https://localhost{path}",
                check=False,
            )

        while not (authority.exists() and ask("/ready").endswith(" 200")):
            assert time.monotonic() < give_up, run("podman", "logs", "prossima-tried_app_1")
            time.sleep(1)
            root = run("podman", "exec", "prossima-tried_proxy_1", "cat", of_caddy, check=False)
            authority.write_text(root)
        yield ask
    finally:
        run(*COMPOSE, "down", check=False)


@pytest.mark.usefixtures("images")
def test_the_three_together_answer_over_tls_and_keep_reports_in_postgis(
    run: Run, together: Callable[..., str]
) -> None:
    page = together("/")
    assert page.endswith(" 200")
    assert "<form" in page
    asked = '{"where": {"nil": "Baggio"}, "count": 1}'
    found = together("/v1/nearest", "--json", asked)
    assert found.endswith(" 200"), found
    service_id = found.partition('"service_id":"')[2].partition('"')[0]
    assert together(f"/segnala/{service_id}", "--data", "kind=full").endswith(" 303")
    assert together("/metrics").endswith(" 404")
    kept = "SELECT service_id, kind FROM report"
    query = ["psql", "--host", "/run/postgresql", "prossima", "--tuples-only", "--no-align"]
    database = ["podman", "exec", "--user", "postgres", "prossima-tried_database_1"]
    assert run(*database, *query, "--command", kept).strip() == f"{service_id}|full"
    said = run("podman", "exec", "prossima-tried_app_1", PROSSIMA, "doctor")
    assert " problem " not in said
    written = run(
        *("podman", "exec", "prossima-tried_app_1"),
        *("/opt/prossima/.venv/bin/python", "-c", "open('/opt/prossima/x', 'w')"),
        check=False,
    )
    assert written == ""
    assert "prossima_nowhere" not in run("podman", "inspect", "prossima-tried_app_1")
