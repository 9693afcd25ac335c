"""Every service here is a real HTTP server on the loopback that speaks its protocol."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.fetching.fetch import Fetcher, Request, Taken
from ingest.live import ArcGis, Hsds, Live, OgcFeatures, Socrata, Wfs
from ingest.source import Source
from mapping.errors import SourceError
from tests.ingest.portal import Page, Portal, as_json

ROWS = [{"codice": str(n), "nome": f"Luogo {n}"} for n in range(25)]
POINTS = [
    {
        "type": "Feature",
        "properties": {"OBJECTID": n, "nome": f"Luogo {n}"},
        "geometry": {"type": "Point", "coordinates": [9.1 + n / 1000, 45.4]},
    }
    for n in range(25)
]


def take(tmp_path, entry: Live, **options: object) -> Taken:
    fetcher = Fetcher(raw=tmp_path / "raw", mirror=None, bundled=None, offline=False)
    return fetcher.take(Request("luoghi", live=(entry,), **options))


def pages(taken: Taken) -> list[object]:
    with zipfile.ZipFile(taken.path) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


def rows(taken: Taken) -> list[object]:
    return [row for page in pages(taken) for row in page]


def collection(features: list[object], **more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": features, **more}


def socrata(_path: str, query: dict[str, str]) -> object:
    start = int(query["$offset"])
    return ROWS[start : start + min(10, int(query["$limit"]))]


def soda(portal: Portal, **more: object) -> Socrata:
    return Socrata(socrata=portal.address, dataset="f77v-prova", **more)


def test_a_socrata_data_set_is_read_to_its_end_in_a_fixed_order(portal, tmp_path):
    portal.service = socrata
    taken = take(tmp_path, soda(portal))
    assert rows(taken) == ROWS
    assert [len(page) for page in pages(taken)] == [10, 10, 5, 0]
    assert "%24order=%3Aid" in portal.asked[0][0]
    assert portal.asked[0][0].startswith("/resource/f77v-prova.json?")


def test_the_same_pages_make_the_same_file_and_are_asked_conditionally(portal, tmp_path):
    portal.service = socrata
    first = take(tmp_path, soda(portal))
    before = len(portal.asked)
    second = take(tmp_path, soda(portal), refresh_days=0)
    assert (second.taken_from, second.sha256) == ("live", first.sha256)
    again = [headers for _, headers in portal.asked[before:]]
    assert len(again) == before
    assert all("If-None-Match" in headers for headers in again)
    elsewhere = take(tmp_path / "elsewhere", soda(portal))
    assert elsewhere.path.read_bytes() == first.path.read_bytes()
    assert elsewhere.path.name == f"{first.sha256}.zip"


def test_only_the_page_that_changed_is_transferred(portal, tmp_path):
    portal.service = socrata
    first = take(tmp_path, soda(portal))
    changed = next(path for path in portal.pages if "offset=10" in path)
    portal.pages[changed] = as_json([{"codice": "nuovo"}] * 10)
    before = pages(first)
    second = take(tmp_path, soda(portal), refresh_days=0)
    assert pages(second)[1] == [{"codice": "nuovo"}] * 10
    assert [pages(second)[n] == before[n] for n in range(4)] == [True, False, True, True]
    assert not first.path.exists()


def test_an_interrupted_download_goes_on_at_the_page_where_it_stopped(portal, tmp_path):
    portal.service = socrata
    (third,) = [path for path in _addresses(portal, tmp_path) if "offset=20" in path]
    portal.asked.clear()
    portal.pages[third].busy = [(503, "3600")]
    with pytest.raises(SourceError, match="HTTP 503, to be asked again in 3600 s"):
        take(tmp_path, soda(portal))
    assert len(portal.asked) == 3
    portal.asked.clear()
    assert rows(take(tmp_path, soda(portal))) == ROWS
    assert len(portal.asked) == 2
    assert not list((tmp_path / "raw" / "parts").iterdir())


def _addresses(portal: Portal, tmp_path) -> list[str]:
    take(tmp_path / "elsewhere", soda(portal))
    return list(portal.pages)


def test_a_page_cut_in_the_middle_is_resumed_and_a_busy_one_asked_again(portal, tmp_path):
    portal.service = socrata
    first, second, *_ = _addresses(portal, tmp_path)
    portal.pages[first].cuts = [100]
    portal.pages[second].busy = [(429, "1")]
    portal.asked.clear()
    assert rows(take(tmp_path, soda(portal))) == ROWS
    assert portal.asked[1][1]["Range"] == "bytes=100-"


def test_the_limit_holds_for_all_pages_together(portal, tmp_path):
    portal.service = socrata
    size = sum(len(page.body) for page in _pages(portal, tmp_path))
    taken = take(tmp_path, soda(portal), max_bytes=size)
    assert rows(taken) == ROWS
    with pytest.raises(SourceError, match=f"larger than {size - 1} bytes"):
        take(tmp_path / "less", soda(portal), max_bytes=size - 1)


def _pages(portal: Portal, tmp_path) -> list[Page]:
    take(tmp_path / "elsewhere", soda(portal))
    return list(portal.pages.values())


def test_progress_tells_the_sum(portal, tmp_path):
    portal.service = socrata
    bytes_done: list[int] = []
    fetcher = Fetcher(
        raw=tmp_path / "raw",
        mirror=None,
        bundled=None,
        offline=False,
        progress=lambda done, _total: bytes_done.append(done),
    )
    fetcher.take(Request("luoghi", live=(soda(portal),)))
    assert bytes_done == sorted(bytes_done)
    assert bytes_done[-1] == sum(len(page.body) for page in portal.pages.values())


def arcgis(_path: str, query: dict[str, str]) -> object:
    assert query["f"] == "geojson"
    start, count = int(query["resultOffset"]), min(10, int(query["resultRecordCount"]))
    found = POINTS[start : start + count]
    cut = {"exceededTransferLimit": True} if start + count < len(POINTS) else {}
    return collection(found, **cut) if start else collection(found, properties=cut)


def test_an_arcgis_layer_whose_limit_is_lower_than_asked_is_read_whole(portal, tmp_path):
    portal.service = arcgis
    taken = take(tmp_path, ArcGis(arcgis=f"{portal.address}/FeatureServer/0", page=2000))
    assert [f for page in pages(taken) for f in page["features"]] == POINTS
    assert len(portal.asked) == 3
    assert "orderByFields=OBJECTID" in portal.asked[0][0]


def test_an_arcgis_layer_that_gives_all_at_once_is_asked_once(portal, tmp_path):
    portal.service = lambda *_: collection(POINTS)
    taken = take(tmp_path, ArcGis(arcgis=f"{portal.address}/FeatureServer/0"))
    assert len(pages(taken)) == len(portal.asked) == 1


def ogc(portal: Portal, target: Callable[[int], str]) -> Callable[..., object]:
    def answer(_path: str, query: dict[str, str]) -> object:
        start = int(query.get("offset", "0"))
        following = {"rel": "next", "href": target(start + 10)}
        links = [{"rel": "self", "href": portal.address}]
        links += [following] if start + 10 < len(POINTS) else []
        return collection(POINTS[start : start + 10], links=links, numberMatched=len(POINTS))

    return answer


@pytest.mark.parametrize("absolute", [True, False])
def test_an_ogc_collection_is_read_along_its_links(portal, tmp_path, absolute):
    root = f"{portal.address}/collections/luoghi" if absolute else ""
    portal.service = ogc(
        portal, lambda start: f"{root}/items?f=json&offset={start}"[0 if absolute else 1 :]
    )
    taken = take(tmp_path, OgcFeatures(ogc=f"{portal.address}/collections/luoghi"))
    assert [f for page in pages(taken) for f in page["features"]] == POINTS


def test_a_link_to_another_host_is_not_followed(portal, tmp_path):
    portal.service = ogc(portal, lambda _start: "http://169.254.169.254/items")
    with pytest.raises(SourceError, match=r"another host, http://169\.254\.169\.254"):
        take(tmp_path, OgcFeatures(ogc=f"{portal.address}/collections/luoghi"))
    assert len(portal.asked) == 1


@pytest.mark.parametrize("href", ["http://[x", "http://x:99999999/", "//["])
def test_a_link_that_is_no_address_is_refused_in_one_line(portal, tmp_path, href):
    portal.service = ogc(portal, lambda _start: href)
    with pytest.raises(SourceError, match=r"next page cannot be read|on another host"):
        take(tmp_path, OgcFeatures(ogc=f"{portal.address}/collections/luoghi"))


@pytest.mark.parametrize("links", [5, "next", {"rel": "next"}, [5, None, {"rel": "next"}]])
def test_links_of_another_shape_lead_nowhere(portal, tmp_path, links):
    portal.service = lambda _path, _query: collection(POINTS, links=links)
    taken = take(tmp_path, OgcFeatures(ogc=f"{portal.address}/collections/luoghi"))
    assert [f for page in pages(taken) for f in page["features"]] == POINTS


def test_a_link_that_leads_back_is_refused(portal, tmp_path):
    first = f"{portal.address}/collections/luoghi/items?f=json&limit=1000"
    portal.service = ogc(portal, lambda _start: first)
    with pytest.raises(SourceError, match="page 1: it leads back to http"):
        take(tmp_path, OgcFeatures(ogc=f"{portal.address}/collections/luoghi"))


def wfs(_path: str, query: dict[str, str]) -> object:
    start, count = int(query["startIndex"]), int(query["count"])
    # The time of the answer stands in each: pages are compared by their features.
    return collection(POINTS[start : start + count], numberMatched=25, timeStamp=f"{start}")


def test_a_wfs_type_is_read_until_all_that_match_are_here(portal, tmp_path):
    portal.service = wfs
    taken = take(
        tmp_path, Wfs(wfs=f"{portal.address}/wfs?map=x", type="luoghi", page=10, sort="id")
    )
    assert [f for page in pages(taken) for f in page["features"]] == POINTS
    assert len(portal.asked) == 3
    assert {"map=x", "sortBy=id", "typeNames=luoghi"} <= set(portal.asked[0][0][5:].split("&"))


def hsds(path: str, query: dict[str, str]) -> object:
    if path == "/services":
        number = int(query["page"])
        listed = [{"id": f"s/{n}", "name": "x"} for n in range(3 * number - 3, min(3 * number, 5))]
        return {"total_items": 5, "total_pages": 2, "page_number": number, "contents": listed}
    return {"id": path.removeprefix("/services/"), "name": "Servizio", "service_at_locations": []}


def test_a_directory_gives_its_lists_and_the_full_record_of_each_service(portal, tmp_path):
    portal.service = hsds
    taken = take(tmp_path, Hsds(hsds=portal.address))
    records = [page["id"] for page in pages(taken) if "contents" not in page]
    assert records == [f"s/{n}" for n in range(5)]
    assert len(pages(taken)) == 7
    assert "/services/s%2F0" in [path for path, _ in portal.asked]


def endless(_path: str, query: dict[str, str]) -> object:
    offset = next(
        value for key, value in query.items() if key.lower().endswith(("offset", "index"))
    )
    return collection(POINTS[:5], exceededTransferLimit=True, timeStamp=offset)


ERROR = {"error": {"code": 400, "message": "Unable to complete operation.", "details": ["no"]}}
REPORT = (
    b'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception>'
    b"<ows:ExceptionText>No such type</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
)


def layer(address: str) -> ArcGis:
    return ArcGis(arcgis=f"{address}/FeatureServer/0")


def types(address: str) -> Wfs:
    return Wfs(wfs=f"{address}/wfs", type="luoghi")


def gml(address: str) -> Wfs:
    return Wfs(wfs=f"{address}/wfs", type="luoghi", format="application/gml+xml; version=3.2")


def portal_of(address: str) -> Socrata:
    return Socrata(socrata=address, dataset="f77v-prova")


def items(address: str) -> OgcFeatures:
    return OgcFeatures(ogc=f"{address}/collections/luoghi")


def directory(address: str) -> Hsds:
    return Hsds(hsds=address)


@pytest.mark.parametrize(
    ("kind", "service", "reason"),
    [
        (layer, endless, "page 2: it repeats page 1"),
        (types, endless, "page 2: it repeats page 1"),
        (portal_of, lambda *_: ROWS, "page 2: it repeats page 1"),
        (directory, lambda *_: {"contents": [], "total_pages": 9}, "page 2: it repeats page 1"),
        (layer, lambda *_: ERROR, "page 1: the service answers with an error: 400 Unable to"),
        (layer, lambda *_: collection([], exceededTransferLimit=True), "gives nothing"),
        (layer, lambda *_: {"layers": []}, "not an answer of ArcGIS"),
        (portal_of, lambda *_: {"message": "Invalid limit"}, "an error: Invalid limit"),
        (portal_of, lambda *_: "ciao", "not an answer of SODA"),
        (portal_of, lambda *_: Page(b"codice;nome\n"), "page 1: the page is not JSON"),
        (portal_of, lambda *_: Page(b"[" * 200_000), "not JSON: maximum recursion"),
        (portal_of, lambda *_: Page(b"<html>no</html>"), "a web page, not data"),
        (portal_of, lambda *_: Page(b"[]", kind="text/html"), "a web page (text/html)"),
        (items, lambda *_: collection([], numberMatched=3), "speaks of 3 records and gave 0"),
        (items, lambda *_: [], "not an answer of OGC API Features"),
        (gml, lambda *_: Page(REPORT), "an error: No such type"),
        (gml, lambda *_: Page(b"<kml/>"), "not an answer of WFS: it is kml"),
        (gml, lambda *_: Page(b"{}"), "the page is not GML"),
        (types, lambda *_: Page(REPORT), "the page is not JSON"),
        (directory, lambda *_: {"contents": []}, "not an answer of HSDS"),
        (directory, lambda *_: {"contents": [{}], "total_pages": 1}, "a service has no id"),
        (
            directory,
            lambda *_: {"contents": [{"id": "1"}], "total_pages": 1, "id": "2"},
            "gives the record of another service",
        ),
    ],
)
def test_what_is_not_the_service_or_does_not_end_is_refused(
    portal, tmp_path, kind, service, reason
):
    portal.service = service
    with pytest.raises(SourceError) as caught:
        take(tmp_path, kind(portal.address))
    assert reason in str(caught.value)
    assert not list((tmp_path / "raw" / "parts").glob("*/page-*"))


def test_pages_asked_for_otherwise_are_another_download(portal, tmp_path):
    portal.service = arcgis
    first = take(tmp_path, layer(portal.address))
    other = ArcGis(arcgis=f"{portal.address}/FeatureServer/0", where="nome='x'")
    portal.service = lambda *_: collection([])
    assert take(tmp_path, other).sha256 != first.sha256


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"wfs": "http://a/wfs", "tpye": "x"}, "live.0.wfs.t"),
        ({"weather": "http://a"}, "one of arcgis, ckan, hsds, ogc, socrata, wfs"),
    ],
)
def test_a_mistake_in_a_live_entry_names_its_place(entry, words):
    with pytest.raises(ValueError, match="validation error") as caught:
        Source.model_validate({"id": "x", "live": [entry]})
    assert words in str(caught.value)


def test_the_hash_of_the_pages_is_that_of_their_file(portal, tmp_path):
    portal.service = arcgis
    taken = take(tmp_path, layer(portal.address))
    assert hashlib.sha256(taken.path.read_bytes()).hexdigest() == taken.sha256


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    given_at_once=st.integers(1, 30),
    cuts=st.lists(st.integers(0, 60), max_size=2),
    stops=st.lists(st.integers(0, 4), max_size=2),
)
def test_however_it_is_cut_and_stopped_the_records_are_whole(
    portal, tmp_path_factory, given_at_once, cuts, stops
):
    folder = tmp_path_factory.mktemp("run")
    portal.pages.clear()

    def answer(_path: str, query: dict[str, str]) -> object:
        start = int(query["$offset"])
        page = as_json(ROWS[start : start + given_at_once])
        page.cuts = list(cuts)
        # Each of these ends a whole run, which the next one goes on from.
        page.busy = [(503, "3600")] * stops.count(-(-start // given_at_once))
        return page

    portal.service = answer
    for _ in stops:
        with suppress(SourceError):
            take(folder, soda(portal), refresh_days=0)
    assert rows(take(folder, soda(portal), refresh_days=0)) == ROWS
