"""Sentences about zones and plans: made from numbers and names, in the language of the reader."""

import csv
import html
import re
from pathlib import Path

import pytest

from api.exports import export
from api.i18n.language import LANGUAGES, words
from api.i18n.list_sentences import list_sentence
from api.i18n.plan_sentences import change_in_words, closures_in_words, site_in_words
from api.i18n.zone_sentences import zone_name, zone_rank_why, zone_why
from mapping.edition.edition import Edition, current
from mapping.errors import BrokenEditionError
from mapping.greyzones.columns import GREYZONES
from tests.api.conftest import Server, serving
from tests.mapping.greyzones.test_zone_table import STALE, pharmacy, town
from tests.mapping.older_edition import make_older

ZONE = {
    "reason": "beyond_walk", "walk_minutes": 10, "known_total": None, "seconds": 1480.0,
    "nearest_name": "Farmacia Inventata 5", "nearest_minutes": 25, "nearest_status": "active",
    "nearest_assured_date": "2016-03", "nearest_error_metres": 30.4,
    "rank": 2, "ranked": 12, "demand": 1200, "sections": 5, "ranking": "to_check",
    "depth": 0.35, "depth_at_least": False, "call_people": 500, "call_alone": 300,
    "category": "farmacia", "call_name": "Farmacia Inventata 5",
    "call_address": "via Inventata 5", "call_phone": "02 1234567",
    "premises_name": None, "premises_basis": None,
}  # fmt: skip
ENOUGH = "Un sì basta a circa 500 residenti."
ALONE = "Per circa 300 residenti è il solo, vicino, che conosciamo: se non"
OTHERS = "vicino a loro non ne conosciamo altri."
NEAREST = "Il più vicino che conosciamo, per i più Farmacia Inventata 5"
PLAN = {
    "category": "nido", "weight": "people", "counted": "children", "minutes": 15.0,
    "objective": "cover", "changes": [],
    "before": {"within": 400, "within_estimated": 0, "people": 1200},
    "after": {"within": 405, "within_estimated": 0},
    "basis": {"basis": "all", "services": 7, "outside": 0, "unplaced": 0},
    "solution": {"gap": 0.0151}, "warnings": [], "sites": [],
    "people_bases": {"residents": "ISTAT, 2021", "children": "nascite e minori"},
    "completeness": {
        "nido": {"status": "partial", "known_total": 300, "known": 7, "source": "S", "year": 2023},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def var(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("zone")
    town(folder / "editions", pharmacy(0, "a"), pharmacy(2800, "b", STALE))
    return folder


@pytest.fixture(scope="module")
def server(var: Path, pack: Path, tmp_path_factory):
    with serving(var, pack, tmp_path_factory.mktemp("log") / "zone.log") as running:
        yield running


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, f"{NEAREST}, è a 25 minuti in mediana: 15 oltre il limite accettabile di 10."),
        ({"nearest_minutes": 10, "seconds": 590.0}, f"{NEAREST}, è a 10 minuti in mediana."),
        (
            {"nearest_minutes": 10, "seconds": 620.0},
            f"{NEAREST}, è a 10 minuti in mediana: poco oltre il limite accettabile.",
        ),
        (
            {"estimated": True},
            f"{NEAREST}, è a circa 25 minuti in mediana, stimati in linea d'aria: 15 oltre il"
            " limite accettabile di 10.",
        ),
        ({"nearest_minutes": 1}, f"{NEAREST}, è a 1 minuto in mediana."),
        ({"nearest_minutes": None}, "Nessun servizio noto è raggiungibile a piedi."),
        ({"reason": "off_network"}, "Le strade note non portano da qui a nessun servizio."),
        ({"reason": "places_short"}, "; i posti sono meno di quelli che servono."),
        ({"reason": "catalogue_incomplete"}, "; l'elenco non è completo."),
        (
            {
                "reason": "premises_declared",
                "premises_name": "SCUOLA DELL'INFANZIA DISEGNATA",
                "premises_basis": "Comune di Prova, database topografico, NOME",
            },
            "; un edificio si dichiara «SCUOLA DELL'INFANZIA DISEGNATA» (Comune di Prova, database"
            " topografico, NOME), e nessun elenco lo conosce.",
        ),
        (
            {"reason": "catalogue_incomplete", "known_total": 300},
            "; l'elenco non è completo: in città ne risultano circa 300.",
        ),
        ({"reason": "records_unverified"}, "; da verificare: l'ultima conferma è del 2016."),
        (
            {"reason": "records_unverified", "nearest_status": "unsure"},
            "; da verificare: la fonte non è certa che sia attivo.",
        ),
        (
            {"reason": "records_unverified", "nearest_assured_date": None},
            "; da verificare: non si sa quando fu confermato.",
        ),
        ({"reason": "position_uncertain"}, "; la sua posizione è nota entro 30 m."),
        (
            {"reason": "position_uncertain", "nearest_error_metres": 541.0, "nearest_minutes": 8},
            f"{NEAREST}, è a circa 8 minuti in mediana; la sua posizione è nota entro 540 m.",
        ),
        (
            {"nearest_error_metres": 3404.0, "nearest_two_places": True},
            f"{NEAREST}, è a circa 25 minuti in mediana: 15 oltre il limite accettabile di 10; è in"
            " uno di due luoghi, a 3,4 km l'uno dall'altro.",
        ),
        (
            {"reason": "catalogue_incomplete", "nearest_error_metres": 541.0},
            "; l'elenco non è completo; la sua posizione è nota entro 540 m.",
        ),
        ({"reason": "records_unverified", "nearest_minutes": None}, "raggiungibile a piedi."),
    ],
    ids=str,
)
def test_why_a_zone_is_grey_follows_from_its_numbers_and_names(changed: dict, text: str) -> None:
    assert zone_why({**ZONE, **changed}, words("it")).endswith(text)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"reason": "records_unverified"},
            "Da verificare, 2 di 12 (circa 1.200 residenti): chiama Farmacia Inventata 5 (via"
            f" Inventata 5, 02 1234567). {ENOUGH} {ALONE} è attivo, {OTHERS}",
        ),
        (
            {"reason": "records_unverified", "call_alone": 0},
            "Da verificare, 2 di 12 (circa 1.200 residenti): chiama Farmacia Inventata 5 (via"
            f" Inventata 5, 02 1234567). {ENOUGH} Dopo un no restano, vicino, altri servizi da"
            " verificare.",
        ),
        (
            {
                "reason": "records_unverified",
                "call_address": None,
                "call_near": "via Inventata 7",
                "call_phone": None,
            },
            "Da verificare, 2 di 12 (circa 1.200 residenti): passa da Farmacia Inventata 5 (vicino"
            f" a via Inventata 7), di cui non conosciamo il telefono. {ENOUGH} {ALONE} è attivo,"
            f" {OTHERS}",
        ),
        (
            {
                "reason": "records_unverified",
                "call_name": "Nido via Inventata 5",
                "call_address": "via Inventata, 5",
            },
            "Da verificare, 2 di 12 (circa 1.200 residenti): chiama Nido via Inventata 5 (02"
            f" 1234567). {ENOUGH} {ALONE} è attivo, {OTHERS}",
        ),
        (
            {"ranking": "ascertained", "rank": None, "demand": None, "sections": 1},
            "Senza rango: di una sola sezione non si pubblica quante persone sono.",
        ),
        (
            {"reason": "records_unverified", "call_people": 0},
            "Da verificare, 2 di 12: circa 1.200 residenti; il servizio da verificare può essere"
            " oltre il cammino accettabile: un sì da solo basta a pochi, o a nessuno.",
        ),
        (
            {"reason": "position_uncertain"},
            "Da verificare, 2 di 12 (circa 1.200 residenti): misura dov'è l'ingresso di Farmacia"
            " Inventata 5 (via Inventata 5, 02 1234567). Se è entro il cammino accettabile, basta a"
            f" circa 500 residenti. {ALONE} è entro il cammino accettabile, {OTHERS}",
        ),
        (
            {"reason": "hours_unknown"},
            "Da verificare, 2 di 12 (circa 1.200 residenti): chiama Farmacia Inventata 5 (via"
            f" Inventata 5, 02 1234567). {ENOUGH} Per circa 300 residenti è il solo, vicino, che"
            f" conosciamo: se in questa fascia non è aperto, {OTHERS}",
        ),
        (
            {"reason": "suitability_unknown"},
            "Da verificare, 2 di 12 (circa 1.200 residenti): chiama Farmacia Inventata 5 (via"
            f" Inventata 5, 02 1234567). {ENOUGH} {ALONE} è adatto a questa richiesta, {OTHERS}",
        ),
        (
            {"reason": "position_uncertain", "call_people": 0},
            "Da verificare, 2 di 12: circa 1.200 residenti; vicino ci sono più servizi di posizione"
            " incerta: basta che un ingresso sia vicino, non che uno sia lontano.",
        ),
        (
            {"reason": "border", "call_people": None},
            "Da verificare, 2 di 12: circa 1.200 residenti; chiedi l'elenco al comune vicino.",
        ),
        (
            {"reason": "catalogue_incomplete", "call_people": None},
            "Da verificare, senza rango: circa 1.200 residenti; qui serve un elenco, non una"
            " telefonata.",
        ),
        (
            {"reason": "list_expired", "call_people": None},
            "Da verificare, senza rango: circa 1.200 residenti; qui serve un elenco, non una"
            " telefonata.",
        ),
        (
            {"reason": "premises_declared", "call_people": None},
            "Da verificare, 2 di 12: circa 1.200 residenti, in media 3,5 minuti oltre gli"
            " accettabili fino a un servizio che conosciamo.",
        ),
        (
            # A walk is cut, though the median is short.
            {
                "reason": "premises_declared",
                "call_people": None,
                "depth": 3.0,
                "depth_at_least": True,
            },
            "Da verificare, 2 di 12: circa 1.200 residenti, in media almeno 30,0 minuti oltre"
            " gli accettabili fino a un servizio che conosciamo.",
        ),
        (
            {"ranking": "ascertained", "depth": 5.0, "depth_at_least": True},
            "Lontana accertata, 2 di 12: circa 1.200 residenti, in media almeno 50,0 minuti oltre"
            " gli accettabili.",
        ),
        (
            {"ranking": "ascertained", "depth": 3.0, "demand": None, "sections": 1},
            "Lontana accertata, 2 di 12: le persone di una sola sezione, in media 30,0 minuti oltre"
            " gli accettabili.",
        ),
        (
            {"ranking": "ascertained", "depth": 3.009, "depth_at_least": True},
            "Lontana accertata, 2 di 12: circa 1.200 residenti, in media almeno 30,0 minuti oltre"
            " gli accettabili.",
        ),
        (
            {
                "ranking": "ascertained",
                "depth_at_least": False,
                "depth": 0.98,
                "depends_on": ["estimate"],
                "rank_by_streets": 2,
            },
            "Lontana accertata, 2 di 12: circa 1.200 residenti, in media circa 10 minuti oltre gli"
            " accettabili. I minuti dipendono da una stima in linea d'aria, oltre il confine; il"
            " rango no.",
        ),
        (
            {"ranking": "depends", "rank": None, "depends_on": ["hexagons"]},
            "Senza rango, dipende dalle ipotesi: contando per esagoni di 250 metri, i più di loro"
            " sarebbero vicini (circa 1.200 residenti).",
        ),
        (
            {"ranking": "depends", "rank": None, "depends_on": ["faster", "longer"]},
            "Senza rango, dipende dalle ipotesi: basta una di queste, e i più di loro sarebbero"
            " vicini (circa 1.200 residenti): con un passo del 15% più svelto; con due minuti in"
            " più.",
        ),
        (
            {"ranking": "depends", "rank": None},
            "Senza rango, dipende dalle ipotesi: con un'altra, altrettanto usuale, i più di loro"
            " sarebbero vicini (circa 1.200 residenti).",
        ),
        (
            {"rank": None, "demand": None, "category": "nido"},
            "Senza rango: i dati non concordano, per l'anagrafe ci vivono più minori di quanti il"
            " censimento possa spiegare.",
        ),
        (
            {"rank": None, "category": "wemi"},
            "Senza rango: a chi è rivolto questo servizio non è dichiarato.",
        ),
    ],
    ids=[
        "a call settles it",
        "there are others after a no",
        "a visit does where no phone is known",
        "a name that has the address",
        "too small",
        "no single call does",
        "a measure settles it",
        "whether it is open settles it",
        "whether it is suitable settles it",
        "no single measure does",
        "the comune next door does",
        "a list does",
        "a list of today does",
        "no call does",
        "no call does, and walks are cut",
        "ascertained and cut",
        "ascertained",
        "ascertained and rounded down",
        "ascertained by an estimate",
        "depends on one",
        "depends on two",
        "depends on what an older edition does not say",
        "two counts disagree",
        "undeclared",
    ],
)
def test_why_a_zone_has_its_rank_follows_from_its_list(changed: dict, text: str) -> None:
    assert zone_rank_why({**ZONE, **changed}, words("it")) == text


def test_an_edition_that_does_not_say_whether_walks_are_cut_is_told_as_at_the_least() -> None:
    zone = {**ZONE, "ranking": "ascertained"}
    del zone["depth_at_least"]
    assert "in media almeno 3,5 minuti" in zone_rank_why(zone, words("it"))


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["XXII MARZO"], "XXII Marzo"),
        (["XXII MARZO", "LORETO"], "XXII Marzo e Loreto"),
        (["XXII MARZO", "LORETO", "CORSICA"], "XXII Marzo, Loreto e Corsica"),
        (["XXII MARZO", "LORETO", "CORSICA", "QT 8"], "XXII Marzo, Loreto e altri"),
        (None, "Uno"),
    ],
)
def test_a_zone_is_named_by_the_areas_in_which_its_people_live(names, text: str) -> None:
    assert zone_name({**ZONE, "name": "Uno", "names": names}, words("it")) == text


@pytest.mark.parametrize(
    ("status", "total", "text"),
    [
        ("partial", 300, "circa 300 (Elenco di prova, 2017); ne conosciamo 297. Gli altri ci sono"),
        ("partial", None, "L'elenco di questi servizi non è completo."),
        ("expired", 300, "L'elenco era completo quando uscì (Elenco di prova, 2017)"),
        ("complete", 300, "L'elenco è dichiarato completo (Elenco di prova, 2017)"),
        ("complete", 300, "Di quelli che conosciamo, senza un luogo noto: 2. Minuti e quote"),
    ],
)
def test_a_list_is_told_by_its_status_and_by_how_many_are_known(status, total, text) -> None:
    declared = {"status": status, "known_total": total, "known": 297, "unplaced": 2}
    said = list_sentence({**declared, "source": "Elenco di prova", "year": 2017}, words("it"))
    assert text in said


def test_a_name_in_a_sentence_from_right_to_left_is_kept_apart() -> None:
    assert "\u2068Farmacia Inventata 5\u2069" in zone_why(ZONE, words("ar"))
    assert "\u2068" not in zone_why(ZONE, words("en"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_warning_of_a_plan_has_a_text_in_every_language(code: str) -> None:
    known = (
        "catalogue_incomplete", "records_unverified", "records_unplaced", "premises_unchecked",
        "nodes_unchecked", "fewer_sites", "time_limit", "places_unknown", "low_income_uncounted",
        "border_estimated", "records_left_out",
    )  # fmt: skip
    warnings = [{"code": name, "number": number} for name in known for number in (1, 2, 5, 100)]
    said = change_in_words({**PLAN, "warnings": warnings}, words(code))
    texts = [said["words"], *(one["text"] for one in said["warnings"])]
    assert all(text and "%(" not in text for text in texts)
    italian = change_in_words({**PLAN, "warnings": warnings}, words("it"))
    assert (said["words"] == italian["words"]) == (code == "it")


def test_a_plan_says_who_gains_and_where_in_italian() -> None:
    site = {
        "name": None, "people": 125, "places": None, "median_minutes_saved": 4.5,
        "people_estimated": 0, "minutes_estimated": False, "rank_estimated": False,
        "by_area": [{"name": name} for name in ("Uno", "Due", "Tre", "Quattro")],
    }  # fmt: skip
    (one,) = site_in_words({**PLAN, "sites": [site]}, words("it"))["sites"]
    assert one["words"] == (
        "strada senza nome: 125 bambini in più entro 15 minuti a piedi, oggi senza uno dei 7 che"
        " conosciamo così vicino, soprattutto in Uno, Due, Tre; metà di chi ci guadagna risparmia"
        " più di 4,5 min rispetto al più vicino che conosciamo."
    )
    marks = {"people_estimated": 40, "minutes_estimated": True, "rank_estimated": True}
    estimated = one["words"].replace("4,5 min", "circa 4 min (stima)")
    (rough,) = site_in_words({**PLAN, "sites": [site | marks]}, words("it"))["sites"]
    assert rough["words"] == (
        f"{estimated} Altri, lì vicino, hanno oggi un servizio solo con un cammino stimato,"
        " oltre il confine: 40 bambini. I minuti risparmiati sono in parte stimati. Il posto in"
        " classifica dipende dalla stima."
    )
    shared = {**PLAN, "objective": "capacity"}
    nothing = {**site, "name": "Sede", "places": 40, "by_area": [], "median_minutes_saved": None}
    (one,) = site_in_words({**shared, "sites": [nothing]}, words("it"))["sites"]
    assert one["words"] == (
        "Sede: 40 posti, per 125 bambini oggi senza posto in uno dei 7 che conosciamo."
    )


@pytest.mark.parametrize(
    ("after", "text"),
    [
        (405, "5 bambini in più entro 15 minuti a piedi da SERVIZIO: oggi 400, poi 405."),
        (380, "20 bambini in meno entro 15 minuti a piedi da SERVIZIO: oggi 400, poi 380."),
        (400, "Non cambia niente: 400 bambini entro 15 minuti a piedi da SERVIZIO, come oggi."),
    ],
)
def test_a_change_is_told_by_whom_it_brings_nearer(after: int, text: str) -> None:
    text = text.replace("SERVIZIO", "uno dei 7 che conosciamo")
    then = {"within": after, "within_estimated": 0}
    said = change_in_words({**PLAN, "after": then}, words("it"))
    assert (said["words"], said["unit"]) == (text, "bambini di 3-36 mesi")
    then["within_estimated"] = 15
    assert change_in_words({**PLAN, "after": then}, words("it"))["words"] == (
        f"{text} Solo con un cammino stimato, oltre il confine: 0 oggi, 15 poi."
    )


@pytest.mark.parametrize(
    ("basis", "status", "service"),
    [
        ({}, "complete", "un servizio"),
        ({"basis": "verified"}, "complete", "un servizio verificato"),
        ({"services": 1}, "partial", "l'unico che conosciamo"),
        ({"services": 5}, "expired", "uno dei 5 che conosciamo"),
        ({"unplaced": 2}, "complete", "uno dei 7 di cui conosciamo il luogo"),
        ({"basis": "verified"}, "partial", "uno dei 7 verificati che conosciamo"),
        ({"outside": 2}, "partial", "uno dei 9 che conosciamo (oltre il confine: 2)"),
    ],
)
def test_each_sentence_of_a_plan_names_what_it_counts(basis, status, service) -> None:
    declared = {"nido": PLAN["completeness"]["nido"] | {"status": status}}
    plan = {**PLAN, "basis": {**PLAN["basis"], **basis}, "completeness": declared}
    italian = words("it")
    assert site_in_words(plan, italian)["words"] == (
        f"Con {service} entro 15 minuti a piedi: oggi 400 su 1.200 bambini; contando anche le sedi"
        " proposte, 405."
    )
    assert closures_in_words(plan, italian)["words"] == (
        f"Se chiudesse, resterebbero senza {service} così vicino (bambini di 3-36 mesi, entro"
        " 15 min):"
    )
    added = change_in_words({**plan, "changes": [{"do": "add", "snapped_metres": 0}]}, italian)
    assert f"a piedi da {service} o una sede nuova: oggi 400, poi 405." in added["words"]


@pytest.mark.parametrize(
    ("category", "people"),
    [
        ("nido", "bambini"),
        ("scuola_secondaria_1", "ragazzi"),
        ("scuola_primaria", "bambini"),
        ("farmacia", "residenti"),
    ],
)
def test_whom_a_category_is_for_has_one_name_in_plans_and_zones(category, people) -> None:
    italian = words("it")
    partial = {category: PLAN["completeness"]["nido"]}
    warnings = [{"code": "border_estimated", "number": 385}]
    plan = {**PLAN, "category": category, "completeness": partial, "warnings": warnings}
    told = change_in_words(plan, italian)
    assert told["words"].startswith(f"5 {people} in più")
    assert f"385 {people} hanno oggi" in told["warnings"][0]["text"]
    assert told["unit"].split()[0] == people
    zone = {**ZONE, "category": category, "reason": "border", "call_people": None}
    assert f"circa 1.200 {people};" in zone_rank_why(zone, italian)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("it", "Il più vicino che conosciamo, per i più Inventato a, è a"),
        ("en", "The nearest that we know, for most Inventato a, is"),
        ("ar", "الأقرب مما نعرفه، وهو للأغلبية \u2068Inventato a\u2069، على بعد"),
    ],
)
def test_zones_are_told_over_http_in_the_language_that_is_asked(
    server: Server, code: str, text: str
) -> None:
    accepted = {"Accept-Language": code}
    answer = server.client.get("/v1/greyzones?category=farmacia", headers=accepted)
    assert answer.headers["Content-Language"] == code
    assert "Accept-Language" in answer.headers["Vary"]
    zones = answer.json()["results"]
    assert any(zone["why"].startswith(text) for zone in zones)
    for zone in zones:
        assert set(GREYZONES.names) - {"members"} <= set(zone)
        assert zone["why"] == zone_why(zone, words(code))
        assert zone["rank_why"] == zone_rank_why(zone, words(code))
    drawn = server.client.get("/rete/zone.geojson?category=farmacia", headers=accepted).json()
    assert {one["properties"]["why"] for one in drawn["features"]} == {z["why"] for z in zones}
    page = server.client.get("/rete?category=farmacia", headers=accepted).text
    assert zones[0]["why"] in html.unescape(page)
    every = server.client.get("/rete/zone?category=farmacia", headers=accepted).text
    assert all(zone["why"] in html.unescape(every) for zone in zones)
    assert not re.search(r'lang="it">[^<]*Inventato', page)


def test_an_export_has_the_italian_sentences_beside_the_numbers(
    server: Server, var: Path, tmp_path: Path
) -> None:
    edition = Edition.open(current(var / "editions"))
    assert not {"why", "rank_why"} & set(edition.greyzones.column_names)
    export(edition, "csv", tmp_path)
    with (tmp_path / "greyzones.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["zone_id"]: row for row in csv.DictReader(file)}
    for zone in server.get("/v1/greyzones?category=farmacia")["results"]:
        assert rows[zone["zone_id"]]["why"] == zone["why"]
        assert rows[zone["zone_id"]]["rank_why"] == zone["rank_why"]


def test_an_edition_of_the_schema_before_is_refused_in_one_line(tmp_path: Path) -> None:
    edition = town(tmp_path, pharmacy(0, "a"))
    make_older(edition)
    with pytest.raises(BrokenEditionError, match="its schema is 2, and this software") as caught:
        Edition.open(edition.path)
    assert "\n" not in str(caught.value)


def test_commands_say_what_the_page_says(cli, var: Path, server: Server) -> None:
    printed = cli("coverage", "--category", "farmacia", "--level", "municipio", var=var).stdout
    asked = "category=farmacia&level=municipio"
    (row,) = server.get(f"/v1/coverage?{asked}")["results"]
    # The acceptable walk to a pharmacy is ten minutes, as on the page.
    assert "entro 10 min" in printed
    assert f"{row['share_10']:.0%}" in printed
    page = html.unescape(server.client.get(f"/rete?lang=it&{asked}").text)
    totals = re.findall(
        r"(servita|lontana|incerta) (\d[\d.]*\d)", printed.split("nella sua classe: ")[1]
    )
    assert totals
    for word, people in totals:
        assert re.search(rf"</svg> {word}</th>.*?<td class=\"figure\">{people}</td></tr>", page)
    silent = cli("coverage", "--category", "nido", var=var).stdout
    nothing = "Nessun dato: non ne conosciamo nessuno. Non vuol dire che in città non ce ne siano"
    assert nothing in silent
    assert nothing in cli("greyzones", "--category", "nido", var=var).stdout
    assert nothing in html.unescape(
        server.client.get("/rete?lang=it&category=nido&level=municipio").text
    )


def test_the_command_of_zones_has_words_for_codes_and_none_for_no_rank(cli, tmp_path) -> None:
    town(tmp_path / "editions", pharmacy(0, "a"), pharmacy(2050, "b"), count=10)
    said = cli("greyzones", "--category", "farmacia", var=tmp_path).stdout.splitlines()
    assert said[0].startswith("L'elenco è dichiarato completo")
    assert said[1].startswith("Quante persone")
    line = said[2]
    assert line.split()[0] == "-"
    assert "(lontana: oltre la distanza accettabile)." in line
