"""People by the word of their own section: summed by hand, and never those of one section."""

from collections import Counter
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from api.i18n.language import words
from api.planner.labels import Teller
from api.planner.screen import screen
from api.planner.view import View
from mapping.coverage.study_area import Level
from mapping.coverage.word_shares import word_shares
from mapping.edition.edition import Edition
from mapping.edition.queries import coverage_rows, people_of_word
from mapping.tables import SURENESS, word_share
from tests.api.conftest import serving
from tests.mapping.greyzones.test_zone_table import STALE, pharmacy, town

NAN = float("nan")


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Edition:
    var = tmp_path_factory.mktemp("own_words")
    return town(var / "editions", pharmacy(0, "a"), pharmacy(2800, "b", STALE))


def by_section(edition: Edition) -> dict[str, int]:
    """A hundred people live in each section."""
    sections = coverage_rows(edition, "farmacia", "section")
    return {word: 100 * n for word, n in Counter(row["sureness"] for row in sections).items()}


def test_people_are_counted_by_the_word_of_their_own_section(edition: Edition) -> None:
    expected = by_section(edition)
    assert len(expected) > 1
    (city,) = coverage_rows(edition, "farmacia", "municipality")
    assert {name: people_of_word(city, name) for name in SURENESS} == {
        name: expected.get(name, 0) for name in SURENESS
    }


def test_the_legend_of_words_sums_to_the_city_and_says_how_it_counts(
    edition: Edition, pack: Path, tmp_path: Path
) -> None:
    level = "municipio"
    shown = screen(edition, View("farmacia", level=level, indicator="sureness"))
    legend = Teller(words("it")).legend(shown)
    expected = by_section(edition)
    assert {SURENESS[entry.step]: entry.people for entry in legend} == {
        name: expected.get(name, 0) for name in SURENESS if expected.get(name)
    } | ({lines.sureness: expected.get(lines.sureness, 0) for lines in shown.lines})
    assert sum(entry.people or 0 for entry in legend) == shown.city["demand"]
    # Beside them, who lives in the areas of that colour: other people, and all of them again.
    assert sum(entry.dwellers or 0 for entry in legend) == sum(x.demand or 0 for x in shown.lines)
    with serving(edition.path.parents[1], pack, tmp_path / "server.log") as server:
        asked = f"lang=it&category=farmacia&level={level}&indicator=sureness"
        html = unescape(server.client.get(f"/rete?{asked}").text)
    assert '<th scope="col">Parola</th>' in html
    assert "la seconda chi ha quella parola nella sua sezione, in tutta la città" in html


def cells(name: str, count: int) -> Level:
    ids = np.arange(count).astype(str).astype(object)
    return Level(name, ids, np.arange(count), np.full(count, 10.0), *np.zeros((2, count), bool))


@pytest.mark.parametrize(
    ("said", "people", "shares"),
    [
        ([0, 0, 4, 4], [10, 10, 30, 50], [0.2, 0, 0, 0, 0.8]),
        # One section alone: with it the word of fewest people is left out.
        ([0, 4, 4, 2, 2], [10, 30, 30, 10, 20], [NAN, 0, NAN, 0, 0.6]),
        ([0, 4, 2, 2], [10, 30, 10, 50], [NAN, 0, 0.6, 0, NAN]),
        ([0, 0, 4], [10, 10, 0], [1, 0, 0, 0, 0]),
        ([2], [10], [0, 0, 1, 0, 0]),
        ([2], [0], [NAN] * 5),
    ],
)
def test_a_word_of_one_section_has_no_people(said, people, shares) -> None:
    found = word_shares(np.array(said), cells("section", len(said)), np.array(people, float))
    assert [found[word_share(name)][0] for name in SURENESS] == pytest.approx(shares, nan_ok=True)


def test_areas_of_which_people_are_published_keep_every_word() -> None:
    found = word_shares(np.array([0, 4, 4]), cells("nil", 3), np.array([50.0, 25, 25]))
    assert [found[word_share(name)][0] for name in SURENESS] == [0.5, 0, 0, 0, 0.5]
