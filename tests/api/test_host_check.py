"""Requests under another name than the public one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.host_check import host_of
from mapping.errors import BadInputError
from tests.api.conftest import Server, serving

NAME = "prossima.example"


@pytest.fixture(scope="module")
def server(pack_var: Path, pack: Path, tmp_path_factory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "host.log"
    with serving(pack_var, pack, log, PROSSIMA_PUBLIC_URL=f"https://{NAME}") as server:
        yield server


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("/", NAME, 200),
        ("/", NAME.upper(), 200),
        ("/", f"{NAME}:443", 200),
        ("/", f"{NAME}.", 200),
        ("/", "elsewhere.example", 400),
        ("/", "localhost", 400),
        ("/", f"{NAME}.elsewhere.example", 400),
        ("/", f"elsewhere.example@{NAME}:x", 400),
        ("/", "[", 400),
        ("/static/base.css", "elsewhere.example", 400),
        ("/rete.csv", "elsewhere.example", 400),
        ("/health", "localhost", 200),
        ("/ready", "127.0.0.1:8000", 200),
        ("/health", "[::1]:8000", 200),
        ("/health", "elsewhere.example", 400),
    ],
)
def test_only_the_public_name_leads_here(
    server: Server, address: str, host: str, status: int
) -> None:
    answer = server.client.get(address, headers={"Host": host})
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "elsewhere" not in answer.text
        assert "content-security-policy" in answer.headers
        assert server.client.head(address, headers={"Host": host}).content == b""


def test_without_a_public_name_every_name_does(pack_server: Server) -> None:
    assert pack_server.client.get("/", headers={"Host": "elsewhere.example"}).status_code == 200


@pytest.mark.parametrize("url", ["prossima.example", "https://", "ftp://prossima.example", "//["])
def test_a_public_address_without_a_name_is_refused(url: str) -> None:
    with pytest.raises(BadInputError, match="is no web address"):
        host_of(url)
    assert host_of("https://Prossima.Example:8443/") == "prossima.example"


def test_a_server_does_not_start_with_a_wrong_public_address(cli, pack_var: Path) -> None:
    done = cli("serve", "--port", "1", var=pack_var, PROSSIMA_PUBLIC_URL="prossima.example")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
