"""What is shipped for running a server is what the system that reads it takes."""

import configparser
import getpass
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from api.settings import Settings
from mapping.edition.edition import current

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "prossima.service"
ANALYZE = shutil.which("systemd-analyze") or ""


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    return unit["Service"]


@pytest.mark.operating
@pytest.mark.parametrize("wrong", [False, True], ids=["as shipped", "with a mistake"])
def test_systemd_takes_the_unit(tmp_path, wrong):
    """The unit is verified with a program that exists here; a mistake in it would be seen."""
    text = UNIT.read_text(encoding="utf-8").replace("/opt/prossima/.venv/bin/prossima", "/bin/true")
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("MemoryMax=12G", "MemoryMax=much") if wrong else text)
    done = subprocess.run(  # noqa: S603 - the system's own program
        [ANALYZE, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )
    assert (UNIT.name in done.stderr) == wrong, done.stderr


@pytest.mark.operating
def test_systemd_takes_the_units_of_the_night(tmp_path):
    for name in ("prossima-nightly.service", "prossima-nightly.timer"):
        text = (UNIT.parent / name).read_text(encoding="utf-8")
        text = text.replace("/opt/prossima/deploy/nightly.sh", "/bin/true")
        (tmp_path / name).write_text(text, encoding="utf-8")
    units = [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run(  # noqa: S603 - the system's own program
        [ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert "prossima-nightly" not in done.stderr, done.stderr


@pytest.mark.operating
def test_the_timer_has_a_moment_each_night_that_systemd_reads():
    text = (UNIT.parent / "prossima-nightly.timer").read_text(encoding="utf-8")
    (moment,) = re.findall(r"^OnCalendar=(.+)$", text, re.MULTILINE)
    done = subprocess.run(  # noqa: S603 - the system's own program
        [ANALYZE, "calendar", "--iterations=2", moment], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = re.findall(r"\d{4}-\d{2}-(\d{2}) 02:30:00", done.stdout)[-2:]
    assert first != second
    assert "Persistent=yes" in text  # a night that was missed is made up for


def test_a_night_whose_build_is_refused_has_its_backup_and_keeps_the_last(pack_var, tmp_path):
    unit = (UNIT.parent / "prossima-nightly.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/prossima/deploy/nightly.sh /var/lib/prossima\n" in unit
    names = [f"backup-202511{day:02}T023000" for day in range(1, 21)]
    for name in names:
        (tmp_path / name).touch()
    var = shutil.copytree(pack_var, tmp_path / "var")
    settings = {
        "PROSSIMA_VAR": str(var),
        "PROSSIMA_MIRROR": str(tmp_path / "none"),
        "PROSSIMA_BACKUP_PASSPHRASE": "una frase di prova",
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [UNIT.parent / "nightly.sh", tmp_path],
        cwd=tmp_path, env={**os.environ, "VENV": sys.prefix, **settings},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert str(tmp_path / "none") in " ".join(done.stderr.split())
    *kept, made, _ = sorted(path.name for path in tmp_path.iterdir())
    assert kept == names[-13:]
    assert made not in names
    assert current(var / "editions").name in done.stdout


def test_the_unit_starts_a_command_that_there_is(cli, tmp_path):
    program, *words = shlex.split(service()["ExecStart"])
    assert Path(program).name == "prossima"
    shown = cli(words[0], "--help", var=tmp_path, COLUMNS="200").stdout
    assert all(word in shown for word in words if word.startswith("--"))


def test_the_wrapper_runs_commands_with_the_settings_of_the_server(pack_var, tmp_path):
    settings = tmp_path / "environment"
    settings.write_text(f'# of the server\nPROSSIMA_VAR="{pack_var}"\nPROSSIMA_MIRROR=\n')
    own = {"ENVIRONMENT": settings, "SERVED_AS": getpass.getuser(), "VENV": sys.prefix}
    environment = {"PATH": os.environ["PATH"], **{name: str(word) for name, word in own.items()}}

    def run(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own script
            [ROOT / "deploy" / "prossima", "editions", "list"],
            cwd=tmp_path, env={**environment, **more}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert current(pack_var / "editions").name in run().stdout
    assert current(pack_var / "editions").name not in run(PROSSIMA_VAR=str(tmp_path)).stdout


def test_a_server_is_bounded_and_leaves_no_core_dump():
    said = service()
    assert said["LimitCORE"] == "0"
    assert said["ProtectSystem"] == "strict"
    assert said["NoNewPrivileges"] == "yes"
    assert said["Restart"] == "on-failure"
    assert {"MemoryMax", "LimitNOFILE", "TasksMax"} <= set(said)


def test_the_night_may_take_no_more_memory_than_the_server():
    night = (ROOT / "deploy" / "prossima-nightly.service").read_text()
    assert f"MemoryMax={service()['MemoryMax']}\n" in night


def test_an_environment_that_was_half_made_is_made_again(tmp_path):
    """Debian's Python without python3-venv leaves a folder that has no pip, and fails."""
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\ncase $1 in -m) "{sys.executable}" -m venv --without-pip "$3"; exit 1;; esac\n'
    )
    python.chmod(0o755)
    venv = tmp_path / "venv"

    def make(*words: str) -> subprocess.CompletedProcess[str]:
        asked = ["make", *words, f"VENV={venv}", f"{venv}/bin/pip"]
        return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603

    failed = make(f"PYTHON={python}")
    assert failed.returncode == 2
    assert "apt-get install python3-venv" in failed.stderr
    assert (venv / "bin" / "python").exists()
    assert f"-m venv '{venv}'" in make("--dry-run").stdout


COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
CONTAINERS = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
SCRIPTS = [*sorted((ROOT / "deploy").glob("*.sh")), ROOT / "deploy" / "prossima"]


def test_every_service_is_an_image_of_ours_from_no_registry():
    targets = {name: service["build"]["target"] for name, service in COMPOSE["services"].items()}
    assert targets == {name: name for name in ("database", "app", "proxy")}
    assert re.findall(r"^FROM (\S+) AS (\w+)", CONTAINERS, re.MULTILINE) == [
        ("scratch", name) for name in ("app", "database", "proxy")
    ]
    images = [service["image"] for service in COMPOSE["services"].values()]
    assert all(image.startswith("localhost/") for image in images)


def test_only_the_proxy_is_reached_from_outside_and_only_it_is_believed():
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["database"]["networks"] == ["nowhere"]
    assert COMPOSE["networks"]["nowhere"]["internal"]
    assert [name for name, one in services.items() if "nowhere" in one["networks"]] == ["database"]
    inside = {name for name, service in services.items() if service.get("networks") == ["inside"]}
    assert inside == {"app", "proxy"}
    assert services["proxy"]["environment"]["PROSSIMA_UPSTREAM"] == "app:8000"
    assert services["app"]["read_only"]
    assert services["app"]["ulimits"]["core"] == 0


def test_no_log_of_a_container_fills_the_disk():
    for service in COMPOSE["services"].values():
        assert service["logging"]["options"] == {"max-size": "50m"}


def test_what_the_compose_file_mounts_is_declared():
    mounts = {
        re.sub(r"\$\{\w+:-(\w+)\}", r"\1", mount).partition(":")[0]
        for service in COMPOSE["services"].values()
        for mount in service["volumes"]
    }
    assert mounts == set(COMPOSE["volumes"])


def test_settings_of_the_containers_are_settings_that_there_are():
    declared = {f"PROSSIMA_{name.upper()}" for name in Settings.model_fields}
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    declared |= set(re.findall(r"\{\$(\w+)", caddyfile))
    for service in COMPOSE["services"].values():
        names = set(service.get("environment", {}))
        assert {name for name in names if name.startswith("PROSSIMA_")} <= declared


@pytest.mark.operating
@pytest.mark.parametrize("mirror", ["", "/data/copies"])
def test_podman_compose_takes_the_file(mirror):
    words = ["podman-compose", "--dry-run", "--file", str(ROOT / "deploy" / "compose.yaml")]
    environment = {**os.environ, "PROSSIMA_SITE": "prossima.example"}
    environment.pop("PROSSIMA_MIRROR", None)
    environment |= {"PROSSIMA_MIRROR": mirror} if mirror else {}
    done = subprocess.run(  # noqa: S603
        [*words, "up", "--detach"], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "https://prossima.example" in said
    assert "-e PROSSIMA_MIRROR " in said  # as it is outside
    assert f":{mirror or '/srv/sources'}:ro" in said
    assert said.count("--log-opt=max-size=50m") == len(COMPOSE["services"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_one_that_the_shell_reads(script):
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert done.returncode == 0, done.stderr
    assert os.access(script, os.X_OK)


def test_a_recovery_to_no_moment_is_refused(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "PG_VERSION").write_text("15\n")
    (tmp_path / "archive").mkdir()
    done = subprocess.run(  # noqa: S603
        [ROOT / "deploy" / "recover.sh", "base", "archive", "recovered", ""],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert not (tmp_path / "recovered").exists()


@pytest.mark.parametrize("name", ["rootfs.sh", "recover.sh", "nightly.sh"])
def test_a_script_that_is_called_wrongly_says_how(name):
    done = subprocess.run(  # noqa: S603
        [ROOT / "deploy" / name, "x"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(name)
    assert done.stderr.count("\n") == 1
