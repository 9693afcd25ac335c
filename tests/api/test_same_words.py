"""One sentence of how complete a list is, and of what a percent is the chance, on every surface."""

import re

import pytest

from api.i18n.language import LANGUAGES, words
from api.i18n.list_sentences import completeness_sentence, people_sentence
from mapping.coverage.sureness_words import LIKELY_TEXTS
from mapping.taxonomy import category
from tests.api.conftest import Server
from tests.api.test_every_surface import read

LISTS = {
    "farmacia": "complete",
    "scuola_infanzia": "expired",
    "doposcuola": "sample",
    "consultorio": "partial",
}
"""A list that is complete, one that was, one of which a total is declared, and one without."""
PLACE = {"do": "add", "lon": 9.19, "lat": 45.464}


def surfaces(server: Server, code: str) -> dict[str, str]:
    asked = {"category": code, "changes": [PLACE]}
    plan = server.client.post("/v1/scenario", json=asked, headers={"accept-language": "it"})
    return {
        "page": read(server, f"/rete?category={code}"),
        "zones": read(server, f"/rete/zone?category={code}"),
        "scenario": read(server, f"/rete/scenario?category={code}"),
        "report": read(server, f"/rete/zona/municipio/4.html?category={code}"),
        "folium": read(server, f"/maps/coverage.html?category={code}"),
        "plan": f"{plan.json()['list']} {plan.json()['people_source']}",
    }


@pytest.mark.shared
@pytest.mark.parametrize("code", LISTS)
def test_a_list_and_who_counted_people_are_told_alike_everywhere(milano_server, cli, code):
    document = milano_server.get(f"/v1/coverage?level=municipality&category={code}")
    declared, italian = document["completeness"][code], words("it")
    assert declared["status"] == LISTS[code]
    listed = completeness_sentence(declared, italian)
    counted = people_sentence(category(code), document["people_bases"], italian)
    assert "2021" in counted or "2024" in counted
    texts = surfaces(milano_server, code)
    for command in ("coverage", "greyzones"):
        said = cli(command, "--category", code, var=milano_server.var).stdout
        texts[command] = re.sub(r"\s+", " ", said)
    assert {name: listed in text for name, text in texts.items()} == dict.fromkeys(texts, True)
    # The page of scenarios has its figures when something is asked.
    told = {name: counted in text for name, text in texts.items() if name != "scenario"}
    assert told == dict.fromkeys(told, True)


@pytest.mark.shared
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_percent_of_sureness_says_of_what_it_is_the_chance(milano_server, language):
    tell = words(language).gettext
    said = [tell(LIKELY_TEXTS[name]).split("%(share)s")[0].strip() for name in ("below", "above")]
    near = tell(LIKELY_TEXTS["near"]).split("%(word)s")[1].split("%(share)s")[0]
    for address in ("rete", "rete/zone"):
        answer = milano_server.client.get(f"/{address}?category=farmacia&lang={language}")
        percents = [
            match.start()
            for end in filter(None, said)
            for match in re.finditer(rf"{re.escape(end)}\D{{0,3}}(\d+)", answer.text)
            if int(match[1]) in (3, 97)
        ]
        # Of a language that writes the percent first only the words before it are looked for.
        assert percents or not all(said)
        assert near in answer.text
        assert all(near in answer.text[max(at - 80, 0) : at + 1] for at in percents)
