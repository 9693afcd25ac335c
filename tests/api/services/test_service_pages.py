"""The public pages of services: found by engines, framed by networks, hostile to nobody."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from mapping.catalogue.catalogue import Catalogue
from mapping.model import FieldSource, Location, Position
from tests.api.conftest import Server, serving
from tests.mapping.drawn_batches import batch
from tests.mapping.drawn_city import drawn_city, place, service

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }} \"'&"
LONDON = "https://prossima.example"
ODD = "prova:Via d'Esempio 3/A, #2? così"
# What schema.org lets be said of each type that is written, by type.
THING = {"@type", "@id", "name", "url"}
PLACE = {
    "address", "geo", "telephone", "openingHoursSpecification", "isAccessibleForFree",
    "amenityFeature",
}  # fmt: skip
SERVICE = {"serviceType", "category", "provider", "areaServed", "audience", "availableChannel"}
ALLOWED = {
    "GovernmentService": SERVICE,
    "Service": SERVICE,
    **dict.fromkeys(("ChildCare", "Preschool", "Pharmacy", "Place"), PLACE),
    "PostalAddress": {"streetAddress", "postalCode", "addressLocality", "addressCountry"},
    "GeoCoordinates": {"latitude", "longitude"},
    "OpeningHoursSpecification": {"dayOfWeek", "opens", "closes", "validFrom", "validThrough"},
    "LocationFeatureSpecification": {"value"},
    "ServiceChannel": {"serviceLocation", "servicePhone", "serviceUrl", "availableLanguage"},
    "ContactPoint": {"telephone"},
    "PeopleAudience": {"suggestedMinAge", "suggestedMaxAge"},
    "Organization": set(),
    "GovernmentOrganization": set(),
    "City": set(),
}


class Scripts(HTMLParser):
    """Collects the scripts of a page, by type."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.held: dict[str, str] = {}
        self._kind: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._kind = dict(attrs).get("type") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._kind:
            self.held[self._kind] = data

    def handle_endtag(self, tag: str) -> None:
        self._kind = None if tag == "script" else self._kind


def itinerant() -> Location:
    lon, lat = place(600)
    spot = Position(lon=lon, lat=lat, precision="civic")
    return Location(
        location_id="prova:sabato", address="via Disegnata, 6", opening_hours="Sa[1] 09:00-12:00",
        position=spot, step_free=True,
    )  # fmt: skip


def drawn_services() -> list:
    known = service(
        300, "nota", phone="02 0000 0000; 333 0000000 (segreteria)", languages=("it", "ar"),
        age_min_months=3, age_max_months=36, ownership="municipal", organization="Ente inventato",
        opening_hours="Mo-Fr 08:00-16:00; PH off", free=True, url="https://nido.example",
        same_as=("prova:vecchia",),
        field_sources={"name": FieldSource(source_id="prova", assured_date="2026-01")},
    )  # fmt: skip
    here = known.locations[0].model_copy(update={"address": "via Disegnata, 3", "cap": "20100"})
    return [
        known.model_copy(update={"locations": (here, itinerant())}),
        service(
            500,
            "ostile",
            name=HOSTILE,
            note=HOSTILE,
            url="javascript:alert(1)",
            age_min_months=-9,
            age_max_months=180,
        ),
        service(700, "finita", status="defunct", note="chiuso nel 2025"),
        service(800, "rifugio", name="Rifugio inventato", categories=("antiviolenza",)),
        service(900, "x").model_copy(update={"service_id": ODD}),
    ]


@pytest.fixture(scope="module")
def server(pack, tmp_path_factory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("drawn")
    drawn_city(var / "editions", drawn_services())
    gone = service(100, "ritirata")
    with Catalogue.open(f"sqlite:///{var / 'catalogue.sqlite'}") as catalogue:
        told = {"source_id": "prova", "rows_kept": 1}
        hidden = service(100, "segreta", categories=("antiviolenza",))
        catalogue.record(batch(gone, hidden, source_id="prova"))
        catalogue.record(batch(service(1, "altra"), **told))
    log = tmp_path_factory.mktemp("log") / "drawn.log"
    with serving(var, pack, log, PROSSIMA_PUBLIC_URL=LONDON) as server:
        yield server


def linked(server: Server, address: str) -> dict:
    html = server.client.get(address).text
    said = json.loads(Scripts(html).held["application/ld+json"])
    assert said["@context"] == "https://schema.org"
    return said


def test_a_page_tells_all_places_hours_and_who_says_so(server: Server) -> None:
    html = server.client.get("/servizi/prova:nota").text
    for said in (
        "Inventato nota", "via Disegnata, 3", "via Disegnata, 6", "08:00\N{EN DASH}16:00",
        'href="tel:0200000000"', 'href="tel:3330000000"', "arabo", "da 3 mesi a 3 anni",
        "gennaio 2026", "Ingresso: senza gradini",
    ):  # fmt: skip
        assert said in html, said
    assert "serve la residenza" not in html
    unknown = html.partition("Che cosa non si sa")[2].partition("</p>")[0]
    assert "residenza" in unknown
    assert "telefono" not in unknown


def test_an_age_is_the_last_one_that_is_taken_and_may_lie_before_birth(server: Server) -> None:
    assert "dalla gravidanza a 14 anni" in server.client.get("/servizi/prova:ostile").text
    offered = linked(server, "/servizi/prova:ostile")["@graph"][0]
    ages = {name: offered["audience"][name] for name in ("suggestedMinAge", "suggestedMaxAge")}
    assert ages == {"suggestedMinAge": 0, "suggestedMaxAge": 14}


def test_each_number_of_a_result_is_dialled_by_itself(server: Server) -> None:
    lon, lat = place(300)
    form = {"lon": str(lon), "lat": str(lat), "category": "nido"}
    html = server.client.post("/", data=form).text
    for number in ("0200000000", "3330000000"):
        assert f'href="tel:{number}"' in html
    assert "tel:0200000000;" not in html


def test_its_json_ld_says_no_more_than_schema_org_has_words_for(server: Server) -> None:
    said = linked(server, "/servizi/prova:nota")

    def check(node: object) -> None:
        if isinstance(node, list):
            for one in node:
                check(one)
        if isinstance(node, dict) and set(node) != {"@id"}:
            assert set(node) - THING <= ALLOWED[node["@type"]], node
            for value in node.values():
                assert value not in (None, [], {})
                check(value)

    check(said["@graph"])
    offered, first, second = said["@graph"]
    assert (offered["@type"], first["@type"]) == ("GovernmentService", "ChildCare")
    assert offered["@id"] == f"{LONDON}/servizi/prova:nota#service"
    channel = offered["availableChannel"]
    assert channel["serviceLocation"] == [{"@id": first["@id"]}, {"@id": second["@id"]}]
    assert channel["availableLanguage"] == ["it", "ar"]
    assert first["telephone"] == ["+390200000000", "+393330000000"]
    assert offered["audience"]["suggestedMaxAge"] == 3


def test_hours_of_every_week_and_hours_of_this_week_are_told_apart(server: Server) -> None:
    _, first, second = linked(server, "/servizi/prova:nota")["@graph"]
    every = first["openingHoursSpecification"]
    assert [one["dayOfWeek"].rpartition("/")[2] for one in every] == [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
    ]  # fmt: skip
    assert {(one["opens"], one["closes"]) for one in every} == {("08:00", "16:00")}
    assert not any("validFrom" in one for one in every)
    assert all("validFrom" in one for one in second.get("openingHoursSpecification", []))


def test_hostile_texts_are_texts(server: Server) -> None:
    html = server.client.get("/servizi/prova:ostile").text
    assert "<img" not in html
    assert "javascript:" not in html
    assert "49" not in re.findall(r"<h1>.*?</h1>", html, re.DOTALL)[0]
    service_node = linked(server, "/servizi/prova:ostile")["@graph"][0]
    assert service_node["name"] == HOSTILE
    assert "<img" not in server.client.get("/embed").text
    assert "<img" not in server.client.post("/servizi", data={"words": HOSTILE}).text
    assert "<img" not in server.client.get("/servizi/<img src=x>").text


def test_addresses_lead_to_one_page_each(server: Server) -> None:
    moved = server.client.get("/servizi/prova:vecchia?lang=ar")
    assert moved.status_code == 301
    assert moved.headers["location"] == "/servizi/prova:nota?lang=ar"
    html = server.client.get("/servizi/prova:nota?lang=ar").text
    assert f'<link rel="canonical" href="{LONDON}/servizi/prova:nota?lang=ar">' in html
    assert f'hreflang="x-default" href="{LONDON}/servizi/prova:nota"' in html


@pytest.mark.parametrize(
    ("service_id", "status", "said"),
    [
        ("prova:finita", 410, "chiuso nel 2025"),
        ("prova:ritirata", 410, "Inventato ritirata"),
        ("prova:mai-esistita", 404, 'name="words"'),
        ("", 404, 'name="words"'),
    ],
)
def test_what_is_not_there_has_a_page_of_its_own(server, service_id, status, said) -> None:
    answer = server.client.get(f"/servizi/{service_id}")
    assert answer.status_code == status
    assert said in answer.text
    assert 'name="robots" content="noindex"' in answer.text


def test_a_confidential_service_is_as_unknown_as_any(server: Server) -> None:
    unknown = server.client.get("/servizi/prova:mai").text.replace("prova%3Amai", "ID")
    for service_id in ("rifugio", "segreta"):
        answer = server.client.get(f"/servizi/prova:{service_id}")
        assert answer.status_code == 404
        assert answer.text.replace(f"prova%3A{service_id}", "ID") == unknown
        assert server.client.get(f"/segnala/prova:{service_id}").status_code == 404
    lists = ["/servizi", "/embed", "/sitemap.xml", "/rete/freschezza.csv", "/rete/freschezza"]
    for address in [*lists, "/servizi?category=antiviolenza", "/embed?category=antiviolenza"]:
        assert "ifugio" not in server.client.get(address).text
    assert "Rifugio" not in server.client.post("/servizi", data={"words": "invent"}).text


def test_the_site_map_lists_every_living_service_once(server: Server) -> None:
    root = ET.fromstring(server.client.get("/sitemap.xml").content)  # noqa: S314 - our own
    found = [element.text or "" for element in root.iter() if element.tag.endswith("loc")]
    services = [address for address in found if "/servizi/" in address]
    assert len(services) == len(set(services)) == 3
    assert all(address.startswith(f"{LONDON}/") for address in found)
    for address in services:
        assert server.client.get(address.removeprefix(LONDON)).status_code == 200
    assert f"Sitemap: {LONDON}/sitemap.xml" in server.client.get("/robots.txt").text


def test_only_the_embedded_map_may_stand_in_a_foreign_page(server: Server) -> None:
    answer = server.client.get("/embed?category=nido")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "form-action 'none'" in policy
    assert "<form" not in answer.text
    assert "<input" not in answer.text
    assert "set-cookie" not in answer.headers
    for address in ("/servizi/prova:nota", "/servizi", "/segnala/prova:nota", "/rete/freschezza"):
        other = server.client.get(address)
        assert "frame-ancestors 'self'" in other.headers["content-security-policy"]
        assert "set-cookie" not in other.headers
    assert server.client.get("/embed?category=nessuna").status_code == 404


def test_the_index_gives_the_lines_to_copy(server: Server) -> None:
    html = server.client.get("/servizi?category=nido").text
    assert f'&lt;iframe src="{LONDON}/embed?category=nido' in html
    assert "Inventato nota" in html
    found = server.client.post("/servizi", data={"words": "DISEGNATA nota"}).text
    assert "Inventato nota" in found
    assert "Inventato x" not in found


def test_pages_of_the_index_follow_one_another(pack_server: Server) -> None:
    address: str | None = "/servizi"
    seen: list[str] = []
    while address:
        html = pack_server.client.get(address).text
        seen += re.findall(r'<li><a href="(/servizi/[^"]+)"><bdi', html)
        following = re.search(r'href="(/servizi\?after=[^"]+)"', html)
        address = following[1].replace("&amp;", "&") if following else None
    site_map = pack_server.client.get("/sitemap.xml").text
    assert len(seen) == len(set(seen)) == site_map.count("/servizi/")
