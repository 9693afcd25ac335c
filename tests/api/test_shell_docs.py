"""Each shell command of the pages for operators is run by a test, or said to be left."""

import ast
import re
import shlex
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("operating.md", "runbook.md", "security.md")]

POINT_IN_TIME = "tests/test_point_in_time.py::test_the_catalogue_goes_back_before_a_mistake"
CONTAINERS = "tests/test_containers.py::test_images_are_made_of_packages_and_run"
TOGETHER = (
    "tests/test_containers.py::test_the_three_together_answer_over_tls_and_keep_reports_in_postgis"
)
WRAPPER = "tests/test_deploy.py::test_the_wrapper_runs_commands_with_the_settings_of_the_server"
RUN = {
    "curl": "tests/api/test_shell_docs.py::test_what_curl_asks_for_is_answered",
    "caddy": "tests/api/test_proxy.py::test_caddy_takes_the_file",
    "pg_isready": POINT_IN_TIME,
    "pg_basebackup": POINT_IN_TIME,
    "deploy/recover.sh": POINT_IN_TIME,
    "deploy/rootfs.sh": CONTAINERS,
    "buildah": CONTAINERS,
    "podman-compose": TOGETHER,
    "podman": TOGETHER,
    "pg_dump": "tests/mapping/catalogue/test_postgis.py",
    "pg_restore": "tests/mapping/catalogue/test_postgis.py",
    "/opt/prossima/deploy/prossima": WRAPPER,
    "make": "tests/test_docs.py::test_a_documented_target_exists",
}
"""By the program, the test that runs it as the page does."""
NOT_RUN = {
    "useradd": "changes the accounts of the machine",
    "install": "writes into /etc; the unit itself is verified in tests/test_deploy.py",
    "systemctl": "needs systemd as the first process",
    "git": "takes another release",
    "ln": "changes /opt",
    "export": "sets a variable of the lines below it",
}


def shell_commands() -> list[list[str]]:
    texts = [page.read_text(encoding="utf-8") for page in PAGES if page.exists()]
    blocks = [block for text in texts for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    return [shlex.split(re.sub(r"^(\w+=\S+ )+", "", line)) for line in lines]


def test_every_command_is_run_or_said_to_be_left():
    programs = {words[0] for words in shell_commands()}
    assert programs == set(RUN) | set(NOT_RUN)


@pytest.mark.parametrize("place", sorted(set(RUN.values())))
def test_what_runs_them_is_there(place):
    path, _, name = place.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert name in names if name else names


def test_what_curl_asks_for_is_answered(pack_server):
    asked = [httpx.URL(words[-1]).path for words in shell_commands() if words[0] == "curl"]
    assert asked
    for path in asked:
        assert pack_server.client.get(path).status_code == 200, path
