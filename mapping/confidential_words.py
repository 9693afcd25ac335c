"""Words by which a record speaks of a place that must stay secret, whatever its category."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from html import unescape
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from pydantic import Field, field_validator

from mapping.config import Config, cached_for_overlay, read_table
from mapping.config_values import shortened
from mapping.text import plain

FILE = Path(__file__).with_suffix(".toml")
FEWEST_LETTERS = 3
"""Of the longest word of a phrase."""
_SMALL = {
    "a", "al", "alla", "alle", "ai", "da", "dal", "dalla", "dalle", "dei", "del", "della",
    "delle", "degli", "di", "e", "gli", "i", "il", "in", "la", "le", "lo", "l", "per",
    "sul", "sulla", "sulle", "d",
}  # fmt: skip
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}|(?<!\S)[a-z](?: [a-z])+(?!\S)")
_LETTERS = "a-z0-9\u0400-\u04ff\u0621-\u064a"
"""Of words: Latin, Cyrillic and Arabic ones."""
_LETTER_ALONE = re.compile(r"[. ][a-z][.\s]")
"""Where there is none, there are no initials."""
_WRITTEN = re.compile(rf"[{_LETTERS}]+|[{_LETTERS}]{{2,}}\*|\*[{_LETTERS}]{{6,}}\*?")
_SIGNS = "*/+"
"""In a phrase: the rest of a word, either word, and up to `_GAP` words that may stand between."""
_GAP = 3
_START = 3
"""So many letters of a word are looked up first."""
_NOTHING = re.compile(r"(?!)")
Phrase = list[set[str]]
"""The pieces of words that may stand at each of its places."""
_BETWEEN = "|"
"""Between two texts: no phrase runs from one into the next."""
_SHORT = 64
"""Characters of a text that many rows may have."""
_MARKED, _TAG = re.compile(r"[<&%]"), re.compile(r"<[^<>]*>")
_LOOK_ALIKE = str.maketrans("авекмнорстухіјѕıοαερ", "abekmhopctyxijsioaep")


class ConfidentialWords(Config):
    """One kind of confidential place, with the words that speak of it."""

    id: str
    words: tuple[str, ...] = Field(min_length=1)
    exceptions: tuple[str, ...] = ()
    """Phrases that hold such words and tell another thing."""
    around: tuple[str, ...] = ()
    """Phrases that tell another thing where they stand around rows, in no cell of theirs."""
    public_categories: tuple[str, ...] = ()
    """Categories of which the words are the name of something public."""

    @field_validator("words", "exceptions", "around")
    @classmethod
    def _phrases(cls, phrases: tuple[str, ...]) -> tuple[str, ...]:
        for phrase in phrases:
            words = re.sub(r"/| \+ ", " ", tidied_words(phrase, _SIGNS)).split()
            is_long = any(len(word.strip("*")) >= FEWEST_LETTERS for word in words)
            if not is_long or not all(map(_WRITTEN.fullmatch, words)):
                raise ValueError(
                    f"'{shortened(phrase)}' fits too much: write a word of {FEWEST_LETTERS} letters"
                    " or more, * only at the end of one of two or more or before one of six, and"
                    " + only between two words"
                )
        return phrases


class KindPatterns(NamedTuple):
    """How the words of a kind are found, and what is taken out before: in a cell, and around."""

    words: re.Pattern[str]
    exceptions: re.Pattern[str]
    around: re.Pattern[str]

    def without_excused(self, words: str, *, around: bool) -> str:
        """Take out of some words the phrases that hold such words and tell another thing."""
        return (self.around if around else self.exceptions).sub(" ", words)


@cached_for_overlay
def confidential_words() -> dict[str, ConfidentialWords]:
    """Read every kind, by id; an overlay adds kinds, and words to those that are bundled."""
    return read_table(FILE, ConfidentialWords, weakened=_weakened)


def suspicions(
    texts: Iterable[str | None], categories: Iterable[str] = (), *, around: bool = False
) -> tuple[str, ...]:
    """List the kinds of confidential place that a record of some categories speaks of, sorted.

    What stands `around` rows may name a helpline, or say what a list has not.
    """
    joined = _joined(texts)
    if not _may_speak(joined):
        return ()
    known, of = confidential_words(), set(categories)
    return tuple(
        kind
        for kind, patterns in sorted(_patterns().items())
        if of.isdisjoint(known[kind].public_categories)
        and patterns.words.search(patterns.without_excused(joined, around=around))
    )


def may_speak(texts: Iterable[str | None]) -> bool:
    """Whether some texts, or a phrase that runs over them, may speak of such a place."""
    return _may_speak(_joined(texts))


def _joined(texts: Iterable[str | None]) -> str:
    readings = chain.from_iterable(_readings(text) for text in texts if text)
    return f" {_BETWEEN} ".join([_tidied(text) for text in readings])


def _tidied(text: str) -> str:
    return _tidied_again(text) if len(text) <= _SHORT else tidied_words(text)


@lru_cache(maxsize=2048)
def _tidied_again(text: str) -> str:
    """Tidy a short text: headings, categories and hours are those of many rows."""
    return tidied_words(text)


def spoken_phrases(text: str) -> tuple[str, ...]:
    """Give the phrases by which a text around rows speaks, and nothing else of it.

    What stands between their words, or is glued to one, may be a name or an address.
    """
    joined = tidied_words(text, _BETWEEN)
    phrases: dict[str, None] = {}
    for patterns in _patterns().values():
        for match in patterns.words.finditer(patterns.without_excused(joined, around=True)):
            written = _as_written(match[0])
            phrases |= dict.fromkeys(filter(None, [written]))
    return tuple(phrases)


def _readings(text: str) -> Iterator[str]:
    """Give a text as it is and, where it holds marks of the web, as a page would show it."""
    yield text
    if _MARKED.search(text):
        shown = unquote(unescape(text))
        yield _TAG.sub(" ", shown)
        yield _TAG.sub("", shown)


def _may_speak(words: str) -> bool:
    """Whether tidied words hold a piece of each word of some phrase: most texts do not."""
    by_start = _phrases_by_start()
    within = [phrases for stem, phrases in by_start[""] if stem in words]
    # A word that is written again and again begins the same phrases, and these are looked for once.
    begun = {
        (word[:_START], at): phrases
        for word in words.split()
        for at, (stem, phrases) in enumerate(by_start.get(word[:_START], ()))
        if word.startswith(stem)
    }
    return any(
        all(any(piece in words for piece in place) for place in phrase)
        for phrases in chain(within, begun.values())
        for phrase in phrases
    )


@cached_for_overlay
def _phrases_by_start() -> dict[str, list[tuple[str, list[Phrase]]]]:
    """Give each phrase by the words of its longest place, and these by their first letters.

    With no letters stand those that may begin with any.
    """
    by_word = defaultdict[str, list[Phrase]](list)
    for entry in confidential_words().values():
        for phrase in entry.words:
            written = tidied_words(phrase, _SIGNS).replace(" + ", " ").split()
            places = [place.split("/") for place in written]
            pieces = [{word.strip("*") for word in place} for place in places]
            for word in max(places, key=lambda place: min(map(len, place))):
                by_word[word].append(pieces)
    by_start = defaultdict[str, list[tuple[str, list[Phrase]]]](list, {"": []})
    for word, phrases in by_word.items():
        stem = word.strip("*")
        start = "" if word.startswith("*") or len(stem) < _START else stem[:_START]
        by_start[start].append((stem, phrases))
    return dict(by_start)


@cached_for_overlay
def _patterns() -> dict[str, KindPatterns]:
    return {
        kind: KindPatterns(
            _pattern(entry.words),
            _pattern(entry.exceptions),
            _pattern((*entry.around, *entry.exceptions)),
        )
        for kind, entry in confidential_words().items()
    }


def _as_written(words: str) -> str:
    """Give the words of a phrase that some words are: with its gaps, and without what is glued."""
    for pattern, stem in _phrases_to_show():
        if match := pattern.fullmatch(words):
            return stem or " … ".join(match.groups())
    return ""


@cached_for_overlay
def _phrases_to_show() -> list[tuple[re.Pattern[str], str]]:
    """Give each phrase with its parts as groups, and the stem of one that may begin otherwise."""
    kinds = confidential_words().values()
    phrases = [tidied_words(text, _SIGNS) for kind in kinds for text in kind.words]
    return [
        (_with_gaps(phrase, "({})"), phrase.strip("*") if phrase.startswith("*") else "")
        for phrase in phrases
    ]


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    parts = "|".join(_with_gaps(tidied_words(phrase, _SIGNS), "{}").pattern for phrase in phrases)
    if not parts:
        return _NOTHING
    return re.compile(rf"(?<![{_LETTERS}])(?:{parts})(?![{_LETTERS}])")


def _with_gaps(phrase: str, form: str) -> re.Pattern[str]:
    between = rf"(?: [{_LETTERS}]+){{0,{_GAP}}} "
    parts = (" ".join(map(_words, part.split())) for part in phrase.split(" + "))
    return re.compile(between.join(map(form.format, parts)))


def _words(alternatives: str) -> str:
    return f"(?:{'|'.join(map(_word, alternatives.split('/')))})"


def _word(word: str) -> str:
    return re.escape(word).replace(re.escape("*"), f"[{_LETTERS}]*")


def tidied_words(text: str, signs: str = "") -> str:
    """Lower a text, and leave out accents, signs and small words; initials become one word.

    Letters of other alphabets that look like ours are ours; what is not seen is no letter.
    """
    seen = plain(text)
    if not seen.isascii():
        letters = (letter for letter in seen if unicodedata.category(letter) != "Cf")
        seen = "".join(letters).translate(_LOOK_ALIKE)
    if _LETTER_ALONE.search(f"{seen} "):
        seen = _INITIALS.sub(_without_gaps, seen)
    return " ".join([word for word in _words_with(signs).findall(seen) if word not in _SMALL])


@cache
def _words_with(signs: str) -> re.Pattern[str]:
    return re.compile(rf"[{_LETTERS}{re.escape(signs)}]+")


def _without_gaps(initials: re.Match[str]) -> str:
    return re.sub(r"[. ]", "", initials[0])


def _weakened(bundled: ConfidentialWords, own: ConfidentialWords) -> str | None:
    if lacking := sorted(set(bundled.words) - set(own.words)):
        return f"'{own.id}' lacks the words '{lacking[0]}'. Add them."
    more = {*own.exceptions, *own.around} - {*bundled.exceptions, *bundled.around}
    more |= {*own.public_categories} - {*bundled.public_categories}
    return f"'{own.id}' excuses '{min(more)}'. Take it out." if more else None
