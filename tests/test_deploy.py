"""What is shipped for running a server is what the system that reads it takes."""

import configparser
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "prossima.service"
ANALYZE = shutil.which("systemd-analyze")


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    return unit["Service"]


@pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze on this machine")
@pytest.mark.parametrize("wrong", [False, True], ids=["as shipped", "with a mistake"])
def test_systemd_takes_the_unit(tmp_path, wrong):
    """The unit is verified with a program that exists here; a mistake in it would be seen."""
    text = UNIT.read_text(encoding="utf-8").replace("/opt/prossima/.venv/bin/prossima", "/bin/true")
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("MemoryMax=4G", "MemoryMax=much") if wrong else text)
    done = subprocess.run(  # noqa: S603 - the system's own program
        [ANALYZE, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )
    assert (UNIT.name in done.stderr) == wrong, done.stderr


def test_the_unit_starts_a_command_that_there_is(cli, tmp_path):
    program, *words = shlex.split(service()["ExecStart"])
    assert Path(program).name == "prossima"
    shown = cli(words[0], "--help", var=tmp_path, COLUMNS="200").stdout
    assert all(word in shown for word in words if word.startswith("--"))


def test_a_server_is_bounded_and_leaves_no_core_dump():
    said = service()
    assert said["LimitCORE"] == "0"
    assert said["ProtectSystem"] == "strict"
    assert said["NoNewPrivileges"] == "yes"
    assert said["Restart"] == "on-failure"
    assert {"MemoryMax", "LimitNOFILE", "TasksMax"} <= set(said)
