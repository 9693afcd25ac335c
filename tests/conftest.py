"""What the whole suite shares: the real mirror, built editions, and which absences are failures."""

import fcntl
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import hypothesis
import pytest

from api.benches.postgres import server_program
from api.cli.main import main
from tests import s3 as s3_server
from tests.commands import in_process
from tests.overlay import write
from tests.postgres import NewStore, Postgres, running

# How long an example takes is no behaviour: on a busy machine it is anything.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.register_profile("all", deadline=None, max_examples=250)
hypothesis.settings.load_profile("untimed")
ROOT = Path(__file__).parents[1]
MIRROR = ROOT.parent / "shared" / "data"
# The publishers of tests listen on this machine.
os.environ.setdefault("PROSSIMA_PRIVATE_HOSTS", "127.0.0.1,localhost")
# All builds of a run are of one day, that compared ones are the same when it ends at midnight.
os.environ.setdefault("PROSSIMA_DAY", time.strftime("%Y-%m-%d"))
REQUIRED = set(filter(None, os.environ.get("PROSSIMA_REQUIRE", "").split(",")))
POSTGRES = server_program()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPERATING = ("caddy", "podman", "podman-compose", "systemd-analyze")
LACKING = ", ".join(name for name in OPERATING if not shutil.which(name))

ABSENT = {
    "shared": None if MIRROR.is_dir() else "no ../shared/data beside the repository",
    "browser": None if CHROMIUM else "no Chromium on this machine",
    "postgis": None if POSTGRES else "no PostgreSQL server with PostGIS on this machine",
    "operating": f"no {LACKING} on this machine" if LACKING else None,
}

NEEDS = {"mirror": "shared", "chromium": "browser", "postgres": "postgis"}
"""Whoever asks for the fixture needs what the mark says, marked or not."""

LEFT = pytest.StashKey[int]()
Cli = Callable[..., subprocess.CompletedProcess[str]]


def pytest_itemcollected(item: pytest.Item) -> None:
    for fixture, mark in NEEDS.items():
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, reason in ABSENT.items():
        if item.get_closest_marker(name) and reason:
            if name in REQUIRED:
                pytest.fail(f"PROSSIMA_REQUIRE asks for {name}: {reason}")
            pytest.skip(reason)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order files for several workers: the first one builds Milano, the next do not wait for it.

    Files with few tests, and without Milano, come last: they end at about the same time.
    """
    if not hasattr(config, "workerinput"):
        return
    sizes = Counter(item.path for item in items)
    largest = sorted(sizes, key=lambda path: (-sizes[path], path))
    needing = {item.path for item in items if item.get_closest_marker("shared")}
    milano = [path for path in largest if path in needing]
    others = [path for path in largest if path not in needing]
    half = len(others) // 2
    order = [*milano[:1], *others[:half], *milano[1:], *others[half:]]
    ranks = {path: rank for rank, path in enumerate(order)}
    items.sort(key=lambda item: ranks[item.path])


def pytest_deselected(items: list[pytest.Item]) -> None:
    left = [item for item in items if item.get_closest_marker("all")]
    for item in left[:1]:
        item.config.stash[LEFT] = len(left)
        # A worker tells whoever started it.
        getattr(item.config, "workeroutput", {})["left"] = len(left)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    node.config.stash[LEFT] = getattr(node, "workeroutput", {}).get("left", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left = terminalreporter.config.stash.get(LEFT, 0)
    if left:
        terminalreporter.write_line(f"NOT RUN [{left}] what is marked `all`: make test-all runs it")


@pytest.fixture(scope="session")
def mirror() -> Path:
    return MIRROR


@pytest.fixture(scope="session")
def chromium() -> str:
    assert CHROMIUM
    return CHROMIUM


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    assert POSTGRES
    with running(POSTGRES) as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """Run a server of S3, and give the environment in which it is found."""
    with s3_server.running() as environment:
        yield environment


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]
)
def new_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewStore:
    """Give empty catalogues of either kind, one a call: what holds of one holds of the other."""
    if request.param == "postgis":
        return request.getfixturevalue("postgres").database
    folders = tmp_path_factory.mktemp("stores")
    numbers = itertools.count()
    return lambda: nullcontext(f"sqlite:///{folders / str(next(numbers))}.sqlite")


@pytest.fixture
def store(new_store: NewStore) -> Iterator[str]:
    with new_store() as url:
        yield url


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the bundled pack, as it is in a fresh clone: builds leave outlines beside it."""
    copy = tmp_path_factory.mktemp("pack") / "data"
    shutil.copytree(ROOT / "data", copy, ignore=shutil.ignore_patterns("*.geojson"))
    return copy


def environment(pack: Path, var: Path) -> dict[str, str]:
    # A build from a mirror leaves outlines in its pack: each folder of editions has its own.
    data = var.with_name(f"{var.name}-data")
    if not data.exists():
        shutil.copytree(pack, data)
    settings = {"VAR": str(var), "DATA": str(data), "MIRROR": "", "CONFIG": ""}
    ours = {f"PROSSIMA_{name}": value for name, value in settings.items()}
    return {**os.environ, "PYTHONPATH": str(ROOT), **ours}


@pytest.fixture(scope="session")
def cli(pack: Path) -> Cli:
    """Run the command line within this process: the same words and exit status, sooner."""

    def run(*arguments: str, var: Path, typed: str = "", cwd: Path = ROOT, **settings: str):
        return in_process(
            arguments, typed=typed, cwd=cwd, settings={**environment(pack, var), **settings}
        )

    return run


@pytest.fixture(scope="session")
def process(pack: Path) -> Cli:
    """Run the command line as a whole process: for builds, and for what only a process shows."""

    def run(*arguments: str, var: Path, typed: str = "", cwd: Path = ROOT, **settings: str):
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "api.cli", *arguments],
            cwd=cwd,
            env={**environment(pack, var), **settings},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def started(pack: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command line without waiting for its end; all it prints is in its stdout."""
    with ExitStack() as running:

        def start(*arguments: str, var: Path) -> subprocess.Popen[str]:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "api.cli", *arguments],
                cwd=ROOT,
                env=environment(pack, var),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            running.enter_context(process)
            running.callback(process.kill)
            return process

        yield start


def built_once(
    name: str, process: Cli, tmp_path_factory: pytest.TempPathFactory, *options: str
) -> Path:
    """Build an edition once for all workers of a run: the first one builds, the others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    var = shared / name
    report = shared / f"{name}.txt"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not report.exists():
            shutil.rmtree(var, ignore_errors=True)
            done = process("build", "--offline", *options, var=var)
            assert done.returncode == 0, done.stderr
            (var / "report.txt").write_text(done.stdout, encoding="utf-8")
            report.touch()
    return var


@pytest.fixture(scope="session")
def pack_var(process: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an edition from the pack alone."""
    return built_once("pack_var", process, tmp_path_factory)


@pytest.fixture(scope="session")
def milano_var(process: Cli, mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an edition from the mirror."""
    return built_once("milano_var", process, tmp_path_factory, "--mirror", str(mirror))


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], Path]:
    """Lay files over the bundled settings."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setenv("PROSSIMA_CONFIG", str(folder))
    return lambda files: write(folder, files)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command in this process: its exit code, and what it prints."""
    monkeypatch.setenv("PROSSIMA_VAR", str(tmp_path / "var"))

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["prossima", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return command
