"""Every download here is from a real HTTP server on the loopback."""

import hashlib
import json
import socket
import threading
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.fetching import download
from ingest.fetching.bundled_pack import bundled_folder
from ingest.fetching.download import Downloader
from ingest.fetching.fetch import Fetcher, Request
from ingest.live import CkanResource
from ingest.source import source, sources
from mapping.errors import SourceError
from tests.ingest.portal import Page, Portal

TABLE = b"nome;via\n" + b"".join(b"farmacia %d;via Padova %d\n" % (n, n) for n in range(4000))
PAGE = b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Pagina non trovata</body></html>"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "farmacie.csv").write_bytes(b"nome;via\n")
    return folder


def fetcher(tmp_path: Path, **options: object) -> Fetcher:
    chosen = {"mirror": None, "bundled": None, "offline": False} | options
    return Fetcher(raw=tmp_path / "raw", **chosen)  # type: ignore[arg-type]


def asks(portal: Portal, path: str = "/farmacie.csv", **options: object) -> Request:
    return Request("farmacie", live=(portal.address + path,), **options)  # type: ignore[arg-type]


def test_a_download_is_kept_by_its_content_and_not_asked_for_again(portal, tmp_path):
    portal.pages["/farmacie.csv"] = Page(TABLE)
    taken = fetcher(tmp_path).take(asks(portal))
    digest = hashlib.sha256(TABLE).hexdigest()
    assert (taken.taken_from, taken.sha256) == ("live", digest)
    assert taken.path == tmp_path / "raw" / digest[:2] / f"{digest}.csv"
    assert taken.path.read_bytes() == TABLE
    again = fetcher(tmp_path).take(asks(portal))
    assert (again.taken_from, again.path, again.retrieved) == ("raw", taken.path, taken.retrieved)
    assert len(portal.asked) == 1


def test_an_old_download_is_confirmed_by_its_etag(portal, tmp_path):
    page = portal.pages["/farmacie.csv"] = Page(TABLE, etag='"1"')
    first = fetcher(tmp_path).take(asks(portal))
    second = fetcher(tmp_path).take(asks(portal, refresh_days=0))
    assert (second.taken_from, second.path) == ("live", first.path)
    assert portal.asked[1][1]["If-None-Match"] == '"1"'
    page.body, page.etag = b"nome\nnuova\n", '"2"'
    third = fetcher(tmp_path).take(asks(portal, refresh_days=0))
    assert third.path.read_bytes() == b"nome\nnuova\n"
    assert not first.path.exists()


def test_a_broken_transfer_goes_on_where_it_broke(portal, tmp_path):
    portal.pages["/farmacie.csv"] = Page(TABLE, etag='"1"', cuts=[40_000])
    steps: list[tuple[int, int | None]] = []
    taken = fetcher(tmp_path, progress=lambda *step: steps.append(step)).take(asks(portal))
    assert taken.path.read_bytes() == TABLE
    second = portal.asked[1][1]
    assert (second["Range"], second["If-Range"]) == ("bytes=40000-", '"1"')
    assert steps[-1] == (len(TABLE), len(TABLE))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert not list((tmp_path / "raw" / "parts").iterdir())


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 200), max_size=2), tells_length=st.booleans())
def test_wherever_it_breaks_the_bytes_are_whole(portal, tmp_path_factory, cuts, tells_length):
    # Without a length a break looks like an end: only a whole answer is sent then.
    page = Page(TABLE[:200], etag='"1"', cuts=cuts if tells_length else [])
    page.tells_length = tells_length
    portal.pages["/farmacie.csv"] = page
    taken = fetcher(tmp_path_factory.mktemp("run")).take(asks(portal))
    assert taken.path.read_bytes() == TABLE[:200]


def test_a_file_that_changed_between_the_halves_is_taken_whole(portal, tmp_path, pack):
    page = portal.pages["/farmacie.csv"] = Page(TABLE, etag='"1"', cuts=[1000, 0, 0])
    request = asks(portal, bundled="farmacie.csv")
    assert fetcher(tmp_path, bundled=pack).take(request).taken_from == "bundled"
    page.body, page.etag = TABLE[::-1], '"2"'
    assert fetcher(tmp_path).take(request).path.read_bytes() == TABLE[::-1]
    assert portal.asked[-1][1]["If-Range"] == '"1"'


def test_a_killed_run_leaves_nothing_half_written_and_is_resumed(portal, tmp_path):
    hold = threading.Event()
    portal.pages["/farmacie.csv"] = Page(TABLE, etag='"1"', cuts=[70_000], hold=hold)
    run = get_context("spawn").Process(target=fetcher(tmp_path).take, args=(asks(portal),))
    run.start()
    part = _wait_for_part(portal, tmp_path / "raw" / "parts")
    run.kill()
    run.join()
    run.close()
    hold.set()
    assert [path.parent for path in (tmp_path / "raw").rglob("*.*")] == [part.parent] * 2
    assert fetcher(tmp_path).take(asks(portal)).path.read_bytes() == TABLE
    assert int(portal.asked[1][1]["Range"].removeprefix("bytes=").rstrip("-")) > 0


def _wait_for_part(portal: Portal, parts: Path) -> Path:
    assert portal.sent_half.wait(30)
    for _ in range(1000):
        found = [path for path in parts.glob("*.part") if path.stat().st_size]
        if found:
            return found[0]
        threading.Event().wait(0.01)
    pytest.fail("the other process wrote nothing")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(b"Errore 17", kind="text/html; charset=utf-8"), "a web page (text/html)"),
        (Page(PAGE, kind="text/csv"), "a web page"),
        (Page(b""), "empty"),
        (Page(TABLE, status=404), "HTTP 404"),
        (Page(TABLE, status=503), "HTTP 503"),
        (Page(b"a;b\n" * 30_000), "larger than 100000 bytes"),
        (Page(b"a;b\n" * 30_000, tells_length=False), "larger than 100000 bytes"),
    ],
)
def test_what_is_not_the_file_is_refused_and_the_pack_steps_in(
    portal, tmp_path, pack, page, reason
):
    portal.pages["/farmacie.csv"] = page
    request = asks(portal, bundled="farmacie.csv", max_bytes=100_000)
    taken = fetcher(tmp_path, bundled=pack).take(request)
    assert (taken.taken_from, taken.path) == ("bundled", pack / "farmacie.csv")
    assert reason in taken.tried[0]
    assert not list((tmp_path / "raw").rglob("*.part"))


def test_a_host_that_does_not_answer_is_asked_once_a_run(portal, tmp_path, pack):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    run = fetcher(tmp_path, bundled=pack)
    request = Request("farmacie", live=(f"http://127.0.0.1:{port}/a.csv",), bundled="farmacie.csv")
    assert run.take(request).taken_from == "bundled"
    assert list(run.unreachable) == ["127.0.0.1"]
    # The host answers by now, on another port, and is not asked: the run has decided.
    portal.pages["/farmacie.csv"] = Page(TABLE)
    later = run.take(asks(portal, bundled="farmacie.csv"))
    assert "earlier in this run" in later.tried[0]
    assert not portal.asked
    assert fetcher(tmp_path).take(asks(portal)).taken_from == "live"


def test_a_host_is_decided_upon_for_a_library_that_downloads_itself(portal, tmp_path):
    run = fetcher(tmp_path)
    run.reach("osm", (portal.address + "/api",))
    assert not run.unreachable
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/api"
    with pytest.raises(SourceError, match=r"only to be had live: 127.* gave no answer"):
        run.reach("osm", (nobody,))
    with pytest.raises(SourceError, match="live: offline"):
        fetcher(tmp_path, offline=True).reach("osm", (portal.address + "/api",))
    assert len(portal.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says(portal, tmp_path, status):
    portal.pages["/farmacie.csv"] = Page(TABLE, busy=[(status, "1")])
    assert fetcher(tmp_path).take(asks(portal)).path.read_bytes() == TABLE
    assert len(portal.asked) == 2


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_that_fails_is_asked_again_after_a_moment(portal, tmp_path, status):
    portal.pages["/farmacie.csv"] = Page(TABLE, busy=[(status, "")])
    assert fetcher(tmp_path).take(asks(portal)).path.read_bytes() == TABLE


@pytest.mark.parametrize("wait", ["61", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_server_that_asks_for_too_much_patience_is_given_up(portal, tmp_path, pack, wait):
    portal.pages["/farmacie.csv"] = Page(TABLE, busy=[(429, wait)])
    request = asks(portal, bundled="farmacie.csv")
    taken = fetcher(tmp_path, bundled=pack).take(request)
    assert taken.taken_from == "bundled"
    assert "HTTP 429, to be asked again in" in taken.tried[0]
    assert "a build waits 60 s at most" in taken.tried[0]
    assert len(portal.asked) == 1


def test_a_busy_moment_in_the_middle_loses_nothing(portal, tmp_path):
    busy = [(503, "1")]
    portal.pages["/farmacie.csv"] = Page(TABLE, etag='"1"', cuts=[40_000], busy_after_cut=busy)
    assert fetcher(tmp_path).take(asks(portal)).path.read_bytes() == TABLE
    assert [dict(headers).get("Range") for _, headers in portal.asked] == [
        None,
        "bytes=40000-",
        "bytes=40000-",
    ]


def test_the_proxy_of_the_machine_is_used(portal, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", portal.address)
    portal.pages["http://dati.example/farmacie.csv"] = Page(TABLE)
    request = Request("farmacie", live=("http://dati.example/farmacie.csv",))
    assert fetcher(tmp_path).take(request).path.read_bytes() == TABLE


def test_a_silent_host_is_given_up(portal, tmp_path):
    portal.pages["/farmacie.csv"] = Page(TABLE, cuts=[100], hold=threading.Event())
    run = Downloader(read_seconds=0.1)
    with pytest.raises(SourceError, match="gave no answer"):
        run.fetch(portal.address + "/farmacie.csv", tmp_path / "farmacie.part", max_bytes=10**6)
    assert list(run.unreachable) == ["127.0.0.1"]


def test_a_resolver_that_hangs_does_not_hang_the_run(tmp_path, monkeypatch):
    woken = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [] * woken.wait(10))
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.05)
    run = fetcher(tmp_path)
    with pytest.raises(SourceError, match="no address for this name"):
        run.take(Request("farmacie", live=("http://dati.example/farmacie.csv",)))
    assert list(run.unreachable) == ["dati.example"]
    woken.set()


def test_offline_asks_nobody(portal, tmp_path, pack):
    portal.pages["/farmacie.csv"] = Page(TABLE)
    taken = fetcher(tmp_path, bundled=pack, offline=True).take(asks(portal, bundled="farmacie.csv"))
    assert (taken.taken_from, taken.tried) == ("bundled", ("live: skipped, offline",))
    assert not portal.asked


def test_the_mirror_comes_before_the_publisher_and_a_fresh_download_before_it(portal, tmp_path):
    portal.pages["/farmacie.csv"] = Page(TABLE)
    mirror = tmp_path / "mirror"
    (mirror / "servizi").mkdir(parents=True)
    (mirror / "servizi" / "farmacie.csv").write_bytes(b"nome\n")
    request = asks(portal, mirror="servizi/farmacie.csv")
    taken = fetcher(tmp_path, mirror=mirror).take(request)
    assert (taken.taken_from, taken.path) == ("mirror", mirror / "servizi" / "farmacie.csv")
    assert taken.sha256 == hashlib.sha256(b"nome\n").hexdigest()
    assert not portal.asked
    assert fetcher(tmp_path, mirror=tmp_path).take(request).taken_from == "live"
    assert fetcher(tmp_path, mirror=mirror).take(request).taken_from == "raw"


def test_an_old_download_is_better_than_the_pack(portal, tmp_path, pack):
    portal.pages["/farmacie.csv"] = Page(TABLE)
    fetcher(tmp_path).take(asks(portal))
    request = asks(portal, bundled="farmacie.csv", refresh_days=0)
    taken = fetcher(tmp_path, bundled=pack, offline=True).take(request)
    assert taken.taken_from == "raw"
    assert taken.tried[-1] == "download in hand: older than 0 days"


def test_a_download_from_an_address_no_longer_declared_is_not_used(portal, tmp_path):
    portal.pages["/farmacie.csv"] = Page(TABLE)
    portal.pages["/nuovo.csv"] = Page(b"nome\n")
    fetcher(tmp_path).take(asks(portal))
    assert fetcher(tmp_path).take(asks(portal, "/nuovo.csv")).path.read_bytes() == b"nome\n"


def test_a_download_that_the_disk_damaged_is_fetched_again(portal, tmp_path):
    portal.pages["/farmacie.csv"] = Page(TABLE, etag='"1"')
    taken = fetcher(tmp_path).take(asks(portal))
    taken.path.write_bytes(TABLE[:-1] + b"?")
    again = fetcher(tmp_path).take(asks(portal))
    assert again.taken_from == "live"
    assert again.path.read_bytes() == TABLE


def test_a_ckan_resource_is_found_although_its_address_changes(portal, tmp_path):
    portal.pages["/a/1.geojson"] = Page(b'{"n": 1}', kind="application/json")
    portal.pages["/b/2.geojson"] = Page(b'{"n": 2}', kind="application/json")
    package = CkanResource(ckan=portal.address, package="ds964-nil", format="geojson")
    request = Request("nil", live=(package,), refresh_days=0)
    for path, body in (("/a/1.geojson", b'{"n": 1}'), ("/b/2.geojson", b'{"n": 2}')):
        _describe(portal, CSV=f"{portal.address}/x.csv", GeoJSON=portal.address + path)
        taken = fetcher(tmp_path).take(request)
        assert (taken.taken_from, taken.path.read_bytes()) == ("live", body)
        assert taken.path.suffix == ".geojson"


def test_a_ckan_package_without_the_format_says_which_it_has(portal, tmp_path):
    package = CkanResource(ckan=portal.address, package="ds964-nil", format="geojson")
    _describe(portal, CSV="http://127.0.0.1/x.csv", SHP="http://127.0.0.1/x.zip")
    with pytest.raises(SourceError, match="no resource in 'geojson', only: CSV, SHP"):
        fetcher(tmp_path).take(Request("nil", live=(package,)))


def _describe(portal: Portal, **addresses: str) -> None:
    resources = [{"format": kind, "url": url} for kind, url in addresses.items()]
    text = json.dumps({"success": True, "result": {"resources": resources}})
    path = "/api/3/action/package_show?id=ds964-nil"
    portal.pages[path] = Page(text.encode(), kind="application/json")


def test_the_second_address_is_asked_when_the_first_has_nothing(portal, tmp_path):
    portal.pages["/vecchio.csv"] = Page(b"", goes_to=portal.address + "/farmacie.csv")
    portal.pages["/farmacie.csv"] = Page(TABLE)
    addresses = (portal.address + "/mai.csv", portal.address + "/vecchio.csv")
    taken = fetcher(tmp_path).take(Request("farmacie", live=addresses))
    assert taken.path.read_bytes() == TABLE
    assert taken.tried == (f"live {addresses[0]}: the answer was HTTP 404",)


def test_nothing_that_works_says_what_was_tried_and_what_to_do(portal, tmp_path, pack):
    request = asks(portal, mirror="a.csv", bundled="b.csv")
    with pytest.raises(SourceError) as caught:
        fetcher(tmp_path, mirror=tmp_path, bundled=pack).take(request)
    words = str(caught.value)
    assert "No file for source 'farmacie': mirror: no a.csv; live http://127.0.0.1:" in words
    assert "HTTP 404; bundled: no b.csv." in words
    assert "--mirror DIR" in words


@pytest.mark.parametrize("path", ["../segreti.csv", "a/../../b", "/etc/passwd", "//etc/x", ""])
@pytest.mark.parametrize("key", ["mirror", "bundled"])
def test_a_path_that_leaves_its_folder_is_refused(key, path):
    with pytest.raises(SourceError, match="leads outside its folder"):
        Request("farmacie", **{key: path})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/a.csv", "dati.csv", "http://"])
def test_an_address_that_is_not_of_the_web_is_refused(url):
    with pytest.raises(SourceError, match="no web address"):
        Request("farmacie", live=(url,))


def test_every_declared_source_can_be_asked_for():
    asked = [Request.of(source(source_id)) for source_id in sources()]
    assert {request.source_id for request in asked} == set(sources())


def test_the_repository_holds_the_pack():
    folder = bundled_folder()
    assert folder is not None
    assert (folder / "nil.csv").is_file()
