"""Settings of one's own (PROSSIMA_CONFIG), laid over the bundled ones."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from ingest.source import source
from mapping.city import city
from mapping.config import overlay_folder, overlay_summary
from mapping.coverage.requirements import requirements
from mapping.disclosure import published_categories
from mapping.edition.edition import Edition, current
from mapping.hours.windows import windows
from mapping.indicators import indicators
from mapping.services.matching import weights
from mapping.taxonomy import bundled_categories, categories
from mapping.walking.profiles import profiles
from tests.overlay import CITY, DESKS, HIDDEN, OUTLINES, OVERLAY, TAXONOMY, build_valdilago, refused

ROOT = Path(__file__).parents[1]


async def answer(address: str) -> str:
    server = httpx.ASGITransport(create_app(Settings()))
    async with httpx.AsyncClient(transport=server, base_url="http://prossima") as client:
        page = await client.get(address)
    assert page.status_code == 200
    return page.text


def test_without_an_overlay_nothing_is_added(monkeypatch):
    monkeypatch.setenv("PROSSIMA_CONFIG", "")
    assert overlay_folder() is None
    assert overlay_summary() is None
    assert "sportello_famiglia" not in categories()


def test_a_new_id_is_added_at_the_end_and_the_same_id_replaces_in_its_place(laid):
    bundled = bundled_categories()
    replaced = '[nido]\nlabel = "Asilo nido"\ngroup = "educazione"\n'
    laid({"taxonomy.toml": replaced + TAXONOMY})
    assert list(categories()) == [*bundled, "sportello_famiglia"]
    assert categories()["nido"].label == "Asilo nido"
    assert categories()["nido"].places_per_100_norm is None


TABLES = {
    "profiles.toml": '[nonna]\nlabel = "Nonna"\nmetres_per_second = 0.9\nsource = "prova"\n',
    "windows.toml": '[sera]\nlabel = "Sera"\ndays = "week"\nfrom = 18:00:00\nto = 21:00:00\n'
    "minutes = 60\ndays_share = 0.2\n",
    "requirements.toml": '[cinese]\nlabel = "Cinese"\ncolumn = "languages"\ncontains = "zh"\n',
    "indicators.toml": '[famiglie]\nlabel = "Famiglie"\ngroup = "Chi"\nunit = "people"\n'
    'table = "areas"\ncolumn = "families"\nmeaning = "Famiglie."\nmethod = "People"\n',
    "matching.toml": "merged_from = 0.95\n[bits.phone]\nshared = 2.0\n",
}


def test_every_table_is_laid_over(laid):
    laid(TABLES)
    assert list(profiles())[-1] == "nonna"
    assert list(windows())[-1] == "sera"
    assert list(requirements())[-1] == "cinese"
    assert list(indicators())[-1] == "famiglie"
    assert (weights().merged_from, weights().prior) == (0.95, 0.5)
    assert weights().bits["phone"] == {"shared": 2.0, "differs": -1.5}


def test_an_overlay_may_be_stricter(laid):
    milano = bundled_city("milano").replace('status = "complete"', 'status = "partial"')
    laid({"taxonomy.toml": HIDDEN, "cities/milano.toml": milano})
    assert "mensa" not in published_categories()
    assert city("milano").completeness_of("farmacia").status == "partial"


def test_the_list_of_sources_says_which_file_each_came_from(laid, run):
    farmacie = (ROOT / "ingest/sources/farmacie_lombardia.toml").read_text(encoding="utf-8")
    laid({"sources/farmacie_lombardia.toml": farmacie.replace("title =", 'title = "NOI"#')})
    code, printed, _ = run("sources", "list", "--city", "cinisello_balsamo", "--json")
    files = {entry["id"]: entry["file"] for entry in json.loads(printed)}
    assert code == 0
    assert files["farmacie_lombardia"] == "sources/farmacie_lombardia.toml"
    assert files["scuole_2026"] == "ingest/sources/scuole_2026.toml"
    lines = run("sources", "list", "--city", "cinisello_balsamo")[1].splitlines()
    assert [line for line in lines if " sources/farmacie_lombardia.toml " in line and "NOI" in line]
    assert sum(" ingest/sources/" in line for line in lines) == len(lines) - 1
    assert source("farmacie_lombardia").title == "NOI"


def test_a_city_of_ones_own_is_built_with_its_sources_and_its_category(laid, run, tmp_path):
    hidden = {"taxonomy.toml": f"{TAXONOMY}\n{HIDDEN}"}
    laid({**OVERLAY, **TABLES, **hidden, "README.md": "Le nostre.\n", ".gitignore": "\n"})
    build_valdilago(run, tmp_path)
    edition = Edition.open(current(tmp_path / "var" / "editions"))
    assert edition.manifest.parameters["config"] == overlay_summary()
    assert edition.services["category"].to_pylist() == ["sportello_famiglia"] * 2
    assert "cities/valdilago.toml, indicators.toml" in run("doctor")[1]
    found = run("nearest", "--lon", "9.2", "--lat", "45.6", "--category", "sportello_famiglia")[1]
    assert "Sportello Lago" in found
    shown = "/rete?category=sportello_famiglia"
    for view in ("profile=nonna&window=sera", "requirement=cinese", "indicator=famiglie"):
        assert "Sportello famiglia" in asyncio.run(answer(f"{shown}&{view}"))


def test_the_doctor_sees_that_an_edition_was_built_with_other_settings(
    pack_var, run, laid, monkeypatch
):
    laid({"taxonomy.toml": TAXONOMY})
    monkeypatch.setenv("PROSSIMA_VAR", str(pack_var))
    code, printed, _ = run("doctor")
    assert code == 2
    assert "was built with another PROSSIMA_CONFIG" in printed


def test_the_summary_changes_with_names_and_contents(laid):
    laid(OVERLAY)
    before = overlay_summary()
    folder = laid({"taxonomy.toml": f"{TAXONOMY}\n"})
    after = overlay_summary()
    assert before["files"] == after["files"] == sorted(OVERLAY)
    assert before["sha256"] != after["sha256"]
    assert str(folder) not in json.dumps(after)


def test_a_folder_that_is_not_there_is_one_line(run, monkeypatch):
    monkeypatch.setenv("PROSSIMA_CONFIG", "/nowhere/at/all")
    refused(run, "PROSSIMA_CONFIG = '/nowhere/at/all' is no folder", "Make it")


def bundled_city(name: str) -> str:
    return (ROOT / f"mapping/cities/{name}.toml").read_text(encoding="utf-8")


PARTIAL = 'status = "partial"\nsource = "Anagrafe 2026 per le statali'
COMPLETE = PARTIAL.replace("partial", "complete").replace("source", "known_total = 9\nsource")
MILANO = bundled_city("milano")
BAD: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "unknown key": (
        {"taxonomy.toml": f'{TAXONOMY}colr = "red"\n'},
        ("taxonomy.toml, 'sportello_famiglia'", "unknown key 'colr'", "Remove it"),
    ),
    "no TOML": ({"windows.toml": "= 1\n"}, ("windows.toml is not TOML", "Mend the file")),
    "no table": ({"windows.toml": "sera = 1\n"}, ("'sera' = 1 is no table", "Write [sera]")),
    "file that nothing reads": (
        {"taxonomi.toml": TAXONOMY},
        ("Nothing reads", "taxonomi.toml", "taxonomy.toml"),
    ),
    "folder that nothing reads": (
        {"city/valdilago.toml": CITY},
        ("Nothing reads", "city", "cities/*.toml"),
    ),
    "file of another kind": ({"sources/a.tml": ""}, ("Nothing reads", "a.tml", "*.toml")),
    "id in capitals": (
        {"taxonomy.toml": TAXONOMY.replace("sportello", "Sportello")},
        ("'Sportello_famiglia': is no id", "small letters", "Mend"),
    ),
    "unused source": (
        {"sources/confini.toml": OUTLINES},
        ("no city uses the source 'confini'", "Name it in `sources`"),
    ),
    "city without sources": (
        {**OVERLAY, "cities/valdilago.toml": CITY.replace('["confini", "sportelli"]', "[]")},
        ("valdilago.toml", "'sources' = []", "Mend"),
    ),
    "city that does not name sources": (
        {"cities/valdilago.toml": CITY.replace("sources =", "[expect] #")},
        ("valdilago.toml", "'sources' is missing", "Add it"),
    ),
    "source that nobody has": (
        {"taxonomy.toml": TAXONOMY, "cities/valdilago.toml": CITY},
        ("valdilago.toml", "there is no source 'confini'", "Add sources/confini.toml"),
    ),
    "id inside of a file": (
        {**OVERLAY, "cities/valdilago.toml": f'id = "milano"\n{CITY}'},
        ("valdilago.toml", "unknown key 'id'", "'valdilago' is the id"),
    ),
    "expected rows of another source": (
        {**OVERLAY, "cities/valdilago.toml": f"{CITY}[expect.scuole]\nmin_rows = 1\n"},
        ("valdilago.toml", "'scuole', which is none of its `sources`"),
    ),
    "fallback that nobody has": (
        {**OVERLAY, "sources/confini.toml": f'fallback = "altri"\n{OUTLINES}'},
        ("confini.toml", "there is no source 'altri'"),
    ),
    "unknown category": (
        {**OVERLAY, "taxonomy.toml": ""},
        ("valdilago.toml", "Unknown category 'sportello_famiglia'", "Use one of"),
    ),
    "unknown time zone": (
        {**OVERLAY, "cities/valdilago.toml": CITY.replace("Europe/Rome", "Europe/Roma")},
        ("valdilago.toml", "Europe/Roma", "no such time zone"),
    ),
    "centre elsewhere": (
        {**OVERLAY, "cities/valdilago.toml": CITY.replace("[9.2, 45.6]", "[45.6, 9.2]")},
        ("valdilago.toml", "outside Italy", "longitude first"),
    ),
    "unknown school calendar": (
        {**OVERLAY, "cities/valdilago.toml": f'school_calendar = "marte"\n{CITY}'},
        ("valdilago.toml", "Unknown school_calendar 'marte'", "lombardia"),
    ),
    "no longer confidential": (
        {"taxonomy.toml": '[antiviolenza]\nlabel = "A"\ngroup = "diritti"\n'},
        ("'antiviolenza' is no longer confidential", "Add `confidential = true`"),
    ),
    "complete without total, source or year": (
        {**OVERLAY, "cities/valdilago.toml": CITY.replace("known_total = 2", "")},
        ("valdilago.toml", "needs known_total, source and year"),
    ),
    "bolder completeness": (
        {"cities/milano.toml": MILANO.replace(PARTIAL, COMPLETE)},
        ("'scuola_primaria' is 'partial' in the bundled Milano", "Write status = 'partial'"),
    ),
    "bolder completeness under another id": (
        {"cities/meneghina.toml": MILANO.replace(PARTIAL, COMPLETE)},
        ("meneghina.toml", "'scuola_primaria' is 'partial' in the bundled Milano"),
    ),
    "bolder completeness over the border": (
        {
            "cities/milano.toml": MILANO.replace(
                'complete = ["farmacia"]', 'complete = ["farmacia", "ospedale"]'
            )
        },
        ("calls 'ospedale' complete over the border", "Take it out"),
    ),
    "fewer known services": (
        {"cities/milano.toml": MILANO.replace("known_total = 190", "known_total = 90")},
        ("known_total of 'doposcuola' is 190", "and 90 here", "a later year"),
    ),
    "rows for matching published": (
        {"sources/scuole_lombarde.toml": DESKS.replace("sportello_famiglia", "nido")},
        ("scuole_lombarde.toml", "were for matching only", 'role = "matching"'),
    ),
    "people shown of sections": (
        {
            "indicators.toml": '[x]\nlabel = "X"\ngroup = "X"\nunit = "people"\ntable = "areas"\n'
            'column = "residents"\nmeaning = "X"\nmethod = "People"\nsections = true\n'
        },
        ("indicators.toml, 'x'", "sections show only class and sureness and minutes"),
    ),
    "column that is no number": (
        {
            "indicators.toml": '[x]\nlabel = "X"\ngroup = "X"\nunit = "people"\ntable = "areas"\n'
            'column = "name"\nmeaning = "X"\nmethod = "People"\n'
        },
        ("indicators.toml, 'x'", "'name' is not in the unit 'people'"),
    ),
    "column that no table has": (
        {"requirements.toml": '[x]\nlabel = "X"\ncolumn = "colour"\nequals = true\n'},
        ("requirements.toml, 'x'", "services have no column 'colour'"),
    ),
    "way of no known kind": (
        {
            "profiles.toml": '[x]\nlabel = "X"\nmetres_per_second = 1\nsource = "X"\n'
            'forbidden = ["stairs"]\n'
        },
        ("profiles.toml, 'x'", "'stairs' is no kind of way"),
    ),
    "hours for any time": (
        {
            "windows.toml": '[any]\nlabel = "X"\ndays = "week"\nfrom = 09:00:00\nto = 10:00:00\n'
            "minutes = 1\ndays_share = 1\n"
        },
        ("'any' asks for hours", "Give another id"),
    ),
    "merging more boldly": (
        {"matching.toml": "merged_from = 0.5\n"},
        ("matching.toml", "merged_from = 0.5 is below 0.85", "never less"),
    ),
    "unknown evidence": (
        {"matching.toml": "[bits.colour]\nsame = 1\n"},
        ("matching.toml", "unknown key 'colour'"),
    ),
}


@pytest.mark.parametrize(("files", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_in_the_folder_is_one_line(laid, run, files, words):
    laid(files)
    refused(run, *words)
