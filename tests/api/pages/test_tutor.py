"""The tutor's page as a plain form: it needs no JavaScript, and says what is not known."""

import re
from pathlib import Path

import pytest

from tests.api.conftest import Server, serving
from tests.mapping.drawn_city import drawn_city, place, service

ADDRESS = "via Aldini 72"  # an address of the pack
HOSTILE = "\"'><script>alert(1)</script>{{ 7*7 }}"
POINT_OUTSIDE = {"lon": "8.9", "lat": "45.3"}


def ask(server: Server, status: int = 200, path: str = "/", **fields: object) -> str:
    answer = server.client.post(path, data={"address": ADDRESS, "max_minutes": 600, **fields})
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["cache-control"] == "no-store"
    return answer.text.replace("&#39;", "'")


def names(html: str) -> list[str]:
    return re.findall(r'<h2><bdi lang="it">(.*?)</bdi></h2>', html)


def minutes(html: str) -> list[int]:
    return [int(one) for one in re.findall(r'class="minutes"><strong>(\d+)', html)]


def test_an_empty_form_offers_every_need_that_has_a_place(pack_server: Server) -> None:
    html = pack_server.client.get("/").text
    offered = set(re.findall(r'name="category" value="(\w+)"', html))
    assert {"consultorio", "nido", "consulenza_abitativa", "italiano_l2", "sport"} <= offered
    assert "antiviolenza" not in offered
    assert {"age", "age_unit", "day", "hour", "profile", "language", "free"} <= set(
        re.findall(r'name="(\w+)"', html)
    )


def test_of_several_needs_each_is_answered_and_the_nearest_comes_first(pack_server: Server) -> None:
    html = ask(pack_server, category=["consultorio", "scuola_infanzia", "uonpia"], count=3)
    for label in ("Consultorio familiare", "UONPIA, neuropsichiatria infantile"):
        assert f'<p class="kind">{label}' in html
    assert len(names(html)) > 3
    firsts = len(re.findall('class="result"', html.partition('id="others"')[0]))
    walks = minutes(html)
    assert walks == sorted(walks[:firsts]) + sorted(walks[firsts:])
    assert firsts == 2  # of the three needs the pack has records of two


def test_the_age_may_be_said_in_months_or_in_years(pack_server: Server) -> None:
    months = ask(pack_server, category="centro_prima_infanzia", age="30")
    years = ask(pack_server, category="centro_prima_infanzia", age="2,5", age_unit="years")
    assert names(months) == names(years) != []
    assert "30 mesi" in years


def test_where_nothing_serves_the_nearest_says_which_condition_it_fails(
    pack_server: Server,
) -> None:
    html = ask(pack_server, category="centro_prima_infanzia", age="16", age_unit="years")
    assert "Nessun posto con queste condizioni" in html
    assert "I più vicini a cui manca una sola condizione" in html
    assert "È per un'altra età: da " in html


def test_a_place_too_far_says_how_far(pack_server: Server) -> None:
    html = ask(pack_server, category="uonpia", max_minutes=1)
    assert re.search(r"È più lontano: (circa )?\d+ min a piedi", html)


def test_what_is_not_known_is_said_in_sentences(pack_server: Server) -> None:
    html = ask(pack_server, category="consultorio", language="ar", residence_not_required="true")
    assert "Non si sa quali lingue si parlano." in html
    assert "Non si sa se serve la residenza." in html
    assert "Questi elenchi non sono completi" in html
    assert "Ultima conferma:" in html


def test_a_condition_can_be_taken_away(pack_server: Server) -> None:
    asked = {"category": ["consultorio", "nido"], "free": "true", "age": "30"}
    fewer = ask(pack_server, **asked, without="category:nido")
    assert 'value="category:consultorio"' in fewer
    assert 'value="category:nido"' not in fewer
    assert 'value="free"' not in ask(pack_server, **asked, without="free")
    assert 'value="age"' not in ask(pack_server, **asked, without="age")
    unknown = ask(pack_server, **asked, without="nothing:of that name")
    assert 'value="free"' in unknown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": " "}, "Da dove si parte?"),
        ({"address": "x" * 300}, "troppo lungo"),
        ({"address": "", "lon": "2.35", "lat": "48.85"}, "fuori dall'Italia"),
        ({"address": "", "lon": "nan", "lat": "45"}, "fuori dall'Italia"),
        ({"address": "", "lon": "east", "lat": "north"}, "fuori dall'Italia"),
        ({"address": "", "nil": "Atlantide"}, "Non conosciamo questa zona"),
        ({"age": "due"}, "L'età non è chiara"),
        ({"age": "-1"}, "L'età non è chiara"),
        ({"age": "40", "age_unit": "years"}, "L'età non è chiara"),
        ({"day": "sat"}, "scrivi anche l'ora"),
        ({"day": "sat", "hour": "25:00"}, "scrivi anche l'ora"),
        ({"hour": "10:00"}, "scegli anche il giorno"),
        ({"day": "domani", "hour": "10:00"}, "scegli anche il giorno"),
        ({"category": "nidi"}, "La domanda non è chiara"),
        ({"category": "antiviolenza"}, "La domanda non è chiara"),
        ({"language": "arabo"}, "La domanda non è chiara"),
        ({"profile": "robot"}, "La domanda non è chiara"),
        ({"count": 0}, "La domanda non è chiara"),
    ],
)
def test_a_mistake_is_told_in_words_and_the_form_stays(
    pack_server: Server, fields: dict, said: str
) -> None:
    html = ask(pack_server, 422, **{"free": "true", **fields})
    assert said in html
    assert 'name="free" value="true" checked' in html


def test_an_unknown_address_is_asked_about_with_buttons_for_those_alike(
    pack_server: Server,
) -> None:
    html = ask(pack_server, 422, address="via Aldino 7", category="nido")
    assert "Non troviamo proprio «<bdi>via Aldino 7</bdi>». Intendi uno di questi?" in html
    # What was written is no mistake: it is asked, and not in red.
    assert ('<div class="notice" id="problem"' in html, "Forse cercavi" in html) == (True, False)
    unlike = ask(pack_server, 422, address="xyzqq", category="nido")
    assert '<div class="problem" id="problem"' in unlike
    assert "Non conosciamo l'indirizzo «<bdi>xyzqq</bdi>»" in unlike
    buttons = re.findall(r'<button type="submit" class="quiet" name="address" value="(.*?)"', html)
    assert any("Aldini" in one for one in buttons)
    assert ask(pack_server, address=buttons[0], category="nido")


@pytest.mark.parametrize("typed", ["questura", "la questura", "questura di Milano, Milano"])
def test_a_kind_of_place_without_a_list_is_said(pack_server: Server, typed: str) -> None:
    html = ask(pack_server, 422, address=typed, category="nido")
    assert 'Non abbiamo un elenco di luoghi come «<bdi lang="it">questura</bdi>»' in html
    assert "Non conosciamo l'indirizzo" not in html
    found = pack_server.client.post("/v1/geocode", json={"address": typed}).json()
    assert (found["results"], found["unheld"]) == ([], "questura")


def test_a_kind_of_place_is_known_by_the_labels_of_every_language(pack_server: Server) -> None:
    for typed in ("مطعم خيري", "community canteen", "公益食堂"):
        found = pack_server.client.post("/v1/geocode", json={"address": typed}).json()
        assert found["unheld"].lower() == typed.lower()


@pytest.mark.parametrize(
    ("typed", "reason", "said"),
    [
        ("20127 Milano", "postcode", "Un CAP non basta: scrivi la via."),
        (
            "pronto soccorso",
            "emergency",
            'In emergenza chiama il <a href="tel:112"><bdi>112</bdi></a>.',
        ),
        ("急诊", "emergency", "Non sappiamo quali ospedali hanno un pronto soccorso."),
        ("nido", "need", "È un bisogno: sceglilo sotto, e qui scrivi da dove parti."),
        ("شارع بادوفا 61", "alphabet", "Scrivi i nomi di vie e luoghi in lettere latine"),
    ],
)
def test_what_is_no_place_to_set_out_from_is_told_what_to_write(
    pack_server: Server, typed: str, reason: str, said: str
) -> None:
    html = ask(pack_server, 422, address=typed, category="nido")
    assert said in html
    assert "Controlla come è scritto" not in html
    found = pack_server.client.post("/v1/geocode", json={"address": typed}).json()
    assert (found["results"], found["reason"]) == ([], reason)
    problem = pack_server.client.post("/v1/nearest", json={"where": {"address": typed}})
    assert problem.json()["reason"] == reason


def test_scripts_are_given_reasons_as_plain_text(pack_server: Server) -> None:
    html = pack_server.client.get("/").text
    words = html.partition('id="words">')[2].partition("</script>")[0]
    assert "In emergenza chiama il 112. Non sappiamo" in words
    assert "tel:112" not in words


def test_texts_of_two_directions_do_not_mix(pack_server: Server) -> None:
    html = pack_server.client.get("/", params={"lang": "ar"}).text
    assert re.search(r'<input id="address"[^>]* dir="auto"', html)
    sources = html.split("المصادر:")[1].split("</p>")[0]
    assert re.fullmatch(r'(?: |<bdi lang="it">[^<]+</bdi>|·|\.)+', sources)


def test_a_point_is_near_an_address_only_where_that_helps_to_find_it(pack_server: Server) -> None:
    found = pack_server.client.post("/v1/geocode", json={"address": ADDRESS}).json()["results"][0]
    lon, lat = found["lon"], found["lat"]

    near = ask(pack_server, address="", lon=lon, lat=lat + 0.0005)
    far = ask(pack_server, address="", lon=9.40, lat=45.60)

    assert "Dal punto scelto, vicino a" in near
    assert "Dal punto scelto, vicino a" not in far


def test_what_is_said_while_typing_stands_before_the_list_that_opens(pack_server: Server) -> None:
    html = pack_server.client.get("/").text
    assert html.index('id="place-said"') < html.index('id="places"')


@pytest.mark.shared
def test_outside_the_city_is_answered_and_said(milano_server: Server) -> None:
    html = ask(milano_server, address="", **POINT_OUTSIDE, category="consultorio")
    assert "Il punto è fuori da Milano" in html
    assert names(html)


@pytest.mark.parametrize("now", ["now", "sat"])
def test_the_hour_of_a_visit_is_answered_open_or_not_known(pack_server: Server, now: str) -> None:
    html = ask(pack_server, category="access_point", day=now, hour="10:30")
    states = set(re.findall(r'class="tag (\w+)">(?:aperto|chiuso|orari|chiedi)', html))
    assert states <= {"good", "warn", "bad"}
    assert ("A quell'ora è chiuso." in html) or "bad" not in states


@pytest.mark.parametrize(
    "field",
    [
        "address",
        "lon",
        "nil",
        "category",
        "age",
        "age_unit",
        "day",
        "hour",
        "language",
        "profile",
        "without",
        "free",
        "count",
    ],
)
def test_hostile_text_stays_text(pack_server: Server, field: str) -> None:
    answer = pack_server.client.post("/", data={"address": ADDRESS, field: HOSTILE})
    assert "<script>alert" not in answer.text
    assert answer.status_code in (200, 422)


def test_the_end_of_a_walk_away_from_all_streets_is_told(pack: Path, tmp_path: Path) -> None:
    # The street ends 120 m before the one, 400 m before the other, and runs by the third.
    there = [service(1000 + away, f"a {away}") for away in (0, 120, 400)]
    drawn_city(tmp_path / "editions", there)
    lon, lat = place(900)
    with serving(tmp_path, pack, tmp_path / "ends.log") as server:
        answer = server.client.post("/", data={"lon": lon, "lat": lat, "category": "nido"})

    metres = re.findall(r"gli ultimi (\d+)\s*m in linea d(?:&#39;|')aria", answer.text)
    assert metres == ["120", "400"]
    walks = re.findall(r'class="minutes"><strong>.*?</strong> <span>(\d+)\s*m</span>', answer.text)
    assert walks == ["100", "220", "500"]


def test_a_script_is_given_only_the_part_that_changes(pack_server: Server) -> None:
    part = ask(pack_server, path="/?part=answer", category="nido")
    assert "<html" not in part
    assert 'id="answer-map"' in part
    assert 'id="ask"' in part


def test_the_language_changes_without_the_place_in_an_address(pack_server: Server) -> None:
    html = ask(pack_server, category="nido")
    assert 'form="again" formaction="/?lang=ar"' in html
    assert f'<input type="hidden" name="address" value="{ADDRESS}">' in html
    addresses = re.findall(r'(?:href|action)="(.*?)"', html)
    assert not [one for one in addresses if "Aldini" in one or "aldini" in one]
    arabic = ask(pack_server, path="/?lang=ar", category="nido")
    assert 'dir="rtl"' in arabic
    assert names(arabic) == names(html)


def test_the_title_of_an_answer_does_not_say_where_the_family_lives(pack_server: Server) -> None:
    (title,) = re.findall(r"<title>(.*?)</title>", ask(pack_server))
    assert "Aldini" not in title


@pytest.mark.shared
def test_the_competent_offices_are_named(milano_server: Server) -> None:
    known = ask(milano_server, address="", nil="Baggio")
    assert "Rete di zona" in known
    # attiva 8.5.2024 - 1.5.2026
    assert "doveva finire il 1 mag 2026: da verificare" in known
    assert "Sono le sedi per chi abita qui." in known
    assert "Servizio Sociale Professionale Territoriale Municipio 7" in known


def test_a_card_and_a_round_go_on_from_the_question(pack_server: Server) -> None:
    html = ask(pack_server, category=["nido", "consultorio"], age="30")
    card = html[html.index('<form id="card"') :]
    for field in ("address", "category", "age"):
        assert f'name="{field}"' in card[: card.index("</form>")]
    assert 'form="card" name="service"' in html
    assert 'form="again" formaction="/giro"' in html


def test_far_from_all_that_is_known_nobody_is_said_to_be_unknown(pack_server: Server) -> None:
    rome = {"address": "", "lon": "12.5", "lat": "41.9", "max_minutes": 60}
    html = ask(pack_server, category="consultorio", **rome)
    assert "Da qui, a distanza di cammino, non ne conosciamo nessuno." in html
    assert "Nei nostri dati non c'è" not in html
    bergamo = {"address": "", "lon": "9.67", "lat": "45.7", "max_minutes": 60}
    assert minutes(ask(pack_server, category="consultorio", **bergamo)) == []


@pytest.mark.parametrize("path", ["/", "/giro"])
def test_minutes_from_a_rough_start_are_said_to_be_about(pack_server: Server, path: str) -> None:
    said = "i minuti a piedi sono indicativi"
    needs = ["consultorio", "scuola_infanzia"]
    area = {"address": "", "nil": "Baggio", "category": needs, "max_minutes": 60}
    rough = ask(pack_server, path=path, **area)
    assert said in rough
    assert re.search(r"circa \d+ min", rough)
    assert not re.search(r"(?<!circa )\b\d+ min (?:a piedi,|</strong>)", rough)
    sure = ask(pack_server, path=path, category=needs, max_minutes=60)
    assert said not in sure
    assert not re.search(r"circa \d+ min", sure)
