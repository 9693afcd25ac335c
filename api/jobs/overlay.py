"""Check the overlay folder of settings as a whole, before anything is computed with it."""

from collections.abc import Callable
from pathlib import Path

from api.i18n.language import LANGUAGES, words
from ingest.sheets.spreadsheet import FAMILY
from ingest.source import source, source_files
from mapping.city import City, city, city_files
from mapping.config import in_overlay, overlay_files
from mapping.coverage.requirements import requirements
from mapping.crs import require_italy
from mapping.errors import BadInputError, ProssimaError
from mapping.hours.city_calendar import calendar_of, school_calendar, school_calendar_files
from mapping.hours.windows import windows
from mapping.indicators import indicators
from mapping.services.matching import weights
from mapping.taxonomy import categories, refuse_same_labels
from mapping.walking.profiles import profiles

_TABLES: tuple[Callable[[], object], ...] = (
    categories, profiles, windows, requirements, indicators, weights,
)  # fmt: skip


def check_overlay() -> None:
    """Read every file of the overlay, and compare its cities with its sources.

    Raises BadInputError, or SourceError for a source, at the first file that is wrong.
    """
    overlay_files()
    for read in _TABLES:
        read()
    for language in LANGUAGES:
        gettext = words(language).gettext
        refuse_same_labels((gettext(entry.label), entry.code) for entry in categories().values())
    for region in _own(school_calendar_files()):
        school_calendar(region)
    for name in _own(city_files()):
        _check_city(city(name))
    _check_sources()


def _own(files: dict[str, Path]) -> list[str]:
    return [name for name, path in files.items() if in_overlay(path)]


def _check_city(entry: City) -> None:
    file = f"cities/{entry.id}.toml"
    known = source_files()
    lacking = [name for name in entry.sources if name not in known]
    if lacking:
        raise BadInputError(
            f"{file}: there is no source '{lacking[0]}'. Add sources/{lacking[0]}.toml, or take"
            " it out of `sources`."
        )
    named = {*entry.expect, *(name for register in entry.labelled for name in register.columns)}
    others = named - {*entry.sources, *(source(name).fallback for name in entry.sources)}
    if others:
        raise BadInputError(
            f"{file}: 'expect' and 'labelled' speak of '{min(others)}', which is none of its"
            " `sources`. Add it there, or mend the name."
        )
    try:
        require_italy(*entry.centre)
        calendar_of(entry)
    except ProssimaError as error:
        raise BadInputError(f"{file}: {error}") from None


def _check_sources() -> None:
    used = {FAMILY, *(name for place in city_files() for name in city(place).sources)}
    fallbacks = {source(name).fallback for name in used & set(source_files())}
    for name in _own(source_files()):
        fallback = source(name).fallback
        if fallback is not None and fallback not in source_files():
            raise BadInputError(
                f"sources/{name}.toml: there is no source '{fallback}'. Add"
                f" sources/{fallback}.toml, or take it out."
            )
        if name not in used | fallbacks:
            raise BadInputError(
                f"sources/{name}.toml: no city uses the source '{name}'. Name it in `sources` of"
                " a city, or remove the file."
            )
