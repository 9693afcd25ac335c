"""Places whose names sound like what was written in Arabic letters; none of them is sure."""

from collections.abc import Iterable
from functools import cached_property

from rapidfuzz import fuzz

from mapping.geocoding.gazetteer import HEARD_SHARE
from mapping.geocoding.named_places import NamedPlace, NamedPlaces, rivalled_share
from mapping.geocoding.sounds import in_latin, sound
from mapping.lookup.hospitals import CATEGORY, is_public

KINDS = {"station", "area", "park", "health", "ospedale"}
"""What people ask for by a name that they know by ear."""
LEAST_ALIKE = 75
"""How alike, of 100, each word is to sound."""


class HeardPlaces:
    """The places of an index, by the sounds of their own names."""

    def __init__(self, names: NamedPlaces) -> None:
        self._names = names

    def search(self, text: str, limit: int) -> list[tuple[NamedPlace, float]]:
        """List places, best first, each with how well it answers; none for a text without Arabic.

        Where a word for a kind of place was written, only places of that kind.
        """
        if in_latin(text) is None:
            return []
        telling = (word for word in self._names.telling_words(text) if not word.isdigit())
        words = [sound(in_latin(word) or word) for word in telling]
        if not words:
            return []
        kinds = self._names.kinds_in(text)
        heard: dict[str, tuple[NamedPlace, float, float]] = {}
        for place, own in self._sounds:
            if kinds and kinds.isdisjoint((place.kind, place.category)):
                continue
            alike = _alike(words, own)
            well = HEARD_SHARE * alike * rivalled_share(len(words) / len(own)) if alike else 0.0
            if well > heard.get(place.label, (place, 0.0, 0.0))[1]:
                heard[place.label] = place, well, alike
        ranked = sorted(heard.values(), key=lambda each: (-each[1], each[0].rank))
        return _public_first(ranked)[:limit]

    def quarter_score(self, text: str) -> float:
        """Say how alike, of 100, the name of a quarter sounds to a text in Arabic letters."""
        heard = " ".join(map(sound, (in_latin(text) or "").split()))
        own = (" ".join(words) for place, words in self._sounds if place.kind == "area")
        return max((fuzz.ratio(heard, name) for name in own), default=0.0) if heard else 0.0

    @cached_property
    def _sounds(self) -> list[tuple[NamedPlace, list[str]]]:
        places = (
            (place, [sound(word) for word in self._names.own_words(place)])
            for place in self._names.places
            if not KINDS.isdisjoint((place.kind, place.category))
        )
        return [(place, own) for place, own in places if own]


def _public_first(ranked: list[tuple[NamedPlace, float, float]]) -> list[tuple[NamedPlace, float]]:
    """Put hospitals before a house that calls itself none, and sounds no better, if it is first."""
    ahead: list[tuple[NamedPlace, float, float]] = []
    if ranked and ranked[0][0].category == CATEGORY and not is_public(ranked[0][0]):
        ahead = [each for each in ranked if is_public(each[0]) and each[2] >= ranked[0][2]]
    most, ordered = 1.0, []
    for place, well, _ in (*ahead, *(each for each in ranked if each not in ahead)):
        most = min(most, well)
        ordered.append((place, most))
    return ordered


def _alike(words: Iterable[str], own: Iterable[str]) -> float:
    """Say how alike words sound to those of a name, in [0, 1]; 0 where one is like none."""
    best = [max(fuzz.ratio(word, other) for other in own) for word in words]
    return sum(best) / len(best) / 100 if min(best) >= LEAST_ALIKE else 0.0
