"""Languages of the pages: their catalogues, and how each writes numbers, dates and units."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from math import floor
from pathlib import Path
from typing import Any

from babel import Locale, dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit
from starlette.requests import Request

from mapping.errors import BadInputError
from mapping.taxonomy import categories
from mapping.walk_words import WALK_TEXTS, Basis, whole_minutes

CATALOGUES = Path(__file__).with_name("locale")
SOURCE = "it"
"""The pages are written in Italian: it needs no catalogue."""
LANGUAGES: Mapping[str, str] = {
    "it": "Italiano",
    "en": "English",
    "ar": "العربية",
    "es": "Español",
    "bn": "বাংলা",
    "fr": "Français",
    "zh": "中文",
    "uk": "Українська",
}
"""Code to own name, in the order in which they are offered."""
WEIGHT = re.compile(r"(0(?:\.\d*)?|1(?:\.0*)?)")
"""How much a language is wanted, as RFC 9110 (12.4.2) writes it; 0 is not at all."""
REVIEWED_BY = re.compile(r'^"X-Reviewed-By: *(.*?) *\\n"$', re.MULTILINE)
"""Header of a catalogue: the speaker who has read it. Empty while nobody has."""
METRES_PER_KILOMETRE = 1000
FIGURE = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Words:
    """One language: its translations, and how it writes numbers and dates.

    Attributes
    ----------
    code : str
        One of `LANGUAGES`.
    translations : NullTranslations
        Of the Italian texts; none for Italian.
    reviewed_by : str
        The speaker who has read the catalogue; empty while nobody has.
    """

    code: str
    translations: NullTranslations
    reviewed_by: str

    @cached_property
    def locale(self) -> Locale:
        """The locale whose numbers and dates are meant."""
        return Locale.parse(self.code)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction

    @property
    def automatic(self) -> bool:
        """Whether no speaker has reviewed the translation."""
        return self.code != SOURCE and not self.reviewed_by

    def gettext(self, text: str) -> str:
        """Translate an Italian text; it stays Italian where the catalogue does not hold it."""
        return self.translations.gettext(text)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Translate an Italian text that counts, in the plural form that the number takes."""
        return self.translations.ngettext(singular, plural, number)

    def fill(self, text: str, **parts: float | str) -> str:
        """Fill the named places of a text; numbers are written as the language writes them."""
        return text % self.written(parts)

    def written(self, parts: Mapping[str, Any]) -> dict[str, Any]:
        """Write the numbers among the parts of a sentence, and leave its texts."""
        return {
            name: self.number(part) if isinstance(part, int | float) else part
            for name, part in parts.items()
        }

    def exact_minutes(self, minutes: float) -> str:
        """Write minutes as they are, with their unit."""
        return self._unit(minutes, "duration-minute")

    def walked(self, minutes: float, *, estimated: bool) -> str:
        """Write the minutes of a walk: as they are, or whole ones of an estimate."""
        text = self.minutes(60 * minutes) if estimated else self.exact_minutes(minutes)
        return self.about(text, estimated=estimated)

    def walked_number(self, minutes: float, *, estimated: bool) -> str:
        """Write the same under a heading that names the unit."""
        number = whole_minutes(60 * minutes) if estimated else minutes
        return self.about(self.number(number), estimated=estimated)

    def about(self, minutes: str, *, estimated: bool) -> str:
        """Mark written minutes that rest on a straight line."""
        text = WALK_TEXTS["estimated"]
        return self.gettext(text) % {"minutes": minutes} if estimated else minutes

    def share_on(self, basis: Basis, share: str) -> str:
        """Mark a written share that rests on straight lines, with what it is along streets."""
        if basis.streets is None:
            return self.about(share, estimated=basis.estimated)
        parts = {"share": share, "streets": self.percent(basis.streets)}
        text = WALK_TEXTS["share"]
        return self.gettext(text) % parts

    def minutes(self, seconds: float) -> str:
        """Write seconds as whole minutes with their unit, one at the least."""
        return self._unit(whole_minutes(seconds), "duration-minute")

    def metres(self, metres: float) -> str:
        """Write metres in tens, from a kilometre on as kilometres with one decimal."""
        if metres < METRES_PER_KILOMETRE:
            return self._unit(round(metres, -1), "length-meter")
        return self._unit(round(metres / METRES_PER_KILOMETRE, 1), "length-kilometer")

    def about_metres(self, metres: float) -> str:
        """Write by how much a place may be off; right to left, sign and number are kept together.

        The marks are LRI and PDI of Unicode's bidirectional algorithm (UAX #9).
        """
        text = self.metres(metres)
        if self.direction == "ltr":
            return f"± {text}"
        return FIGURE.sub("\N{LEFT-TO-RIGHT ISOLATE}± \\g<0>\N{POP DIRECTIONAL ISOLATE}", text, 1)

    def number(self, number: float) -> str:
        """Write a number with the separators of the language."""
        return str(self.locale.decimal_formats[None].apply(number, self.locale))

    def tenths(self, number: float, *, at_least: bool = False) -> str:
        """Write a number with exactly one decimal, rounded down if it is at the least."""
        tenths = floor(10 * number + 1e-9) / 10 if at_least else round(number, 1)
        return str(format_decimal(tenths, "#,##0.0", locale=self.locale))

    def percent(self, share: float) -> str:
        """Write a share of 0 to 1 as a whole percentage."""
        return str(self.locale.percent_formats[None].apply(share, self.locale))

    def day(self, text: str) -> str:
        """Write an ISO day, month or year, as precise as it was given."""
        year, *rest = [int(part) for part in text.split("-")]
        month, day = [*rest, 1, 1][:2]
        skeleton = ("y", "yMMMM", "yMMMd")[len(rest)]
        return dates.format_skeleton(skeleton, date(year, month, day), locale=self.locale)

    def weekday(self, number: int) -> str:
        """Name a day of the week, 0 is Monday."""
        return str(self.locale.days["stand-alone"]["wide"][number])

    def weekday_run(self, first: int, last: int) -> str:
        """Name the days of a week from one to another in short, 0 is Monday."""
        names = self.locale.days["stand-alone"]["abbreviated"]
        return str(names[first] if first == last else f"{names[first]}\N{EN DASH}{names[last]}")

    def language(self, code: str) -> str:
        """Name a language by its ISO 639-1 code; the code itself where there is no name."""
        return str(self.locale.languages.get(code, code))

    def _unit(self, amount: float, unit: str) -> str:
        return format_unit(amount, unit, "short", locale=self.locale)


@cache
def words(code: str) -> Words:
    """Read the catalogue of a language.

    Parameters
    ----------
    code : str
        One of `LANGUAGES`.

    Returns
    -------
    Words
        What is not translated stays Italian.
    """
    if code == SOURCE:
        return Words(code, NullTranslations(), "")
    return read_words(CATALOGUES / f"{code}.po")


def translated_labels() -> dict[str, list[str]]:
    """Give the labels of the categories in all languages but Italian.

    Returns
    -------
    dict of str to list of str
        Labels by the code of their category; what is not translated stays Italian.
    """
    others = [words(code) for code in LANGUAGES if code != SOURCE]
    return {
        code: [other.gettext(entry.label) for other in others]
        for code, entry in categories().items()
    }


def words_named(code: str) -> Words:
    """Read the catalogue of a language that somebody named; raises BadInputError for any other."""
    if code not in LANGUAGES:
        raise BadInputError(f"Unknown language '{code}'. Use one of: {', '.join(LANGUAGES)}.")
    return words(code)


def read_words(path: Path) -> Words:
    """Read a catalogue, a `.po` file named after its language, with the name of its reviewer."""
    written = path.read_text(encoding="utf-8")
    catalogue = read_po(io.StringIO(written), locale=path.stem)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    reviewer = REVIEWED_BY.search(written)  # Babel drops the headers that it does not know
    return Words(path.stem, Translations(compiled), reviewer[1] if reviewer else "")


def words_for(request: Request) -> Words:
    """Choose the language of a page: that of its address, else the browser's, else Italian.

    Parameters
    ----------
    request : Request
        `lang` in its query names the language; any other value is as good as none.

    Returns
    -------
    Words
        One of `LANGUAGES`.
    """
    code = request.query_params.get("lang")
    if code in LANGUAGES:
        return words(code)
    return words(_wanted(_weights(",".join(request.headers.getlist("accept-language")))))


def _weights(accepted: str) -> dict[str, float]:
    """Read the languages of an Accept-Language header, best first; a malformed one is left out."""
    weights: dict[str, float] = {}
    for part in re.sub(r"\s", "", accepted.lower()).split(","):
        tag, *parameters = part.split(";")
        weight_texts = [text.removeprefix("q=") for text in parameters if text.startswith("q=")]
        weight = WEIGHT.fullmatch(weight_texts[0] if weight_texts else "1")
        if tag and weight:
            weights.setdefault(tag, float(weight[1]))
    return dict(sorted(weights.items(), key=lambda entry: -entry[1]))


def _wanted(weights: Mapping[str, float]) -> str:
    """Choose the best language that is offered and not refused; `*` is any that is not named."""
    refused = {tag for tag, weight in weights.items() if weight == 0}
    unnamed = [code for code in LANGUAGES if code not in weights]
    for tag in weights:
        code = tag.partition("-")[0] if tag != "*" else next(iter(unnamed), "")
        if code in LANGUAGES and refused.isdisjoint({tag, code}):
            return code
    return SOURCE
