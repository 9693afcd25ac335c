"""What stands behind street and number: a door, a quarter of the city, or another comune."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mapping.geocoding.address import PREMISES, STREET_WORDS, kind_of, tokens
from mapping.text import plain, visible

_PROVINCES = tomllib.loads(Path(__file__).with_name("provinces.toml").read_text(encoding="utf-8"))
CODES: list[str] = _PROVINCES["codes"]
"""Of provinces, in small letters."""
CAPITALS = frozenset(_PROVINCES["capitals"])
"""Comuni after which provinces are called."""
TOWNS = frozenset(
    tomllib.loads(Path(__file__).with_name("towns.toml").read_text(encoding="utf-8"))["towns"]
)
"""Other comuni of some size, in small letters, as far as a list of them is in hand."""
_ABROAD: dict[str, list[str]] = _PROVINCES["abroad"]
"""What other languages call a city."""
EXONYMS = {name: city for city, names in _ABROAD.items() for name in names}
"""The city of each such name."""
_ROOM = (
    r"(?:scala|sc|piano|palazz(?:in)?[ao]|edificio|ed|corpo|lotto|blocco|torre|box|ala|isolato|pad"
    r"(?:iglione)?)(?:$|[\s.]+(?:(?!d[ei]\b|d'|le\b|la\b)\w{1,2}\b|terra|rialzato|primo|secondo"
    r"|terzo|ultimo"
    r"|ross[ao]|verde|blu|giall[ao]|bianc[ao]|ner[ao]|azzurr[ao]|grigi[ao]|arancio(?:ne)?|nord|sud"
    r"|est|ovest|destr[ao]|sinistr[ao]|centrale|unic[ao]|intern[ao]|estern[ao])(?![a-z]))"
)
_WAY = (
    r"(?:ang(?:olo)?|sede|int(?:erno)?|pianterreno|presso|c/o|snc|citofono|campanello|cancello|app"
    r"(?:artamento)?|cortile|ingresso|entrata|passo carraio|ufficio|stanza|negozio|rialzato|tel|mm|"
    r"seminterrato|p\.?\s?t|p\.?\s?terra|(?:primo|secondo|terzo|quarto|quinto|sesto|ultimo) piano|"
    r"ammezzato|davanti|vicino|fronte|di fronte|dietro|km|e|ex|fermata|metro|bus|tram|"
    rf"{PREMISES})(?![a-z])"
)
_WITHIN = re.compile(f"{_ROOM}|{_WAY}")
"""What begins so is a part of the building, or of the way to it."""
_BESIDE = re.compile(r"(?:presso|vicino|davanti|di fronte)(?:\s+ad?)?\s+(.+)")
"""Before somebody's name, or a comune's."""
_NATION = {"it", "ita", "italia", "italy", "lombardia", "piemonte"}
_QUARTER = re.compile(
    r"(?:comune di|citta di|centro)$|(?:quartiere|q\.?re|rione|zona|municipio|mun|circoscrizione)\b"
)
HAMLET = {"loc", "localita", "fraz", "frazione"}
"""Words before the name of a place that may be of any comune."""
_CALLED_AFTER = re.compile(r"(?:\d|due|tre|ii|iii)(?:\s+city)?")
"""Behind the name of a city: towns around it are called so, with a number."""
_ABBREVIATED = {"pta": "porta", "p": "porta", "qre": "quartiere", "s": "san"}


@dataclass(frozen=True)
class Localities:
    """The names by which the rest of an address may call a city and its parts.

    `province` is its code, such as ``MI``; `districts` are names of quarters.
    """

    city: str
    province: str | None = None
    districts: tuple[str, ...] = ()

    def elsewhere(self, locality: str | None) -> bool:
        """Whether what stands behind an address names another comune, as far as is known."""
        parts = re.split(r"[,;()\[\]\u2013]|\s-\s|\s/\s", plain(locality or ""))
        return any(self._elsewhere(part.strip(" .-/")) for part in parts)

    def _elsewhere(self, part: str) -> bool:
        written = part
        part = self._own_name.sub(" ", part).strip(" .-/'")
        if part != written and _CALLED_AFTER.fullmatch(part):
            return True
        return self._is_other(part)

    def _is_other(self, part: str) -> bool:
        """Whether a text, without the city's name, names another comune."""
        words = re.findall(r"[a-z']+", part)
        if len("".join(words)) <= 1 or part in _NATION or _QUARTER.match(part):
            return False
        last, own = words[-1], (self.province or "").lower()
        if words[0] in HAMLET and len(words) > 1:
            return self._is_other(part[len(words[0]) :].strip(" ,."))
        if len(words) > 1 and (last in _NATION or last == own):
            return self._elsewhere(part[: -len(last)].strip(" ,(-"))
        if len(words) == 1 and (last in CODES or last in _NATION):
            return last in CODES and last != own
        beside = _BESIDE.fullmatch(part)
        is_beside = beside is not None and beside[1] in CAPITALS | TOWNS
        inside = not is_beside and _WITHIN.match(re.sub(r"^[\d°º^ªo/.\s-]+", "", part))
        return not (inside or kind_of(words[0]) or self._is_district(part))

    def names_no_more(self, text: str) -> bool:
        """Whether a text names the city, its province or its country, and nothing else."""
        words = set(re.findall(r"\w+", self._own_name.sub(" ", plain(text))))
        return words <= {*_NATION, (self.province or "").lower()}

    def behind_name(self, text: str) -> str:
        """Leave out the city in front of an address: ``City, via Padova 61``."""
        text = visible(text)
        match = self._in_front.match(text)
        return f"{match[1] or ''} {text[match.end() :]}" if match else text

    def after_city(self, text: str) -> str:
        """Leave out the city in front of a name; ``City 2`` is another town."""
        match = self._begun.match(visible(text))
        rest = visible(text)[match.end() :] if match else ""
        return text if not rest or _CALLED_AFTER.fullmatch(plain(rest)) else rest

    def before_city(self, text: str) -> str:
        """Leave out the city, its province, a postcode or the country behind a name."""
        return self._behind.sub("", visible(text))

    @cached_property
    def _behind(self) -> re.Pattern[str]:
        province = rf"|{self.province}" if self.province else ""
        each = rf"(?:{self._own_name.pattern}|\d{{5}}\b|\b(?:italia|italy{province})\b)"
        return re.compile(rf"(?:[\s,(-]+(?:(?:di|a|in|of)\s+)?{each}\)?)+\s*$", re.IGNORECASE)

    @cached_property
    def _begun(self) -> re.Pattern[str]:
        return re.compile(rf"\s*{self._own_name.pattern}[\s,:-]+(?=\w)", re.IGNORECASE)

    @cached_property
    def _own_name(self) -> re.Pattern[str]:
        city = plain(self.city)
        names = "|".join(map(re.escape, (city, *_ABROAD.get(city, ()))))
        return re.compile(rf"\b(?:{names})\b", re.IGNORECASE)

    @cached_property
    def _in_front(self) -> re.Pattern[str]:
        province = rf"(?:\s*\(?{self.province}\)?)?" if self.province else ""
        return re.compile(
            rf"\s*(\d{{5}}\b)?[\s,]*{self._own_name.pattern}{province}"
            rf"(?:\s*[,:-]|(?=\s+(?:{STREET_WORDS})\s))",
            re.IGNORECASE,
        )

    def _is_district(self, part: str) -> bool:
        """Whether a text is the name of a quarter, or its beginning where no town is called so.

        Its end is none: ``Genova`` is not Porta Genova.
        """
        written = _words(part)
        is_town = part in CAPITALS
        return any(
            written == name[: len(written)] and (len(written) == len(name) or not is_town)
            for name in self._names
            if written
        )

    @cached_property
    def _names(self) -> list[tuple[str, ...]]:
        return [_words(name) for name in self.districts]


def province_of(istat: str) -> str:
    """Give the code of the province of a comune by its ISTAT code: ``048017`` is of ``FI``."""
    number = int(istat[:3])
    return CODES[number - 1].upper() if 0 < number <= len(CODES) else ""


def districts_of(names: Iterable[object], comuni: Iterable[object]) -> tuple[str, ...]:
    """Take names of quarters apart, as ``PADOVA - TURRO - CRESCENZAGO``.

    A name that a comune has as well, one of `comuni` or the capital of a province, is none.
    """
    others = {plain(name) for name in comuni if isinstance(name, str)} | CAPITALS
    parts = {
        part.strip() for name in names if isinstance(name, str) for part in re.split(r"\s-\s", name)
    }
    return tuple(sorted(part for part in parts if part and plain(part) not in others))


def _words(name: str) -> tuple[str, ...]:
    return tuple(
        _ABBREVIATED.get(word, word)
        for word in tokens(re.sub(r"\b(p|q)\.(ta|re)\b", r"\1\2", plain(name)))
        if word not in ("quartiere", "qre")
    )
