"""Rounds over HTTP, and their page without JavaScript, of a real server over the pack's edition."""

import re

import httpx

from tests.api.conftest import Server

HOME = {"lon": 9.19, "lat": 45.4642}
NEEDS = ["consultorio", "wemi"]


def asked(
    server: Server, categories: list[str], path: str = "/giro", **fields: object
) -> httpx.Response:
    return server.client.post(path, data={**HOME, "category": categories, **fields})


def words(answer: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_round_is_told_in_json(pack_server: Server) -> None:
    body = {"where": HOME, "categories": NEEDS, "open": "mon 10:00", "max_minutes": 120}
    answer = pack_server.client.post("/v1/round", json=body)
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert said["lacking"] == []
    assert [one["seconds"] for one in said["rounds"]] == sorted(
        one["seconds"] for one in said["rounds"]
    )
    for one in said["rounds"]:
        met = [need for stop in one["stops"] for row in stop["services"] for need in row["needs"]]
        assert sorted(met) == sorted(NEEDS)
        # Without streets all walks are straight lines.
        assert (one["estimated"], one["home"]["line"]) == (True, None)
        assert one["stops"][0]["arrival"] < one["back"]


def test_the_page_lists_the_rounds_that_the_interface_gives(pack_server: Server) -> None:
    body = {"where": HOME, "categories": NEEDS, "max_minutes": 120}
    rounds = pack_server.client.post("/v1/round", json=body).json()["rounds"]
    answer = asked(pack_server, NEEDS, max_minutes=120)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    names = [row["name"] for one in rounds for stop in one["stops"] for row in stop["services"]]
    assert re.findall(r'<h3><a [^>]*><bdi lang="it">([^<]*)', answer.text) == names
    for number, one in enumerate(rounds, 1):
        assert f"Giro {number}: {round(one['seconds'] / 60)} min a piedi" in words(answer)


def test_one_thing_or_five_are_answered_in_words(pack_server: Server) -> None:
    few = asked(pack_server, ["nido"])
    many = asked(pack_server, ["nido", "consultorio", "wemi", "farmacia", "sport"])
    assert (few.status_code, many.status_code) == (422, 422)
    assert "servono almeno due cose diverse" in words(few)
    assert "scegline al massimo quattro" in words(many)
    # What was chosen stays, so that it can be changed.
    assert few.text.count("checked") == 1
    assert f'name="lon" value="{HOME["lon"]}"' in few.text


def test_what_is_not_known_is_answered_in_words(pack_server: Server) -> None:
    unknown = asked(pack_server, ["nido", "unicorni"])
    assert "non è nel nostro elenco" in words(unknown)
    nowhere = pack_server.client.post("/giro", data={"category": NEEDS})
    assert "Da dove si parte?" in words(nowhere)
    far = asked(pack_server, NEEDS, max_minutes=0.1)
    assert far.status_code == 200
    assert "Nessun giro" in words(far)


def test_a_hostile_word_is_shown_and_not_run(pack_server: Server) -> None:
    hostile = "<script>alert(1)</script>"
    answer = pack_server.client.post("/giro", data={"address": hostile, "category": NEEDS})
    assert answer.status_code == 422
    assert hostile not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_a_round_has_no_address_of_its_own(pack_server: Server) -> None:
    answer = pack_server.client.get("/giro?lang=ar&address=via")
    assert (answer.status_code, answer.headers["location"]) == (307, "/?lang=ar")


def test_the_page_speaks_the_language_that_was_chosen(pack_server: Server) -> None:
    answer = asked(pack_server, NEEDS, path="/giro?lang=ar", max_minutes=120)
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert 'formaction="/giro?lang=en"' in answer.text
