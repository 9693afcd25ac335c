"""The card of a service: one sheet in the family's language, and nothing of the family kept."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import segno

from api.i18n.language import LANGUAGES
from mapping.model import Location, Position, Service
from tests.api.conftest import Server, serving
from tests.mapping.drawn_city import drawn_city, place, service

SCRIPT = "</title><script>alert(1)</script>{{ 7*7 }}"
LONG = {
    "name": "Nome interminabile " * 300,
    "organization": "Senzaspazi" * 500,
    "phone": "; ".join(["02 12345678 (segreteria di un ufficio)"] * 40),
    "required_documents": "un documento e la sua copia, " * 400,
    "languages": tuple(sorted(set(LANGUAGES) - {"it"})),
    "age_min_months": 3,
    "age_max_months": 36,
    "free": False,
    "residence_required": True,
    "appointment_required": True,
}
FULL = {
    "phone": "02 12345678",
    "opening_hours": "Mo,We 09:00-12:00,14:00-18:00; PH off",
    "languages": ("ar", "bn"),
    "required_documents": "Codice fiscale",
    "free": True,
}
SECRETS = ("Sentinella", "Segretissima")


def rough() -> Service:
    """A service of which the place is not known to 300 m."""
    lon, lat = place(700)
    spot = Position(lon=lon, lat=lat, precision="civic", error_metres=800)
    where = Location(location_id="prova:rough", position=spot)
    return service(700, "rough").model_copy(update={"locations": (where,)})


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a street of 1000 m with services that say all, too much, or nothing of themselves."""
    var = tmp_path_factory.mktemp("cards")
    services = [
        service(900, "full", **FULL),
        service(500, "long", **LONG),
        service(300, "silent"),
        service(400, "hostile", required_documents=SCRIPT, organization=SCRIPT),
        service(200, "shut", status="defunct"),
        rough(),
    ]
    drawn_city(var / "editions", services)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "cards.log") as running:
        yield running


def ask(server: Server, key: str = "full", lang: str = "it", **fields: str) -> httpx.Response:
    lon, lat = place(100)
    where = {"lon": str(lon), "lat": str(lat)} if not {"address", "nil"} & set(fields) else {}
    form = {**where, "service": f"prova:{key}", **fields}
    return server.client.post("/scheda", params={"lang": lang}, data=form)


def sheet(answer: httpx.Response) -> str:
    (found,) = re.findall(r"<article class=\"sheet.*?</article>", answer.text, re.DOTALL)
    return found.replace("&#39;", "'")


def inside(pdf: bytes) -> bytes:
    """Everything that a PDF says, its compressed parts opened."""
    opened = [pdf]
    for part in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            opened.append(zlib.decompressobj().decompress(part))
    return b"\n".join(opened)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", inside(pdf)))


def test_a_card_says_what_is_known_and_how_to_walk_there(server: Server) -> None:
    answer = ask(server)
    said = sheet(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert "<strong>10 min</strong> · 800 m" in said
    assert "09:00\N{EN DASH}12:00" in said
    assert '<a href="tel:' in said
    assert "Codice fiscale" in said
    assert "Arabo" in said or "arabo" in said
    assert "gratuito" in said
    for part in ('class="way"', 'class="start"', 'class="place"', '<ol class="steps">'):
        assert part in said


def test_minutes_to_a_place_that_is_roughly_known_are_about(server: Server) -> None:
    said = sheet(ask(server, "rough"))
    assert "<strong>circa " in said
    assert "± 800 m" in said
    assert "circa " not in sheet(ask(server))
    lon, lat = place(690)
    form = {"lon": lon, "lat": lat, "category": "nido", "max_minutes": 600}
    _, near, far, *_ = server.client.post("/", data=form).text.split('<li class="result"')
    assert "<strong>circa 1 min</strong>" in near
    assert "± 800 m" in near
    assert "circa " not in far


def test_what_is_not_known_is_said(server: Server) -> None:
    said = sheet(ask(server, "silent"))
    assert "Gli orari non si sanno" in said
    asked = re.search(r'<tr class="unknown">.*?</tr>', said, re.DOTALL)
    assert asked
    for words in ("documenti da portare", "lingue parlate", "se serve la residenza", "se si paga"):
        assert words in asked[0]


def test_the_code_leads_to_the_public_page_and_nowhere_else(server: Server) -> None:
    said = sheet(ask(server))
    url = f"{server.client.base_url}/servizi/prova:full"
    expected = segno.make(url, error="m", micro=False).svg_inline(omitsize=True, border=3)
    drawn = re.search(r'class="qrline"[^>]*? d="([^"]+)"', expected)
    assert drawn
    assert drawn[1] in said
    assert f'<a href="{url}">' in said


@pytest.mark.parametrize("paper", ["a4", "a5"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pdf_is_one_tagged_sheet_of_its_language(server: Server, lang: str, paper: str) -> None:
    answer = ask(server, lang=lang, paper=paper, **{"as": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    content = inside(answer.content)
    assert pages(answer.content) == 1
    assert f"/Lang ({lang})".encode() in content
    assert b"/StructTreeRoot" in content
    widths = {"a4": b"595.2", "a5": b"419.5"}
    assert re.search(rb"/MediaBox \[\s*0 0 " + widths[paper], content)


SHEETS = [
    # The smaller sheet in the longest language, and each script once.
    *(("a5", "it"), ("a4", "ar"), ("a5", "bn"), ("a4", "zh")),
    *(pytest.param(*more, marks=pytest.mark.all)
      for more in (("a4", "it"), ("a5", "ar"), ("a4", "bn"), ("a5", "zh"))),
]  # fmt: skip


@pytest.mark.parametrize(("paper", "lang"), SHEETS)
def test_whatever_a_service_says_its_card_is_one_sheet(
    server: Server, lang: str, paper: str
) -> None:
    answer = ask(server, "long", lang=lang, paper=paper, **{"as": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    assert pages(answer.content) == 1


def test_what_does_not_fit_is_said_to_go_on_elsewhere(server: Server) -> None:
    assert "Continua sulla pagina pubblica" in sheet(ask(server, "long"))
    assert "Continua sulla pagina pubblica" not in sheet(ask(server))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_card_is_of_its_language_and_direction(server: Server, lang: str) -> None:
    said = sheet(ask(server, lang=lang))
    direction = "rtl" if lang == "ar" else "ltr"
    assert f'lang="{lang}" dir="{direction}"' in said
    assert ("automatic" in said) is (lang != "it")
    assert '<bdi dir="ltr"><a href="tel:' in said
    assert '<h1><bdi lang="it">Inventato full</bdi></h1>' in said


@pytest.mark.parametrize("key", ["never", "shut", ""])
@pytest.mark.parametrize("kind", ["page", "pdf"])
def test_a_service_that_is_no_more_has_a_page_that_goes_on(server: Server, key, kind) -> None:
    answer = ask(server, key, **{"as": kind})
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert "non è più nell'elenco" in answer.text.replace("&#39;", "'")
    again = re.search(r'<form method="post" action="/\?lang=it">.*?</form>', answer.text, re.DOTALL)
    assert again
    assert 'name="lon"' in again[0]


def test_without_a_place_the_card_has_no_way_and_misses_nothing(server: Server) -> None:
    answer = server.client.get("/scheda", params={"service": "prova:full"})
    said = sheet(answer)
    assert "A piedi" not in said
    assert 'class="start"' not in said
    assert 'class="place"' in said
    assert "percorso" not in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": "via Sentinella Segretissima 977"}, "Il punto di partenza non si trova"),
        ({"nil": "Disegnato"}, "serve un indirizzo, non una zona"),
        ({"lon": "abc", "lat": "1"}, "Il punto di partenza non si trova"),
        ({"profile": "nessuno"}, "Il punto di partenza non si trova"),
    ],
)
def test_a_place_that_is_not_known_costs_the_way_and_not_the_card(server: Server, fields, said):
    answer = ask(server, **fields)
    assert answer.status_code == 200
    assert said in sheet(answer)
    assert "Codice fiscale" in sheet(answer)


def test_hostile_texts_stay_texts(server: Server) -> None:
    answer = ask(server, "hostile", address=SCRIPT)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "{{ 7*7 }}" in sheet(answer)
    assert pages(ask(server, "hostile", **{"as": "pdf"}).content) == 1


def test_the_sheet_and_the_pdf_hold_nothing_of_where_the_family_lives(server: Server) -> None:
    lon, lat = place(100)
    secrets = [f"{lon}"[:8], f"{lat}"[:8]]
    said, content = sheet(ask(server)), inside(ask(server, **{"as": "pdf"}).content)
    for secret in secrets:
        assert secret not in said
        assert secret.encode() not in content
    assert b"/Author" not in content


def test_no_place_of_a_family_reaches_the_log_or_a_file(server: Server) -> None:
    for kind in ("page", "pdf"):
        for key in ("full", "never", SECRETS[0]):
            ask(server, key, address=" ".join(SECRETS), **{"as": kind})
    ask(server, address="full", **{"as": SECRETS[0]})
    lon, lat = place(100)
    files = [path for path in server.var.rglob("*") if path.is_file()]
    for path in (server.log, *files):
        content = path.read_bytes()
        assert not [one for one in (*SECRETS, f"{lon}", f"{lat}") if one.encode() in content], path


def test_without_the_library_the_page_is_shown_and_says_what_is_missing(
    server: Server, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "weasyprint.py"
    broken.write_text("print('many lines')\nraise OSError('cannot load library')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serving(server.var, pack, tmp_path / "log") as lacking:
        answer = ask(lacking, **{"as": "pdf"})
    assert answer.status_code == 503
    assert "manca la libreria Pango" in answer.text
    assert "10 min" in sheet(answer)
    assert "many lines" not in (tmp_path / "log").read_text()
