"""What the documentation says of the overlay folder: every key, and examples that are taken."""

import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.jobs.overlay import check_overlay
from ingest.live import Live
from ingest.source import Source, source
from mapping.city import City, city
from mapping.config import Config
from mapping.coverage.requirements import Requirement
from mapping.hours.city_calendar import SchoolCalendar
from mapping.hours.windows import Window
from mapping.indicators import Indicator
from mapping.services.matching import Weights
from mapping.taxonomy import Category
from mapping.walking.profiles import Profile
from tests.overlay import CITY, HEAD, OUTLINES

DOCS = Path(__file__).parents[1] / "docs"
NAMED_BY_PLACE = {"id", "code"}
"""The name of the file, or of the entry."""


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL)


def models(kind: object) -> Iterator[type[Config]]:
    """Find the configuration models in an annotation, and in the fields of those."""
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias):
        if issubclass(kind, Config):
            yield kind
            for field in kind.model_fields.values():
                yield from models(field.annotation)
        return
    for part in typing.get_args(kind):
        yield from models(part)


def keys(kind: object) -> set[str]:
    return {
        field.alias or name
        for model in models(kind)
        for name, field in model.model_fields.items()
        if name not in NAMED_BY_PLACE
    }


TABLES = Category | Profile | Window | Requirement | Indicator | Weights | SchoolCalendar


@pytest.mark.parametrize(
    ("page", "kind"),
    [("nuova-fonte.md", Source | Live), ("nuova-citta.md", City), ("settings.md", TABLES)],
)
def test_every_key_is_documented(page, kind):
    found = keys(kind)
    assert len(found) > 15
    told = set(
        re.findall(r"\w+", " ".join(re.findall(r"`[^`\n]+`|^\w+ =", text(page), re.MULTILINE)))
    )
    assert found - told == set()


def test_the_tables_of_the_examples_are_taken(laid):
    written = {block.splitlines()[0].removeprefix("# "): block for block in blocks("settings.md")}
    laid(written)
    check_overlay()
    assert len(written) == 7


def test_the_examples_of_a_city_are_taken(laid):
    (example,) = blocks("nuova-citta.md")
    laid({"cities/cinisello_balsamo.toml": example})
    check_overlay()
    assert city("cinisello_balsamo").cap_prefix == "20"


def test_the_examples_of_a_source_are_taken(laid):
    whole, drawn = blocks("nuova-fonte.md")
    names = '["confini", "impianti", "mappa"]'
    place = CITY.replace('["confini", "sportelli"]', names).partition("[completeness")[0]
    map_head = f'{HEAD}yields = "services"\nmirror = "mappa.kml"\n'
    laid(
        {
            "cities/valdilago.toml": place,
            "sources/confini.toml": OUTLINES,
            "sources/impianti.toml": whole,
            "sources/mappa.toml": map_head + drawn,
        }
    )
    check_overlay()
    assert source("mappa").review
    assert source("impianti").value({"LOCALITA": "136, 20134"}, "civic") == "136"
