"""Places that people call by a name: stations, hospitals, parks, quarters, services."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.geocoding.address import MAX_LETTERS, STREET_WORDS, kind_of, tokens
from mapping.geocoding.vocabulary import MISTYPED, WHOLE, Vocabulary
from mapping.text import plain

MAX_WORDS = 24
"""Words of what was typed that are read: no name has more."""
MAY_LACK = 3
"""Of so many words one may be another one than the place's."""
ALONE = 0.02
"""By how much the best place is to answer better than the next, to be the one that is meant."""
PART_SHARE, NAME_SHARE = 0.5, 0.4
"""Where several places answer all the words: what each is worth by that, and by how much of its own
name they are; a word for its kind makes up the rest."""
KNOWN = 0.5
"""Who writes less of a name, and no word for its kind, may mean something else."""
AROUND = 0.95
"""How well a word of its address answers for a place."""
APART_METRES = 300.0
"""Halls of one station are no farther apart."""
SAME_DEGREES = 0.003
"""Two places of like names so near, about 300 m, are the two halls of one."""
_SHORT_KIND = re.compile(r"\b(?!p\.ta)[a-z]{1,2}\.[a-z]{1,4}\b")
"""As ``C.so``, in the names of stops."""
_FOREIGN = re.compile(
    r"(?:(?![\s\u060c\u061b\u061f\u06d4])[\u0370-\u1fff\u3040-\u9fff\uac00-\ud7a3])+"
)
"""A word in another alphabet than the Latin one."""
_ARTICLE = re.compile("^ال(?=.{3})")
"""The Arabic one, written as one word with its noun."""
_SPELT_ALIKE = str.maketrans("ةىیک", "هييك", "\u0640")
"""Arabic letters that are written for one another; the stroke that lengthens a word is left out.

Signs at an alif go with the accents."""
_STREET_WORDS = set(STREET_WORDS.split("|"))
_NONE = np.zeros(0, np.int64)
QUARTER = re.compile(r"^\s*(?:quartiere|q\.?re|rione|zona)\b\.?\s*")
"""Before the name of a quarter, in plain letters."""
_GLUED_NUMBER = re.compile(r"([a-z]{4,})(\d)")


@dataclass(frozen=True)
class NamedPlace:
    """A place with a name, in degrees; `kind` is a code, `rank` is low for what is asked often."""

    label: str
    kind: str
    lon: float
    lat: float
    name: str
    """What it is called, of which `label` may say more."""
    precision: str = "premises"
    error_metres: float = 0.0
    municipio: str | None = None
    category: str | None = None
    """Of a service."""
    rank: int = 0
    """Its kind may be asked for less often still."""
    detail: str = ""
    """Its address: others may be called alike."""


@dataclass(frozen=True)
class Answering:
    """A named place, and how well it answers what was typed."""

    place: NamedPlace
    answered: float
    """The share of the written words that it answers, whole words counting most."""
    coverage: float
    """The share of its own name that was written."""
    is_of_kind: bool = False
    """Whether a word for its kind was written."""
    is_so_called: bool = False
    """Whether its own name has that word."""
    is_rivalled: bool = False
    """Whether another place, somewhere else, answers as many of the words."""
    is_tied: bool = False
    """Whether another one, somewhere else, answers them as well in every respect."""

    @property
    def merit(self) -> float:
        """What decides between two places: the words first, then how much of the name they are."""
        return self.answered + self.coverage / 10 + (self.is_of_kind + self.is_so_called) / 20

    @property
    def confidence(self) -> float:
        """How well the words are answered, in [0, 1]: less where they may mean another place."""
        alone_of_kind = self.is_of_kind and not self.is_tied
        share = rivalled_share(self.coverage, is_of_kind=alone_of_kind)
        return self.answered * (share if self.is_rivalled else 1.0)


def rivalled_share(coverage: float, *, is_of_kind: bool = False) -> float:
    """Say what an answer is worth where others answer the same words."""
    rest = 1 - PART_SHARE - NAME_SHARE
    return PART_SHARE + NAME_SHARE * min(coverage, 1.0) + rest * is_of_kind


class NamedPlaces:
    """An index of named places.

    Parameters
    ----------
    places : sequence of NamedPlace, or callable
        In any order; what makes them, where most questions go without.
    called : mapping of str to collection of str
        By kind or category, the words for such a place, as ``metro`` for a station: they need not
        be in its name, and tell nothing where they are.
    names : mapping of str to sequence of str, optional
        By kind or category, what such a place is called, held or not: ``stazione``.
    beginnings : sequence of str
        With one of them each label begins: what begins otherwise is known to be none before the
        places are made.
    """

    def __init__(
        self,
        places: Sequence[NamedPlace] | Callable[[], Sequence[NamedPlace]],
        called: Mapping[str, Collection[str]] | None = None,
        names: Mapping[str, Sequence[str]] | None = None,
        beginnings: Sequence[str] = ("",),
    ) -> None:
        self._make = places if callable(places) else lambda: places
        self._beginnings = tuple({plain(begun) for begun in beginnings})
        self._called = {kind: frozenset(words) for kind, words in (called or {}).items()}
        self._names = names or {}

    @cached_property
    def places(self) -> list[NamedPlace]:
        """The places, in their order."""
        return list(self._make())

    def is_asked_by_kind(self, text: str) -> bool:
        """Whether a text begins or ends with a word for a kind of place: ``ospedale Prova``."""
        words = name_words(text)
        ends = {word for word in (*words[:1], *words[-1:]) if not word.isdigit()}
        return not ends.isdisjoint(self._by_kind_word)

    def telling_words(self, text: str) -> list[str]:
        """List the words of a text that are not for a kind of place."""
        return [word for word in name_words(text) if word not in self._kind_words]

    def kinds_in(self, text: str) -> set[str]:
        """List the kinds and categories for which a text has a word, in any alphabet."""
        words = set(name_words(text))
        names = {
            kind for name, own in self._kinds_by_name.items() for kind in own if words >= {*name}
        }
        # "1" is a word of schools of the first grade, and of half the addresses.
        telling = {word for word in words if not word.isdigit()}
        return names | {kind for kind, called in self._called.items() if telling & called}

    def called_so(self, text: str) -> set[str]:
        """List the kinds and categories that have a text for a name: ``farmacia``."""
        return self._kinds_by_name.get(name_words(text), set())

    def is_foreign(self, text: str) -> bool:
        """Whether a word in another alphabet is no word for a kind of place that is known."""
        return not self._kind_words.issuperset(foreign_words(text))

    def unheld(self, text: str) -> str | None:
        """Give the name of a kind of place, no place of which is held, where a text asks for it.

        The longest name with which the text begins or ends decides: ``biblioteca Prova`` asks for a
        library, ``vigili del fuoco`` for no policeman.
        """
        words = name_words(text)
        for length in range(min(len(words), self._longest), 0, -1):
            for end in (words[:length], words[-length:]):
                if end in self._held_by_name:
                    name, is_held = self._held_by_name[end]
                    return None if is_held else name
        return None

    def quarters_called(self, text: str) -> list[NamedPlace]:
        """List the quarters that are called so, or whose names begin so."""
        return self._quarters.get(name_words(text), [])

    @cached_property
    def _quarters(self) -> dict[tuple[str, ...], list[NamedPlace]]:
        """The quarters by every beginning of their names."""
        begun: dict[tuple[str, ...], list[NamedPlace]] = defaultdict(list)
        for area in (place for place in self.places if place.kind == "area"):
            words = name_words(QUARTER.sub("", plain(area.name)))
            for length in range(1, len(words) + 1):
                begun[words[:length]].append(area)
        return dict(begun)

    @cached_property
    def _kinds_by_name(self) -> dict[tuple[str, ...], set[str]]:
        kinds: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for kind, names in self._names.items():
            for name in names:
                kinds[name_words(name)].add(kind)
        return dict(kinds)

    @cached_property
    def _kind_words(self) -> frozenset[str]:
        return frozenset().union(*self._called.values(), *self._kinds_by_name)

    @cached_property
    def _held_by_name(self) -> dict[tuple[str, ...], tuple[str, bool]]:
        """What kinds of place are called, as written, and whether any such place is held."""
        present = {place.category or place.kind for place in self.places}
        known: dict[tuple[str, ...], tuple[str, bool]] = {}
        for kind, names in self._names.items():
            for name in names:
                written, is_held = known.get(name_words(name), (name, False))
                known[name_words(name)] = written, is_held or kind in present
        return known

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._held_by_name), default=0)

    def labelled(self, text: str) -> NamedPlace | None:
        """Give the place whose whole label was written."""
        written = plain(text).strip()
        return self._by_label.get(written) if written.startswith(self._beginnings) else None

    def addressed(self, text: str) -> NamedPlace | None:
        """Give a place whose address was written as its source writes it."""
        return self._by_address.get(name_words(text))

    def search(self, text: str, limit: int) -> list[Answering]:
        """List the places that answer what was typed so far, best first."""
        written = name_words(text)[:MAX_WORDS]
        if not written or not self.places:
            return []
        answered, named, of_kind = self._answered(written)
        most = (answered > 0).sum(axis=0)
        wanted = len(written)
        if most.max() < wanted and wanted >= MAY_LACK:
            wanted -= 1
        rows = np.flatnonzero(most >= wanted)
        if not len(rows):
            return []
        share = answered[:, rows].sum(axis=0) / len(written)
        coverage = np.minimum(named[:, rows].sum(axis=0) / self._lengths[rows], 1.0)
        so_called, is_of_kind = np.zeros(len(rows)), of_kind[rows]
        if all(word in self._by_kind_word for word in written):
            coverage[:] = 0  # "Ospedale" asks for any hospital, not for a stop that is named so.
            for word in written:
                so_called += np.isin(rows, self._by_whole_name.get(word, _NONE))
        else:
            is_of_kind &= coverage > 0
        is_so_called = is_of_kind & self._are_so_called(written, rows)
        merit = share + coverage / 10 + (is_of_kind + is_so_called.astype(int)) / 20
        is_tied = merit > merit.max() - ALONE
        rivalled = self._are_apart(rows[share >= share.max()])
        is_tied &= self._are_apart(rows[is_tied])
        answers: dict[tuple[str, float], Answering] = {}
        for at in np.lexsort((rows, self._ranks[rows], -so_called, -merit)).tolist():
            place = self.places[rows[at]]
            well, whole = (float(round(part[at], 2)) for part in (share, coverage))
            answer = Answering(
                place,
                well,
                whole,
                bool(is_of_kind[at]),
                bool(is_so_called[at]),
                rivalled,
                bool(is_tied[at]),
            )
            answers.setdefault((place.label, place.lon), answer)
            if len(answers) == limit:
                break
        return list(answers.values())

    def is_whole_name(self, text: str) -> bool:
        """Whether a text has all the words of a place's name, and no others."""
        answers = self.search(text, 1)
        return bool(answers) and answers[0].answered >= WHOLE and answers[0].coverage >= 1

    def find(self, text: str) -> NamedPlace | None:
        """Find the one place that is meant; None where none is, or several may be."""
        if (labelled := self.labelled(text)) is not None:
            return labelled
        answers = self.search(text, 2)
        if not answers or answers[0].answered < WHOLE:
            return None
        first, second = answers[0], answers[-1]
        if not first.is_of_kind and (first.is_rivalled or first.coverage <= KNOWN):
            return None
        if first is second or first.merit - second.merit >= ALONE:
            return first.place
        apart = np.hypot(first.place.lon - second.place.lon, first.place.lat - second.place.lat)
        return first.place if apart <= SAME_DEGREES else None

    def _are_so_called(self, written: Sequence[str], rows: Ints) -> Bools:
        """Whether the own names of places have a written word for a kind: it tells them apart."""
        known = [
            self._by_whole_name.get(word, _NONE) for word in written if word in self._by_kind_word
        ]
        return np.isin(rows, np.concatenate([_NONE, *known]))

    def _are_apart(self, rows: Ints) -> bool:
        """Whether these places are more than the halls of one."""
        at = self._at[rows]
        return bool(len(at) and (np.hypot(*(at - at[0]).T) > SAME_DEGREES).any())

    @cached_property
    def _at(self) -> Floats:
        return np.array([(place.lon, place.lat) for place in self.places], float)

    def _answered(self, written: Sequence[str]) -> tuple[Floats, Floats, Bools]:
        """Give how well each place answers each word, whether by its own name, and by its kind."""
        answered = np.zeros((len(written), len(self.places)))
        named, of_kind = np.zeros_like(answered), np.zeros(len(self.places), dtype=bool)
        has_street = not _STREET_WORDS.isdisjoint(written)
        for at, word in enumerate(written):
            unfinished = at == len(written) - 1
            for known, quality in self._vocabulary.answering(word, unfinished=unfinished).items():
                # A word of an address that is misspelt may be any, unless a street is asked for.
                is_around = has_street or quality > MISTYPED
                around = self._by_detail.get(known, _NONE) if is_around else _NONE
                answered[at, around] = np.maximum(answered[at, around], quality * AROUND)
                kind = self._by_kind_word.get(known, _NONE)
                answered[at, kind] = np.maximum(answered[at, kind], quality)
                of_kind[kind] |= quality == WHOLE
                own = self._by_word.get(known, _NONE)
                answered[at, own] = np.maximum(answered[at, own], quality)
                named[at, own] = np.maximum(named[at, own], quality)
        return answered, named, of_kind

    @cached_property
    def _words(self) -> list[tuple[str, ...]]:
        return [self.own_words(place) for place in self.places]

    def own_words(self, place: NamedPlace) -> tuple[str, ...]:
        """Take the words of a place's name that are not for its kind."""
        kinds = (self._called.get(kind, frozenset()) for kind in (place.kind, place.category or ""))
        generic = frozenset().union(*kinds)
        words = name_words(place.name)
        return tuple(dict.fromkeys(word for word in words if word not in generic))

    @cached_property
    def _lengths(self) -> Floats:
        return np.array([max(len(words), 1) for words in self._words], float)

    @cached_property
    def _ranks(self) -> Ints:
        return np.array([place.rank for place in self.places], np.int64)

    @cached_property
    def _by_word(self) -> dict[str, Ints]:
        return _rows_by_word(self._words)

    @cached_property
    def _by_whole_name(self) -> dict[str, Ints]:
        return _rows_by_word(name_words(place.name) for place in self.places)

    @cached_property
    def _by_detail(self) -> dict[str, Ints]:
        return _rows_by_word(name_words(place.detail) for place in self.places)

    @cached_property
    def _by_kind_word(self) -> dict[str, Ints]:
        kinds = ((place.kind, place.category or place.kind) for place in self.places)
        nothing: frozenset[str] = frozenset()
        return _rows_by_word(
            nothing.union(*(self._called.get(kind, nothing) for kind in both)) for both in kinds
        )

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary([*self._by_word, *self._by_detail, *self._by_kind_word])

    @cached_property
    def _by_address(self) -> dict[tuple[str, ...], NamedPlace]:
        with_address = [place for place in self.places if place.detail]
        return {name_words(place.detail): place for place in reversed(with_address)}

    @cached_property
    def _by_label(self) -> dict[str, NamedPlace]:
        return {plain(place.label): place for place in reversed(self.places)}


def _rows_by_word(words_of_rows: Iterable[Iterable[str]]) -> dict[str, Ints]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, words in enumerate(words_of_rows):
        for word in set(words):
            rows[word].append(row)
    return {word: np.array(own, np.int64) for word, own in rows.items()}


def name_words(text: str) -> tuple[str, ...]:
    """Make the words of a name comparable: saints, numbers and accents take one form.

    Words in other alphabets come last: those for a kind of place are known in them too.
    """
    written = plain(text[:MAX_LETTERS])
    spelt = _SHORT_KIND.sub(
        lambda match: kind_of(match[0]) or match[0].replace("q.re", "qre"), written
    )
    words = tokens(_GLUED_NUMBER.sub(r"\1 \2", spelt))
    latin = tuple("san" if word == "s" else word for word in words)
    if written.isascii():
        return latin
    return (*latin, *foreign_words(written))


def foreign_words(text: str) -> list[str]:
    """Make the words of a text in other alphabets than the Latin one comparable."""
    spelt = plain(text[:MAX_LETTERS]).translate(_SPELT_ALIKE)
    return [_ARTICLE.sub("", word) for word in _FOREIGN.findall(spelt)]
