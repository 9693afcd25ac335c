"""Index of street names, tolerant of typos, abbreviations and word order."""

from collections import defaultdict
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
    """Street names with their kind, such as ``Via Padova``, indexed by their words."""

    def __init__(self, streets: list[str]) -> None:
        self._streets = streets

    def matching(self, address: Address) -> list[int]:
        """List the rows of every street, of any kind, that an address may mean.

        Streets of exactly these words if there are any, else of these and more.
        """
        words = _public(address.tokens)
        rows = self._fitting(words)
        # Names may be left out, not the last word: "via Valvassori" is not via Valvassori Peroni.
        rows = [row for row in rows if self._words[row][-1] in words]
        whole = [row for row in rows if len(self._words[row]) == len(words)]
        return self._by_letters.get(letters(address.street)) or whole or rows

    def alike(self, address: Address, limit: int) -> list[int]:
        """List the rows of similar streets, best first; at most `limit` besides those that fit.

        First streets that begin with what was typed, then those that fit, those with a word that
        begins so, and the others by likeness.
        """
        wanted = _plain(address.kind, address.tokens)
        if not wanted:
            return []
        hits = process.extract(
            wanted, self._plain, scorer=fuzz.token_set_ratio, limit=4 * limit,
            score_cutoff=SEARCH_SCORE,
        )  # fmt: skip
        typed = plain(f"{address.kind or ''} {address.street}").strip()
        opening = {row for row, name in enumerate(self._names) if name.startswith(typed)}
        fitting, begun = set(self.matching(address)), set(self._beginning(address.tokens))
        scores = {row: score for _, score, row in hits}

        def order(row: int) -> tuple[int, float, float, int]:
            whole = self._names[row] == typed
            tier = [whole, row in opening | fitting, row in begun, True].index(True)
            score = scores[row] if tier == _OTHERS else 0
            return tier, -score, -self.likeness(address, row), row

        return sorted({*opening, *fitting, *begun, *scores}, key=order)

    def nearly(self, address: Address) -> list[int]:
        """List the rows of streets of the written kind that have nearly the written name."""
        wanted = _plain(address.kind, address.tokens)
        hits = process.extract(
            wanted, self._plain, scorer=fuzz.token_set_ratio, limit=None, score_cutoff=NEARLY_SCORE
        )
        return sorted(row for _, _, row in hits if address.kind in (None, self.kinds[row]))

    def likeness(self, address: Address, row: int) -> float:
        """Compare what was written with a street's name: 1 for the same words, 0 for no letter."""
        return float(fuzz.ratio(_plain(address.kind, address.tokens), self._plain[row]) / 100)

    @cached_property
    def kinds(self) -> list[str | None]:
        """The kind of every street, such as ``viale``."""
        return [address.kind for address in self._parsed]

    def _fitting(self, wanted: tuple[str, ...]) -> list[int]:
        longest = max(wanted, key=len, default="")
        if len(longest) < 2:  # noqa: PLR2004 - an initial alone names no street
            return []
        whole_first = sorted(wanted, key=len, reverse=True)
        rows = self._by_word.get(longest, ())
        return sorted(row for row in rows if self._fits(whole_first, row))

    def _beginning(self, wanted: tuple[str, ...]) -> list[int]:
        # The last word may be half typed; alone, its first letters begin too many.
        *whole, half = wanted
        if len(half) < SHORT_LETTERS and not whole:
            return []
        return [
            row
            for row, words in enumerate(self._words)
            if any(word.startswith(half) for word in words) and set(whole) <= set(words)
        ]

    def _fits(self, whole_first: list[str], row: int) -> bool:
        left = list(self._words[row])
        for word in whole_first:
            match = next((own for own in left if same_word(word, own)), None)
            if match is None:
                return False
            left.remove(match)
        return True

    @cached_property
    def _parsed(self) -> list[Address]:
        return [parse(name) for name in self._streets]

    @cached_property
    def _names(self) -> list[str]:
        return [plain(name) for name in self._streets]

    @cached_property
    def _words(self) -> list[tuple[str, ...]]:
        return [_public(address.tokens) for address in self._parsed]

    @cached_property
    def _plain(self) -> list[str]:
        pairs = zip(self.kinds, self._words, strict=True)
        return [_plain(kind, words) for kind, words in pairs]

    @cached_property
    def _by_word(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for row, words in enumerate(self._words):
            for word in set(words):
                index[word].append(row)
        return index

    @cached_property
    def _by_letters(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for row, address in enumerate(self._parsed):
            index[letters(address.street)].append(row)
        return index


def _plain(kind: str | None, words: tuple[str, ...]) -> str:
    return " ".join(filter(None, [kind, *_public(words)]))


def _public(words: tuple[str, ...]) -> tuple[str, ...]:
    # "Via Privata Iglesias" is written via Iglesias as often.
    return tuple(word for word in words if word not in _PRIVATE) or words
