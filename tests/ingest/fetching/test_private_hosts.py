"""Hosts inside of a private network are asked only where the operator names them."""

import pytest

from ingest.fetching.fetch import Fetcher, Request
from ingest.fetching.private_hosts import PRIVATE_HOSTS_VARIABLE, refusal
from mapping.errors import SourceError
from tests.ingest.portal import Page


@pytest.fixture(autouse=True)
def nobody_is_named(monkeypatch):
    monkeypatch.setenv(PRIVATE_HOSTS_VARIABLE, "")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "localhost",
        "LOCALHOST.", "registro.internal", "stampante.local", "2130706433", "0x7f.1",
    ],
)  # fmt: skip
def test_a_private_host_is_refused_by_its_name_alone(host):
    assert "PROSSIMA_PRIVATE_HOSTS" in str(refusal(host, []))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.7"])
def test_a_public_name_with_a_private_address_is_refused(address):
    assert address in str(refusal("dati.example.org", ["93.184.215.14", address]))


def test_a_public_host_is_asked():
    assert refusal("dati.example.org", ["93.184.215.14", "2606:4700::6810:84e5"]) is None


def test_a_host_that_the_operator_names_is_asked(monkeypatch):
    monkeypatch.setenv(PRIVATE_HOSTS_VARIABLE, "dati.comune.internal, 10.0.0.7")
    assert refusal("DATI.comune.internal", ["10.0.0.7"]) is None
    assert refusal("10.0.0.7", ["10.0.0.7"]) is None
    assert refusal("10.0.0.8", ["10.0.0.8"]) is not None


def test_a_source_on_this_machine_is_not_asked(portal, tmp_path):
    portal.pages["/a.csv"] = Page(b"nome\n")
    run = Fetcher(raw=tmp_path, mirror=None, bundled=None, offline=False)
    with pytest.raises(SourceError, match="is inside of a private network"):
        run.take(Request("farmacie", live=(f"{portal.address}/a.csv",)))
    assert portal.asked == []


def test_a_publisher_may_not_lead_to_a_private_host(portal, tmp_path, monkeypatch):
    monkeypatch.setenv(PRIVATE_HOSTS_VARIABLE, "127.0.0.1")
    target = portal.address.replace("127.0.0.1", "localhost")
    portal.pages["/a.csv"] = Page(b"", goes_to=f"{target}/b.csv")
    portal.pages["/b.csv"] = Page(b"segreto\n")
    run = Fetcher(raw=tmp_path, mirror=None, bundled=None, offline=False)
    with pytest.raises(SourceError, match="localhost is inside of a private network"):
        run.take(Request("farmacie", live=(f"{portal.address}/a.csv",)))
    assert [path for path, _ in portal.asked] == ["/a.csv"]
