"""Check the overlay folder of settings as a whole, before anything is computed with it."""

from collections.abc import Callable
from pathlib import Path

from api.i18n.language import LANGUAGES, words
from ingest.sheets.spreadsheet import FAMILY
from ingest.source import source, source_files
from mapping.city import City, city, city_files
from mapping.confidential_words import confidential_words, suspicions
from mapping.config import in_overlay, overlay_files
from mapping.config_values import SHORT_NUMBER
from mapping.coverage.requirements import requirements
from mapping.crs import require_italy
from mapping.disclosure import confidential_categories
from mapping.errors import BadInputError, ProssimaError
from mapping.hours.city_calendar import calendar_of, school_calendar, school_calendar_files
from mapping.hours.windows import windows
from mapping.indicators import indicators
from mapping.services.matching import weights
from mapping.taxonomy import categories, refuse_same_labels
from mapping.walking.profiles import profiles

_TABLES: tuple[Callable[[], object], ...] = (
    categories, confidential_words, profiles, windows, requirements, indicators, weights,
)  # fmt: skip
_LABELS = ("label", "group", "meaning")


def check_overlay() -> None:
    """Read every file of the overlay, and compare its cities with its sources.

    Raises BadInputError, or SourceError for a source, at the first file that is wrong.
    """
    overlay_files()
    for read in _TABLES:
        _check_labels(read())
    for language in LANGUAGES:
        gettext = words(language).gettext
        refuse_same_labels((gettext(entry.label), entry.code) for entry in categories().values())
    for region in _own(school_calendar_files()):
        school_calendar(region)
    for name in _own(city_files()):
        _check_city(city(name))
    _check_help_lines()
    _check_sources()


def _check_labels(table: object) -> None:
    """Refuse what people read of a public thing where it speaks of a confidential place."""
    entries = table if isinstance(table, dict) else {}
    for code, entry in entries.items():
        texts = [getattr(entry, name, None) for name in _LABELS]
        if code not in confidential_categories() and suspicions(texts, [code]):
            raise BadInputError(
                f"'{code}' has the label '{entry.label}', which speaks of a confidential place."
                " Add `confidential = true` if it is a category of such, or give it another label."
            )


def _check_help_lines() -> None:
    listed = [city(name).help_lines for name in city_files()]
    for code, entry in categories().items():
        number = entry.help_line
        numbers = {phone for lines in listed for phone in lines.get(code, ())}
        if number and not SHORT_NUMBER.fullmatch(number) and number not in numbers:
            raise BadInputError(
                f"taxonomy.toml: help_line = '{number}' of '{code}' is no short public number. Give"
                " one such as 1522, or list the number under [help_lines] of a city."
            )


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
    places = [city(name) for name in city_files()]
    lists = (name for place in places for name in (*place.sources, *place.beyond.sources))
    used = {FAMILY, *lists}
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
