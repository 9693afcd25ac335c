"""Index of street names, tolerant of typos, abbreviations and word order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from rapidfuzz import fuzz, process

from mapping.geocoding.address import SHORT_LETTERS, Address, letters, parse, same_word
from mapping.text import plain

SEARCH_SCORE = 60
"""Below this likeness, of 100, a street is not offered."""
NEARLY_SCORE = 90
"""A street that is this much alike may be meant, if everything else agrees."""
_OTHERS = 3
"""The last tier of `alike`: whatever is spelt alike."""
_PRIVATE = {"privata", "privato", "priv"}


class StreetIndex:
    """Street names with their kind, such as ``Via Padova``, indexed by their words.

    `aliases` are more names, each with the row of its street: rows are those of streets throughout.
    """

    def __init__(self, streets: list[str], aliases: Sequence[tuple[int, str]] = ()) -> None:
        self._count = len(streets)
        self._written = [*streets, *(name for _, name in aliases)]
        self._street = [*range(len(streets)), *(row for row, _ in aliases)]

    def matching(self, address: Address) -> list[int]:
        """List the rows of every street, of any kind, that an address may mean.

        Streets of exactly these words if there are any, else of these and more.
        """
        words = _public(address.tokens)
        names = self._fitting(words)
        # Names may be left out, not the last word: "via Valvassori" is not via Valvassori Peroni.
        names = [name for name in names if self._words[name][-1] in words]
        whole = [name for name in names if len(self._words[name]) == len(words)]
        return self._streets_of(self._by_letters.get(letters(address.street)) or whole or names)

    def named(self, address: Address) -> list[int]:
        """List the rows of the streets that have exactly the written words, and the written kind.

        Where no street of that kind has them, of any kind.
        """
        words = sorted(_public(address.tokens))
        names = [
            name
            for name in self._by_word.get(max(words, key=len, default=""), ())
            if sorted(self._words[name]) == words
        ]
        same = [name for name in names if self._parsed[name].kind == address.kind]
        return self._streets_of(same or names)

    def going_on(self, address: Address) -> list[int]:
        """List the rows of the streets whose name begins with what was written, and goes on."""
        rows = self._streets_of(self._opening(_typed(address)))
        return sorted(rows, key=lambda row: (-self.likeness(address, row), row))

    def alike(self, address: Address, limit: int) -> list[int]:
        """List the rows of similar streets, best first; at most `limit` besides those that fit.

        First streets that begin with what was typed, then those that fit, those with a word that
        begins so, and the others by likeness.
        """
        wanted = _plain(address.kind, address.tokens)
        if not address.tokens:
            # Of signs and of foreign letters no word is left: then no street is like another.
            return []
        hits = process.extract(
            wanted, self._plain, scorer=fuzz.token_set_ratio, limit=4 * limit,
            score_cutoff=SEARCH_SCORE,
        )  # fmt: skip
        typed = _typed(address)
        opening = set(self._opening(typed))
        fitting, begun = set(self.matching(address)), set(self._beginning(address.tokens))
        scores = {name: score for _, score, name in hits}

        def order(name: int) -> tuple[int, float, float, int]:
            whole = self._names[name] == typed
            opens = name in opening or self._street[name] in fitting
            tier = [whole, opens, name in begun, True].index(True)
            score = scores[name] if tier == _OTHERS else 0
            return tier, -score, -self._likeness(address, name), name

        return self._streets_of(sorted({*opening, *fitting, *begun, *scores}, key=order))

    def nearly(self, address: Address) -> list[int]:
        """List the rows of streets of the written kind that have nearly the written name."""
        wanted = _plain(address.kind, address.tokens)
        hits = process.extract(
            wanted, self._plain, scorer=fuzz.token_set_ratio, limit=None, score_cutoff=NEARLY_SCORE
        )
        rows = self._streets_of(name for _, _, name in hits)
        return sorted(row for row in rows if address.kind in (None, self.kinds[row]))

    def likeness(self, address: Address, row: int) -> float:
        """Compare what was written with a street's names: 1 for the same words, 0 for no letter."""
        return max(self._likeness(address, name) for name in self._names_of[row])

    @cached_property
    def kinds(self) -> list[str | None]:
        """The kind of every street, such as ``viale``."""
        return [address.kind for address in self._parsed[: self._count]]

    def _streets_of(self, names: Iterable[int]) -> list[int]:
        return list(dict.fromkeys(self._street[name] for name in names))

    @cached_property
    def _names_of(self) -> list[list[int]]:
        names: list[list[int]] = [[] for _ in range(self._count)]
        for name, row in enumerate(self._street):
            names[row].append(name)
        return names

    def _likeness(self, address: Address, name: int) -> float:
        return float(fuzz.ratio(_plain(address.kind, address.tokens), self._plain[name]) / 100)

    def _fitting(self, wanted: tuple[str, ...]) -> list[int]:
        longest = max(wanted, key=len, default="")
        if len(longest) < 2:  # noqa: PLR2004 - an initial alone names no street
            return []
        whole_first = sorted(wanted, key=len, reverse=True)
        names = self._by_word.get(longest, ())
        return sorted(name for name in names if self._fits(whole_first, name))

    def _opening(self, typed: str) -> list[int]:
        return [name for name, text in enumerate(self._names) if text.startswith(typed)]

    def _beginning(self, wanted: tuple[str, ...]) -> list[int]:
        # The last word may be half typed; alone, its first letters begin too many.
        *whole, half = wanted
        if len(half) < SHORT_LETTERS and not whole:
            return []
        return [
            name
            for name, words in enumerate(self._words)
            if any(word.startswith(half) for word in words) and set(whole) <= set(words)
        ]

    def _fits(self, whole_first: list[str], name: int) -> bool:
        left = list(self._words[name])
        for word in whole_first:
            match = next((own for own in left if same_word(word, own)), None)
            if match is None:
                return False
            left.remove(match)
        return True

    @cached_property
    def _parsed(self) -> list[Address]:
        return [parse(name) for name in self._written]

    @cached_property
    def _names(self) -> list[str]:
        return [plain(name) for name in self._written]

    @cached_property
    def _words(self) -> list[tuple[str, ...]]:
        return [_public(address.tokens) for address in self._parsed]

    @cached_property
    def _plain(self) -> list[str]:
        pairs = zip(self._parsed, self._words, strict=True)
        return [_plain(address.kind, words) for address, words in pairs]

    @cached_property
    def _by_word(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for name, words in enumerate(self._words):
            for word in set(words):
                index[word].append(name)
        return index

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for name, address in enumerate(self._parsed):
            index[letters(address.street)].append(name)
        return index


def _typed(address: Address) -> str:
    return plain(f"{address.kind or ''} {address.street}").strip()


def _plain(kind: str | None, words: tuple[str, ...]) -> str:
    return " ".join(filter(None, [kind, *_public(words)]))


def _public(words: tuple[str, ...]) -> tuple[str, ...]:
    # "Via Privata Iglesias" is written via Iglesias as often.
    return tuple(word for word in words if word not in _PRIVATE) or words
