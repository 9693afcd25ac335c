"""What pages say of a service: all its kinds, its note, its hours, and nothing unknown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from api.i18n.language import LANGUAGES
from mapping.coverage.border import Beyond
from mapping.model import Location, Position, Provenance
from tests.api.conftest import Server, serving
from tests.mapping.drawn_city import drawn_city, place, service

OF_2008 = Provenance(source_id="prova", assured_date="2008-07")
ENROL = "Posti liberi e iscrizioni: da chiedere."
OFF_STREET = 0.0009
"""Degrees, a hundred metres: so much of the walk is a straight line, and told so."""
PHONE = {"width": 360, "height": 740}


def at(metres: float, key: str, **hours: str) -> Location:
    lon, lat = place(metres)
    spot = Position(lon=lon, lat=lat, precision="premises")
    return Location(location_id=f"prova:{key}", position=spot, **hours)


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a street with services that say this and that of themselves, and two of no place."""
    var = tmp_path_factory.mktemp("said")
    teens = {"categories": ("doposcuola",), "age_min_months": 168, "age_max_months": 228}
    children = {"categories": ("doposcuola",), "age_min_months": 72, "age_max_months": 168}
    week = {"opening_hours": "Mo,We,Fr 14:00-18:00", "opening_hours_text": "lun mer e ven 14-18"}
    services = [
        service(200, "both", categories=("nido", "consultorio")),
        service(300, "nido"),
        service(400, "nido2"),
        service(900, "teens", **teens, note="aiuto gratuito, spostato nel 2022"),
        service(500, "old", categories=("biblioteca",), provenance=OF_2008,
                locations=(at(500, "old", **week),), phone="02 12345678 (centralino San Carlo)"),
        service(600, "late", categories=("ludoteca",),
                locations=(at(600, "late", opening_hours_text="pomeriggio"),)),
        service(700, "school", categories=("scuola_primaria",)),
        service(800, "jabs", categories=("centro_vaccinale",), age_min_months=0),
        service(800, "mums", categories=("cav",), age_max_months=36),
        service(850, "drugs", categories=("farmacia",), residence_required=False),
        service(100, "lost", **children, locations=(Location(location_id="prova:lost"),),
                provenance=Provenance(source_id="prova", assured_date="2025-05")),
        service(100, "unsaid", categories=("doposcuola",),
                locations=(Location(location_id="prova:unsaid"),)),
    ]  # fmt: skip
    outside = [
        service(1700, "abroad", categories=("farmacia",)),
        service(1710, "ward", categories=("ospedale",)),
    ]
    beyond = Beyond(outside, frozenset({"farmacia"}))
    drawn_city(var / "editions", services, beyond=beyond)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "said.log") as running:
        yield running


def shown(server: Server, path: str = "/", lang: str = "it", **fields: object) -> str:
    lon, lat = place(0)
    data = {"lon": lon, "lat": lat, **fields}
    answer = server.client.post(path, params={"lang": lang}, data=data)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.replace("&#39;", "'")).split())


def names(html: str) -> list[str]:
    return re.findall(r'<h[23]>(?:<a[^>]*>)?<bdi lang="it">Inventato (\w+)</bdi>', html)


def test_a_place_has_every_kind_that_it_is_and_the_one_asked_for_first(server: Server) -> None:
    html = words(shown(server, category="consultorio"))
    assert "Consultorio familiare · Nido d'infanzia" in html
    assert "Nido d'infanzia · Consultorio familiare" in words(shown(server, category="nido"))
    card = words(shown(server, "/scheda", service="prova:both", category="consultorio"))
    assert "Consultorio familiare · Nido d'infanzia" in card
    for path in ("/servizi", "/servizi?category=nido", "/embed", "/servizi/prova:both"):
        listed = words(server.client.get(path).text)
        assert "Nido d'infanzia · Consultorio familiare" in listed, path
    listed = words(server.client.get("/servizi?category=consultorio").text)
    assert "Consultorio familiare · Nido d'infanzia" in listed


def test_of_several_needs_the_nearest_of_each_comes_first(server: Server) -> None:
    html = shown(server, category=["nido", "doposcuola"])
    assert names(html)[:4] == ["both", "teens", "nido", "nido2"]
    assert words(html).index("Gli altri posti vicini") > words(html).index("Inventato teens")
    one_for_all = shown(server, category=["nido", "consultorio"])
    assert names(one_for_all) == ["both", "nido", "nido2"]


def test_the_note_of_the_source_stands_by_the_address_everywhere(server: Server) -> None:
    for path, method in (("/", "post"), ("/scheda", "post"), ("/servizi/prova:teens", "get")):
        html = (
            shown(server, path, service="prova:teens", category="doposcuola")
            if path == "/scheda"
            else shown(server, path, category="doposcuola")
            if method == "post"
            else server.client.get(path).text
        )
        visible = re.sub(r'<details class="facts-of">.*?</details>', "", html, flags=re.DOTALL)
        assert "spostato nel 2022" in visible, path
        assert visible.index("spostato nel 2022") < visible.index(
            "Orari" if path != "/" else 'class="opening"'
        ), path


def test_of_a_note_in_italian_the_page_says_so_in_the_language_of_the_reader(
    server: Server,
) -> None:
    needs = {"category": ["doposcuola", "nido"]}
    for lang, said in (
        ("ar", "بالإيطالية: اطلب ممن يساعدك أن يقرأها لك."),
        ("it", "È in italiano"),
    ):
        pages = [shown(server, path, lang, **needs) for path in ("/", "/giro")]
        pages.append(shown(server, "/scheda", lang, service="prova:teens"))
        pages.append(server.client.get("/servizi/prova:teens", params={"lang": lang}).text)
        assert [said in html for html in pages] == [lang != "it"] * 4


def test_what_the_note_speaks_of_is_not_said_to_be_unknown(server: Server) -> None:
    html = words(shown(server, category="doposcuola", free="true"))
    assert "Leggi la nota della fonte: se si paga." in html
    assert "Non si sa se è gratuito" not in html.partition("Altri")[0].partition("1 altro")[0]
    card = shown(server, "/scheda", service="prova:teens")
    assert re.search(r"Ne parla la nota</th><td>se si paga</td>", card)
    unknown = re.search(r"Non si sa: chiedi</th><td>(.*?)</td>", card)
    assert unknown
    assert "se si paga" not in unknown[1]
    page = server.client.get("/servizi/prova:teens").text
    lacking = re.search(r'id="unknown">.*?</section>', page, re.DOTALL)
    assert lacking
    assert "costo" not in lacking[0]
    assert "ne parla la nota" in page


def test_nobody_is_told_to_phone_where_no_number_is_known(server: Server) -> None:
    for html in (
        shown(server, "/scheda", service="prova:teens"),
        server.client.get("/servizi/prova:teens").text,
    ):
        assert "elefona prima" not in html
        assert "Il telefono non è noto: bisogna andare a chiedere." in html
    assert "Telefona prima di andare." in shown(server, "/scheda", service="prova:old")


def test_the_age_stands_beside_the_kind(server: Server) -> None:
    html = shown(server, category="doposcuola")
    assert '<p class="kind">Doposcuola · <strong>da 14 anni a 18 anni</strong>' in html
    tour = words(shown(server, "/giro", category=["nido", "doposcuola"]))
    assert "Doposcuola · da 14 anni a 18 anni" in tour


def test_free_places_are_to_be_asked_for_where_one_enrols(server: Server) -> None:
    assert ENROL in shown(server, category="nido")
    assert ENROL not in shown(server, category="biblioteca")
    assert ENROL in shown(server, "/giro", category=["nido", "doposcuola"])
    assert "posti liberi e iscrizioni" in shown(server, "/scheda", service="prova:nido")
    assert "posti liberi e iscrizioni" not in shown(server, "/scheda", service="prova:old")
    assert "Posti liberi e iscrizioni" in server.client.get("/servizi/prova:nido").text


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ("centro_vaccinale", "Dice da 0 mesi in su, non fino a che età."),
        ("cav", "Dice fino a 3 anni, non da che età."),
        ("farmacia", "Non dice un'età; di solito è per tutte."),
    ],
)
def test_of_half_an_age_or_of_none_the_page_says_what_is_known(
    server: Server, category: str, said: str
) -> None:
    html = words(shown(server, category=category, age="18"))
    assert said in html
    assert "Non si sa per quale età è." not in html


@pytest.mark.parametrize("path", ["/", "/giro"])
def test_who_looks_for_a_hospital_is_told_what_to_do_in_an_emergency(
    server: Server, path: str
) -> None:
    said = (
        'In emergenza chiama il <a href="tel:112"><bdi>112</bdi></a>. '
        "Non sappiamo quali ospedali hanno un pronto soccorso."
    )
    warning = f'<p class="warning">{said}</p>'
    assert shown(server, path, category=["ospedale", "nido"]).count(warning) == 1
    assert warning not in shown(server, path, category=["farmacia", "nido"])


def test_a_condition_of_which_no_record_speaks_is_marked_on_the_form_and_told_once(
    server: Server,
) -> None:
    silent = (
        "Di nessun posto di questo tipo i nostri dati dicono:"
        " Senza residenza, Dove si parla: arabo."
    )
    asked = {"residence_not_required": "true", "language": "ar"}
    nidi = words(shown(server, category="nido", **asked))
    assert nidi.count(silent) == 1
    assert "Senza residenza · nessun dato" in nidi
    assert "Dove si parla · nessun dato" in nidi
    drugs = words(shown(server, category=["nido", "farmacia"], residence_not_required="true"))
    assert "Di nessun posto di questo tipo" not in drugs
    assert "Senza residenza · nessun dato" not in drugs
    form = words(server.client.get("/").text)
    assert "Senza residenza · nessun dato" not in form
    assert "Gratuito · nessun dato" in form


@pytest.mark.parametrize(
    ("path", "categories", "told", "untold"),
    [
        ("/", ["farmacia"], "conosciamo: Farmacia.", "non conosciamo"),
        ("/", ["nido"], "non conosciamo: Nido d'infanzia. I posti", "vicini conosciamo"),
        ("/", [], "conosciamo: Ospedale (non tutti), Farmacia. Gli altri elenchi", "I posti"),
        ("/giro", ["nido", "farmacia"], "conosciamo: Farmacia. Dei comuni vicini non", "Gli altri"),
    ],
)
def test_from_outside_the_lists_that_go_over_the_border_are_named(
    server: Server, path: str, categories: list[str], told: str, untold: str
) -> None:
    lon, lat = place(1650)
    html = words(shown(server, path, lon=lon, lat=lat, category=categories))
    assert "Il punto è fuori da Milano." in html
    assert told in html
    assert untold not in html
    inside = words(shown(server, path, category=categories))
    assert "Il punto è fuori" not in inside


def test_with_an_age_and_nothing_chosen_kinds_for_other_ages_are_left_out(server: Server) -> None:
    html = shown(server, age="18", count=20)
    assert "both" in names(html)
    assert not {"school", "teens"} & set(names(html))
    assert "school" in names(shown(server, age="7", age_unit="years", count=20))
    assert "school" in names(shown(server, age="18", category="scuola_primaria"))
    assert "Molti elenchi non sono completi" in html


def test_a_place_of_unknown_position_comes_first_where_none_other_suits(server: Server) -> None:
    html = shown(server, category="doposcuola", age="7", age_unit="years")
    assert "Nessun posto" not in html
    assert names(html)[:2] == ["lost", "unsaid"]
    assert names(html).index("lost") < names(html).index("teens")
    first = html[html.index("Inventato lost") - 100 : html.index("Inventato unsaid")]
    assert "/servizi/prova%3Alost" in first or "/servizi/prova:lost" in first
    assert "da 6 anni a 13 anni" in first
    assert "Ultima conferma: maggio 2025" in first


@pytest.mark.parametrize(("lang", "day"), [("ar", "الاثنين"), ("uk", "пн"), ("bn", "সোম")])
def test_hours_are_in_the_language_of_the_page(server: Server, lang: str, day: str) -> None:
    for path, fields in (
        ("/", {"category": "biblioteca"}),
        ("/giro", {"category": ["biblioteca", "nido"]}),
    ):
        html = shown(server, path, lang, **fields)
        assert "lun mer e ven" not in html, path
        assert re.search(
            rf"{day}.*?<bdi class=\"hours\" dir=\"ltr\">14:00\u201318:00</bdi>", html, re.DOTALL
        ), path


def test_words_that_sources_have_in_common_are_translated(server: Server) -> None:
    late = shown(server, lang="ar", category="ludoteca")
    assert "بعد الظهر" in late
    assert ">pomeriggio<" not in late
    assert "02 12345678 (البدالة San Carlo)" in shown(server, lang="ar", category="biblioteca")


def test_hours_of_long_ago_are_told_with_their_year(server: Server) -> None:
    html = shown(server, category="biblioteca", day="sun", hour="10:00", free="")
    assert "secondo orari del 2008" in html
    assert '<span class="tag bad">' not in html
    page = server.client.get("/servizi/prova:old").text
    assert re.search(r'tag warn">ora (aperto|chiuso), secondo orari del 2008<', page)
    assert "secondo orari del 2008" in shown(server, "/scheda", service="prova:old")


def test_from_right_to_left_address_and_quotes_stay_in_order(server: Server) -> None:
    html = server.client.get("/servizi/prova:teens", params={"lang": "ar"}).text
    assert [quote for quote in re.findall(r"<q [^>]*>", html) if "dir=" not in quote] == []


@pytest.mark.browser
def test_on_a_phone_no_column_is_crushed_in_any_language(browser: Browser, server: Server) -> None:
    lon, lat = place(0)
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    for lang in LANGUAGES:
        data = {"lon": str(lon), "lat": str(lat + OFF_STREET), "category": "nido"}
        html = server.client.post("/", params={"lang": lang}, data=data).text
        answer = html.replace("<head>", f'<head><base href="{server.client.base_url}">')
        page.goto(f"http://localhost:{server.client.base_url.port}/")
        page.set_content(answer)
        page.evaluate("document.querySelector('.competent').open = true")
        widths = page.eval_on_selector_all(".competent dd", "all => all.map(e => e.clientWidth)")
        assert min(widths) > PHONE["width"] / 2, (lang, widths)
        name, tag = (
            page.locator(f".heading {part}").first.bounding_box() for part in ("h2", ".tag")
        )
        assert name is not None
        assert tag is not None
        assert name["width"] > PHONE["width"] / 2, lang
    context.close()


@pytest.mark.browser
def test_hours_stand_on_one_line_however_narrow(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    lon, lat = place(0)
    data = {"lon": str(lon), "lat": str(lat), "category": "biblioteca"}
    html = server.client.post("/", params={"lang": "ar"}, data=data).text
    page.goto(f"http://localhost:{server.client.base_url.port}/")
    page.set_content(html.replace("<head>", f'<head><base href="{server.client.base_url}">'))
    page.evaluate("document.querySelector('.opening').style.inlineSize = '4rem'")
    lines = "all => all.map(span => span.getClientRects().length)"
    assert page.eval_on_selector_all(".opening bdi[dir=ltr]", lines) == [1]
    context.close()
