"""People of a legend: those of areas that publish none are missing, and never nobody."""

from dataclasses import replace
from html import unescape
from pathlib import Path

from api.i18n.language import words
from api.planner.labels import Teller
from api.planner.screen import screen
from api.planner.view import View
from mapping.coverage.list_words import SHARE_TEXTS
from tests.api.conftest import serving
from tests.mapping.greyzones.test_whom_to_call import OLDER
from tests.mapping.greyzones.test_zone_table import pharmacy, town

TELLER = Teller(words("it"))


def test_of_whom_nobody_declared_who_they_are_a_legend_counts_nobody(
    pack: Path, tmp_path: Path, cli
) -> None:
    advice = pharmacy(0, "w", OLDER).model_copy(update={"categories": ("wemi",)})
    edition = town(tmp_path / "editions", advice)
    (entry,) = TELLER.legend(screen(edition, View("wemi", level="municipio")))
    assert (entry.areas, entry.people, entry.dwellers) == (1, None, None)
    with serving(tmp_path, pack, tmp_path / "server.log") as server:
        html = unescape(server.client.get("/rete?lang=it&category=wemi&level=municipio").text)
        folium = server.client.get("/maps/coverage.html?category=wemi&level=municipio").text
    assert html.count('<span class="soft">non pubblicato</span>') == 2
    assert "di questa classe, in tutta la città" in html
    assert "Le persone sono arrotondate" not in html
    # The minutes and shares beside them are of somebody, and all places say of whom.
    assert SHARE_TEXTS["of_residents"] in html
    assert SHARE_TEXTS["of_residents"] in folium
    printed = cli("coverage", "--category", "wemi", "--level", "municipio", var=tmp_path).stdout
    assert SHARE_TEXTS["of_residents"] in printed


def test_areas_that_publish_no_people_are_counted_as_missing(tmp_path: Path) -> None:
    shown = screen(town(tmp_path, pharmacy(0, "a")), View("farmacia", level="municipio"))
    (line,) = shown.lines
    silent = replace(line, demand=None)
    for indicator in ("class", "seconds"):
        partly = replace(shown, lines=[line, silent], view=replace(shown.view, indicator=indicator))
        (entry,) = (one for one in TELLER.legend(partly) if one.areas)
        counted = entry.people if indicator == "seconds" else entry.dwellers
        assert (entry.areas, counted, entry.unpublished) == (2, line.demand, 1)
