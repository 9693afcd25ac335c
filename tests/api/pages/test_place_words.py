"""Where a place is, and how well that is known, in sentences of a page of each direction."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from markupsafe import Markup

from api.i18n.language import words
from api.pages.rendering import templates

LRI, FSI, PDI, LRM = "\u2066", "\u2068", "\u2069", "\u200e"


def said(source: str, code: str = "it", **context: object) -> str:
    given = {"words": words(code), "labels": {}, "level": "nil", "municipio_word": "municipio"}
    given |= {"near": None, **context}
    text = templates(code).from_string(source).render(**given)
    return " ".join(re.sub(r"<[^>]+>", "", text).replace("\N{NO-BREAK SPACE}", " ").split())


def origin_said(code: str = "it", **known: object) -> str:
    told = {"address": "un posto", "precision": "premises", "error_metres": 0.0, "named": False}
    answer = SimpleNamespace(origin=SimpleNamespace(**told | known))
    source = '{% from "start.html" import start with context %}{{ start() }}'
    return said(source, code, answer=answer)


def position_said(code: str = "it", **known: object) -> str:
    told = {"precision": "civic", "error_metres": 30, "is_numbered": True, "is_rough": False}
    row = SimpleNamespace(**told | known)
    source = '{% from "result.html" import position with context %}{{ position(row) }}'
    return said(source, code, row=row)


@pytest.mark.parametrize("page", ["answer.html", "round.html"])
def test_pages_share_the_words_of_where_one_sets_out(page: str) -> None:
    source, _, _ = templates("it").loader.get_source(templates("it"), page)
    assert re.search(r'from "start.html" import [\w, ]*\bstart\b[\w, ]* with context', source)


def test_a_wide_place_says_how_wide_it_is() -> None:
    told = origin_said(address="Parco Lambro", error_metres=1390.0, named=True)
    assert told == "Da Parco Lambro (dal mezzo, ± 1,4 km)"


def test_a_place_chosen_by_name_has_no_number_that_was_found() -> None:
    told = origin_said(address="Ospedale di prova", precision="civic", named=True)
    assert told == "Da Ospedale di prova (posto trovato per nome)"
    assert origin_said(precision="civic") == "Da un posto (numero civico trovato)"


def test_a_point_of_a_source_is_not_at_a_number_that_the_address_lacks() -> None:
    in_street = position_said(precision="street", is_numbered=False)
    assert in_street == "un punto della via, senza numero civico, ± 30 m"
    assert position_said() == "al numero civico, ± 30 m"


def test_from_right_to_left_the_sign_stays_with_its_number_and_the_unit_with_the_text() -> None:
    arabic = words("ar")
    assert f"{LRI}± 140{PDI}" in arabic.about_metres(140)
    assert f"{LRI}± 1.4{PDI}" in arabic.about_metres(1390)
    assert words("it").about_metres(1390).replace("\N{NO-BREAK SPACE}", " ") == "± 1,4 km"
    assert f"{LRI}± 30{PDI}" in position_said("ar")


def test_lists_have_the_comma_of_the_language() -> None:
    assert said("{{ listed(['a', 'b', 'c']) }}", "ar") == "a، b، c"
    assert said("{{ listed(['a', 'b', 'c']) }}") == "a, b, c"
    assert (said("{{ listed(['a']) }}"), said("{{ listed([]) }}")) == ("a", "")
    source = '{% from "result.html" import tongues_of with context %}{{ tongues_of(["ar", "bn"]) }}'
    assert "، " in said(source, "ar")
    assert ", " not in position_said("ar")


def test_parts_of_a_list_are_escaped_once() -> None:
    source = "{{ listed(parts) }}"
    told = templates("it").from_string(source).render(parts=["<b>", Markup("<i>x</i>")])
    assert told == "&lt;b&gt;, <i>x</i>"


def test_an_address_is_isolated_with_its_commas_on_every_line_of_a_sheet() -> None:
    source = "{{ 'via Prova, 1, Milano' | isolated_in_lines }}"
    assert said(source) == "via Prova, 1, Milano"
    written = said(source, "ar")
    assert (written[0], written[-1]) == (FSI, PDI)
    # Where a line ends or begins, a mark stands beside the comma and the number.
    assert f",{LRM} {LRM}1,{LRM} {LRM}Milano" in written


def test_straight_metres_of_both_ends_are_told_where_they_are_most_of_the_walk() -> None:
    source = '{% import "names.html" as names with context %}{{ names.straight(walk) }}'
    walk = SimpleNamespace(
        straight_metres=None, estimated=False, detour=False, straight_in_all=97.0
    )
    assert said(source, walk=walk).replace("&#39;", "'") == "di cui 100 m in linea d'aria"


def test_a_template_that_changes_on_the_disk_leaves_the_running_release_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("prima")
    monkeypatch.setattr("api.pages.rendering.PAGES", tmp_path)
    running = templates.__wrapped__("it")
    assert running.get_template(page.name).render() == "prima"
    page.write_text("dopo, di un'altra versione")
    assert running.get_template(page.name).render() == "prima"
