"""The words of names, found by a word that is whole, half typed, or has one letter wrong."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from rapidfuzz.distance import OSA

WHOLE, BEGUN, MISTYPED = 1.0, 0.9, 0.8
"""How well a word answers another."""
TYPO_LETTERS = 4
"""A shorter word with a wrong letter is any word."""
BEGUN_LETTERS = 2


class Vocabulary:
    """Words, looked up in a time that does not grow with their number."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._known = set(self._words)

    def answering(self, written: str, *, unfinished: bool) -> dict[str, float]:
        """Give the words that a written one may mean, each with how well it answers.

        `unfinished` is the last word, which may be half typed.
        """
        answers = dict.fromkeys(self._mistyped(written), MISTYPED)
        if unfinished and len(written) >= BEGUN_LETTERS:
            answers |= dict.fromkeys(self.begun(written), BEGUN)
        if written in self._known:
            answers[written] = WHOLE
        return answers

    def begun(self, written: str) -> list[str]:
        """Give the words that begin so."""
        first = bisect_left(self._words, written)
        return self._words[first : bisect_left(self._words, written + "\uffff", lo=first)]

    def _mistyped(self, written: str) -> list[str]:
        if len(written) < TYPO_LETTERS or written.isdigit():
            return []
        near = {word for cut in _cuts(written) for word in self._by_cut.get(cut, ())}
        return [word for word in near if OSA.distance(written, word, score_cutoff=1) <= 1]

    @cached_property
    def _by_cut(self) -> dict[str, list[str]]:
        # Two words that differ by one letter share what is left of them without it.
        by_cut: dict[str, list[str]] = defaultdict(list)
        for word in self._words:
            if len(word) >= TYPO_LETTERS and not word.isdigit():
                for cut in _cuts(word):
                    by_cut[cut].append(word)
        return by_cut


def _cuts(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
