"""Comuni besides the city, as people write their names: streets of the city are called so too."""

import re
from collections.abc import Collection
from functools import cached_property

from rapidfuzz import fuzz, process

from mapping.geocoding.address import SHORT_LETTERS, STREET_WORDS, kind_of, parse
from mapping.geocoding.localities import CODES, HAMLET
from mapping.geocoding.named_places import name_words
from mapping.geocoding.sounds import in_latin, sound
from mapping.text import plain

_SAINT = "san"
"""The form that `name_words` gives to every saint."""
HEARD_SCORE, LONG_SOUND = 87, 5
"""How alike, of 100, the sounds of a name are to be: a short one has to be the same."""
MAX_TOWN = 10
"""Towns that are called after a city and a number have a low one."""
_DIGIT = re.compile(r"\d")
_BESIDE_NAME = {"comune", "citta"}
_STREET_BEHIND = re.compile(rf",\s*(?:n\W*)?\d{{1,4}}(?!\d)|\((?:{STREET_WORDS})\)", re.IGNORECASE)
"""A civic number or a type behind a name makes it that of a street: ``Prova (via) 61``."""
_SHORT_KIND = r"v\.(?:le)?|vle|p\.?z?za|p\.?le|c\.?so|l\.?go"
_STREET_INSIDE = re.compile(
    rf"([^,\d]+?)[\s,-]+(?:(?:{STREET_WORDS})\s+|(?:{_SHORT_KIND})[\s.]*)[^\W\d]", re.IGNORECASE
)


class OtherComuni:
    """Names of comuni that are not the city.

    Parameters
    ----------
    near : collection of str
        Those next to the city, that are called by the beginning of their name as well: ``cesano``.
    far : collection of str
        Others, that are called by their whole name alone.
    province : str, optional
        The code of the city's province, which may stand behind a name.
    city : str, optional
        The city, after which towns around it are called, with a number.
    """

    def __init__(
        self,
        near: Collection[str] = (),
        far: Collection[str] = (),
        province: str = "",
        city: str = "",
    ) -> None:
        self._whole = {name_words(name) for name in (*near, *far)}
        self._near = near
        self._province = plain(province)
        self._city = name_words(city)

    def is_called(self, text: str) -> bool:
        """Whether a text is the name of another comune, and nothing else."""
        return self.name_alone(text) is not None

    def name_alone(self, text: str) -> str | None:
        """Give the words of the name of another comune, where a text has nothing else."""
        name = text.partition(",")[0].partition("(")[0].strip()
        # Most texts are streets or have a number: they are told without being read.
        if _DIGIT.search(name) or kind_of(name.partition(" ")[0]) or _STREET_BEHIND.search(text):
            return None
        address = parse(name)
        if address.kind is not None:
            return None
        words = self._own_words(name_words(address.street))
        return " ".join(words) if self.is_name(words) else None

    def heard_score(self, text: str) -> float:
        """Say how alike, of 100, the name of one sounds to a text in Arabic letters; 0 for none."""
        latin = in_latin(text)
        if latin is None or parse(latin).kind is not None:
            return 0.0
        heard = sound(latin)
        if heard in self._sounds or len(heard) < LONG_SOUND:
            return 100.0 * (heard in self._sounds)
        best = process.extractOne(heard, self._sounds, scorer=fuzz.ratio, score_cutoff=HEARD_SCORE)
        return best[1] if best else 0.0

    @cached_property
    def _sounds(self) -> frozenset[str]:
        return frozenset(sound(" ".join(words)) for words in (*self._whole, *self._beginnings))

    def is_stated(self, text: str) -> bool:
        """Whether a text says that its address is in another comune.

        The comune, or the code of another province, stands alone behind the number, or in front of
        the street; behind a hamlet or the name of the city it ends what is written.
        """
        locality = parse(text).locality or ""
        written = [part.strip() for part in re.split("[,()]", locality)]
        if any(self._is_other_province(code) for code in re.findall(r"\((\w\w)\)", text)):
            return True
        if any(self._is_stated_by(name_words(part)) for part in written if part):
            return True
        before = _STREET_INSIDE.match(text)
        return before is not None and self._is_called_so(name_words(before[1]))

    def _is_stated_by(self, words: tuple[str, ...]) -> bool:
        if self._is_called_so(words):
            return True
        if words[:1] and words[0] in HAMLET:
            return any(self.is_name(words[at:]) for at in range(1, len(words)))
        length = len(self._city)
        if not length or words[:length] != self._city or len(words) == length:
            return False
        rest = words[length:]
        named = tuple(word for word in rest if not word.isdigit())
        return self._is_called_so(named) if named else len(rest) == 1 and int(rest[0]) < MAX_TOWN

    def _is_other_province(self, code: str) -> bool:
        return plain(code) in CODES and plain(code) != self._province != ""

    def is_behind(self, text: str) -> bool:
        """Whether a text ends with the name of another comune, behind something else.

        Behind the type of a street it is the street's name, and so it is behind any other word
        where a civic number follows: ``residenza Prova 61``.
        """
        address = parse(text)
        if address.kind is None and address.civic is not None and address.locality is None:
            return False
        if address.locality is not None:
            written, first = address.locality, 0
        else:
            written, first = address.street, 1
        words = self._bare(name_words(written))
        return any(
            self.is_name(words[at:]) and not (at and kind_of(words[at - 1]))
            for at in range(first, len(words))
        )

    def _is_called_so(self, words: tuple[str, ...]) -> bool:
        return self.is_name(self._own_words(words))

    def _own_words(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out the code of the province, and what is written beside a name."""
        return tuple(word for word in self._bare(words) if word not in _BESIDE_NAME)

    def _bare(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out the code of the province behind a name."""
        return words[:-1] if len(words) > 1 and words[-1] == self._province else words

    def is_name(self, words: tuple[str, ...]) -> bool:
        """Whether words are the name of another comune."""
        return words in self._whole or words in self._beginnings

    @cached_property
    def _beginnings(self) -> frozenset[tuple[str, ...]]:
        """The first words of near names: more than a saint, and no short word alone."""
        names = map(name_words, self._near)
        begun = (words[:length] for words in names for length in range(1, len(words)))
        return frozenset(
            words for words in begun if words[-1] != _SAINT and len(words[-1]) > SHORT_LETTERS
        )
