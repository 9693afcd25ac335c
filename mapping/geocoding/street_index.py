"""Index of street names, tolerant of typos, abbreviations and word order."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, partial

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from mapping.geocoding.address import (
    MAX_LETTERS,
    PARTICLES,
    SHORT_LETTERS,
    Address,
    letters,
    parse,
    same_word,
    stands_for_itself,
    tokens,
)
from mapping.geocoding.named_places import rivalled_share
from mapping.geocoding.sounds import sound
from mapping.geocoding.vocabulary import TYPO_LETTERS, Vocabulary
from mapping.text import plain

SEARCH_SCORE = 60
"""Below this likeness, of 100, a street is not offered."""
NEARLY_SCORE = 90
"""A street that is this much alike may be meant, if everything else agrees."""
MOST_SCORED = 400
"""So many names at the most are compared letter by letter, if any of their words was written."""
OTHER_NUMBER = 0.5
"""What is left of the likeness of a street that is called after another day or year."""
ENDED = 4
"""So many times as likely is a name that ends with the written words as one that goes on from them:
who has more to write goes on writing."""
BEGUN_NAMES = 3
"""A word with which so many names begin is a first name, or the like."""
UNANSWERED = 0.5
"""What is left at the least of the likeness of a street that lacks written words."""
_OTHERS = 3
"""The last tier of `alike`: whatever is spelt alike."""
SQUARES = {"piazza", "piazzale", "piazzetta"}
"""Kinds that people take for one another."""


class StreetIndex:
    """Street names with their kind, such as ``Via Padova``, indexed by their words.

    `aliases` are more names, each with the row of its street: rows are those of streets throughout.
    `weights` say how often each street is likely to be asked for.
    """

    def __init__(
        self,
        streets: list[str],
        aliases: Sequence[tuple[int, str]] = (),
        weights: Sequence[float] = (),
    ) -> None:
        self._count = len(streets)
        self._weights = list(weights) or [0.0] * len(streets)
        self._written = [*streets, *(name for _, name in aliases)]
        self._ends_by_length: dict[int, dict[int, str]] = {}
        self._street = [*range(len(streets)), *(row for row, _ in aliases)]

    def matching(self, address: Address) -> list[int]:
        """List the rows of every street, of any kind, that an address may mean.

        Streets of exactly these words if there are any, else of these and more.
        """
        return self._matching(address, in_part=self._is_told(address))

    def _is_told(self, address: Address) -> bool:
        """Whether more than first names was written: with an article they are a surname."""
        if not self._first_names.issuperset(address.public_tokens):
            return True
        return re.split("[ ']", plain(address.street))[0] in PARTICLES

    def _matching(self, address: Address, *, in_part: bool) -> list[int]:
        """List the rows of `matching`; names that say more only where they fit `in_part`."""
        glued = self._by_letters.get(letters(address.street), [])
        words = address.public_tokens
        fitting = self._with_last_particle(address.street, self._fitting(words))
        names = [name for name in fitting if self._words[name][-1] in words]
        whole = self._complete(address, names, fitting)
        names = names if in_part else []
        # What a register cut off is the beginning of a name: all that it left has to be written.
        names = whole or [name for name in names if name not in self._cut]
        if not (glued or fitting):
            names = self._abbreviated(address.street)
        return self._streets_of([*glued, *whole] or names)

    def having(self, address: Address) -> list[int]:
        """List the rows of the streets whose names have all the words, wherever they stand."""
        return self._streets_of(self._fitting(address.public_tokens))

    def named(self, address: Address) -> list[int]:
        """List the rows of the streets that have exactly the written words, and the written kind.

        Where no street of that kind has them, of any kind; those that are written so, article and
        all, first.
        """
        words = sorted(address.public_tokens)
        known = self._by_word.get(max(words, key=len, default=""), ())
        exact = [name for name in known if sorted(self._words[name]) == words]
        numbered = [name for name in known if sorted(self._words[name][:-1]) == words]
        names = self._complete(address, exact, numbered)
        same = [name for name in names if self._parsed[name].kind == address.kind]
        typed = _typed(address)
        return self._streets_of(sorted(same or names, key=lambda name: self._names[name] != typed))

    def going_on(self, address: Address) -> list[int]:
        """List the rows of the streets whose name begins with what was written, and goes on."""
        rows = self._streets_of(self._opening(_typed(address)))
        return sorted(rows, key=lambda row: (-self.likeness(address, row), row))

    def alike(self, address: Address, limit: int, *, fits: bool = False) -> list[int]:
        """List the rows of similar streets, best first; at most `limit` besides those that fit.

        Where a street `fits`, what is merely spelt alike is left out.

        First streets that begin with what was typed, then those that fit, those with a word that
        begins so, the street with most numbers first, since it is asked most often; then the
        others by likeness.
        """
        wanted = address.with_kind
        if not address.tokens:
            # Of signs and of foreign letters no word is left: then no street is like another.
            return []
        typed = _typed(address)
        opening = set(self._opening(typed))
        fitting, begun = (
            set(self._matching(address, in_part=True)),
            set(self._beginning(address.tokens)),
        )
        enough = fits or len(opening) + len(begun) + len(fitting) >= limit
        scores = {} if enough else self._scores(wanted, address.tokens, 4 * limit)

        is_bare = address.kind is None and len(address.tokens) == 1
        is_told = self._is_told(address)

        def order(name: int) -> tuple[float, bool, float, float, int]:
            whole = self._names[name] == typed
            opens = name in opening or self._street[name] in fitting
            tier = [whole, opens, name in begun, True].index(True)
            likeness = self._likeness(address, name)
            if tier == _OTHERS:
                # A name that is a part of what was written is no likelier than the whole.
                return tier, False, -(scores[name] / 100 + likeness), 0.0, name
            # A word alone that is half typed is a whole name first, then a part of one.
            is_part = is_bare and len(self._words[name]) > 1
            is_other = self._is_other(address, name)
            weight = self._weights[self._street[name]]
            weight *= ENDED if is_told and self._street[name] in fitting else 1
            return tier + is_part / 2, is_other, -weight, -likeness, name

        names = sorted({*opening, *begun, *scores, *self._names_in(fitting)}, key=order)
        if is_bare:
            begun -= {*opening, *self._names_in(fitting)}
            names = self._each_word_first(names, begun, address.tokens[0])
        return self._streets_of(names)

    def _each_word_first(self, names: list[int], begun: set[int], half: str) -> list[int]:
        """Put the first street of each word that goes on from what was typed before the others.

        ``lore`` is piazzale Loreto as well, before every Lorenzo.
        """
        first: dict[str, int] = {}
        for name in filter(begun.__contains__, names):
            word = next(word for word in self._words[name] if word.startswith(half))
            first.setdefault(word, name)
        again = begun.difference(first.values())
        whole = [name for name in names if name not in again]
        end = 1 + max((at for at, name in enumerate(whole) if name in begun), default=-1)
        return [*whole[:end], *(name for name in names if name in again), *whole[end:]]

    def _is_other(self, address: Address, name: int) -> bool:
        """Whether a name is of another kind than the written one; people mix up squares."""
        kinds = {address.kind, self._parsed[name].kind}
        return address.kind is not None and len(kinds) > 1 and not kinds <= SQUARES

    def _scores(self, wanted: str, words: tuple[str, ...], limit: int) -> dict[int, float]:
        """Score the names that answer most of the words; where none answers any, all of them."""
        answered: Counter[int] = Counter()
        for at, word in enumerate(words):
            known = self._vocabulary.answering(word, unfinished=at == len(words) - 1)
            answered.update({name for own in known for name in self._by_word[own]})
        near = [name for name, _ in answered.most_common(MOST_SCORED)]
        choices = {name: self._plain[name] for name in near} or dict(enumerate(self._plain))
        hits = process.extract(
            wanted, choices, scorer=fuzz.token_set_ratio, limit=limit, score_cutoff=SEARCH_SCORE
        )
        return {name: score for _, score, name in hits}

    def nearly(self, address: Address) -> list[int]:
        """List the rows of streets of the written kind that have nearly the written name."""
        wanted = address.with_kind
        hits = process.extract(
            wanted, self._plain, scorer=fuzz.token_set_ratio, limit=None, score_cutoff=NEARLY_SCORE
        )
        rows = self._streets_of(name for _, _, name in hits)
        return sorted(row for row in rows if address.kind in (None, self.kinds[row]))

    def sounding(self, address: Address, limit: int, least_score: float) -> list[int]:
        """List the rows of streets whose name, or the end of it, sounds like what was written.

        `least_score` is the likeness of the sounds, of 100.
        """
        words = address.tokens
        heard = " ".join(map(sound, words))
        if len(heard) < SHORT_LETTERS:
            return []
        hits = process.extract(
            heard,
            self._ends(len(words)),
            scorer=fuzz.ratio,
            limit=4 * limit,
            score_cutoff=least_score,
        )
        weights, streets = self._weights, self._street
        hits.sort(key=lambda hit: (-round(hit[1]), -weights[streets[hit[2]]], hit[2]))
        return self._streets_of(name for _, _, name in hits)[:limit]

    def likeness(self, address: Address, row: int) -> float:
        """Compare what was written with a street's names: 1 for the same words, 0 for no letter."""
        return max(self._likeness(address, name) for name in self._names_of[row])

    def answering(self, address: Address, row: int) -> float:
        """Give the likeness of a street, less where it has not every word that was written.

        The last word may be half typed, but where a civic number follows it.
        """
        unfinished = address.civic is None
        words = address.public_tokens
        answered = max(
            sum(
                _answers(word, self._words[name], unfinished=unfinished and at == len(words) - 1)
                for at, word in enumerate(words)
            )
            for name in self._names_of[row]
        )
        return self.likeness(address, row) * max(answered / max(len(words), 1), UNANSWERED)

    def sounds_alike(self, address: Address, row: int) -> float:
        """Say how alike the end of a street's name sounds, less where it is a part of it."""
        heard, count = " ".join(map(sound, address.tokens)), len(address.tokens)
        return max(
            fuzz.ratio(heard, " ".join(self._sounds[name][-count:]))
            / 100
            * rivalled_share(count / len(self._sounds[name]))
            for name in self._names_of[row]
        )

    def letters_apart(self, address: Address, row: int) -> int:
        """Count the letters by which each written word is another than the nearest of a street."""
        return min(
            sum(min(map(partial(_apart, word), self._words[name])) for word in address.tokens)
            for name in self._names_of[row]
        )

    @cached_property
    def kinds(self) -> list[str | None]:
        """The kind of every street, such as ``viale``."""
        return [address.kind for address in self._parsed[: self._count]]

    def is_of_kind(self, row: int, kind: str | None) -> bool:
        """Whether a street is of a kind by any of its names; every street is of none."""
        return kind is None or kind in self._kinds_of[row]

    @cached_property
    def _kinds_of(self) -> list[frozenset[str | None]]:
        return [frozenset(self._parsed[name].kind for name in names) for names in self._names_of]

    def _complete(self, address: Address, names: Iterable[int], others: Iterable[int]) -> list[int]:
        """Choose the names of which all was written, but a numeral that ends one of `others`.

        It may be left out behind two words where no street of the kind is called so.
        """
        count = len(address.public_tokens)
        whole = [name for name in names if len(self._words[name]) == count]
        if count == 1 or any(self._parsed[name].kind == address.kind for name in whole):
            return whole
        ends = ((name, self._words[name]) for name in others)
        left = [name for name, own in ends if own[-1].isdigit() and len(own) == count + 1]
        return [*whole, *left]

    def _with_last_particle(self, street: str, names: list[int]) -> list[int]:
        """Choose the names that have the particle with which a text ends: more was to follow."""
        before, _, last = street.lower().rpartition(" ")
        if not before or len(last) == 1 or last not in PARTICLES:
            return names
        return [name for name in names if last in self._names[name].split()]

    @cached_property
    def _first_names(self) -> frozenset[str]:
        """Words with which several streets' names begin, and fewer end: they tell no street."""
        own = [words for words in self._words[: self._count] if len(words) > 1]
        begun, ended = Counter(words[0] for words in own), Counter(words[-1] for words in own)
        return frozenset(
            word for word, times in begun.items() if times >= BEGUN_NAMES and times > ended[word]
        )

    def _streets_of(self, names: Iterable[int]) -> list[int]:
        return list(dict.fromkeys(self._street[name] for name in names))

    @cached_property
    def _names_of(self) -> list[list[int]]:
        names: list[list[int]] = [[] for _ in range(self._count)]
        for name, row in enumerate(self._street):
            names[row].append(name)
        return names

    @cached_property
    def _cut(self) -> frozenset[int]:
        """The names, besides the streets' own, of which words are cut: ``Bernardino da Nova``."""
        others = range(self._count, len(self._words))
        return frozenset(
            name
            for name in others
            if _is_cut_off(self._words[name], self._words[self._street[name]])
        )

    def _likeness(self, address: Address, name: int) -> float:
        wanted = address.with_kind
        alike = float(fuzz.ratio(wanted, self._plain[name]) / 100)
        numbers = self._numbers[name]
        is_other = bool(numbers) and _is_other_number(address.tokens, numbers)
        return alike * OTHER_NUMBER if is_other else alike

    def _fitting(self, wanted: tuple[str, ...]) -> list[int]:
        longest = max(wanted, key=len, default="")
        if len(longest) < 2:  # noqa: PLR2004 - an initial alone names no street
            return []
        whole_first = sorted(wanted, key=len, reverse=True)
        # Of the words that a name has to have, the one that fewest have; always the longest.
        sure = [longest, *filter(stands_for_itself, wanted)]
        names = min((self._by_word.get(word, ()) for word in sure), key=len)
        return sorted(
            name for name in names if longest in self._words[name] and self._fits(whole_first, name)
        )

    def _abbreviated(self, street: str) -> list[int]:
        """List the names that fit with words cut at a dot: ``Vitt. Em.``, ``P.ta Romana``."""
        written = re.findall(r"[a-z0-9]+(?:\.[a-z]+)*\.?", plain(street[:MAX_LETTERS]))
        if not any("." in word for word in written):
            return []
        cuts = [word.split(".") for word in written if word not in PARTICLES]
        whole = [tokens(cut[0])[0] for cut in cuts if len(cut) == 1]
        if not all(word in self._by_word for word in whole):
            return []
        names = self._by_word[max(whole, key=len)] if whole else range(len(self._words))
        return [name for name in names if _fits_cut(cuts, self._words[name])]

    def _opening(self, typed: str) -> list[int]:
        texts, names = self._sorted
        first = bisect_left(texts, typed)
        return names[first : bisect_left(texts, typed + "\uffff", lo=first)]

    def _beginning(self, wanted: tuple[str, ...]) -> list[int]:
        # The last word may be half typed; alone, its first letters begin too many.
        *whole, half = wanted
        if len(half) < SHORT_LETTERS and not whole:
            return []
        begun = {name for word in self._vocabulary.begun(half) for name in self._by_word[word]}
        for word in whole:
            begun.intersection_update(self._by_word.get(word, ()))
        return sorted(begun)

    def _names_in(self, streets: Iterable[int]) -> list[int]:
        return [name for row in streets for name in self._names_of[row]]

    def _fits(self, whole_first: list[str], name: int) -> bool:
        left = list(self._words[name])
        for word in whole_first:
            is_own = word in left
            match = word if is_own else next((own for own in left if same_word(word, own)), None)
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
    def _sorted(self) -> tuple[list[str], list[int]]:
        pairs = sorted(zip(self._names, range(len(self._names)), strict=True))
        return [text for text, _ in pairs], [name for _, name in pairs]

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._by_word)

    @cached_property
    def _words(self) -> list[tuple[str, ...]]:
        return [address.public_tokens for address in self._parsed]

    @cached_property
    def _numbers(self) -> list[tuple[str, ...]]:
        return [tuple(word for word in words if word.isdigit()) for words in self._words]

    @cached_property
    def _sounds(self) -> list[list[str]]:
        heard = {word: sound(word) for word in self._by_word}
        return [[heard[word] for word in words] for words in self._words]

    def _ends(self, words: int) -> dict[int, str]:
        """Give how the last words of each name sound."""
        words = min(words, max(map(len, self._sounds), default=0))
        if words not in self._ends_by_length:
            ends = {name: " ".join(own[-words:]) for name, own in enumerate(self._sounds)}
            self._ends_by_length[words] = ends
        return self._ends_by_length[words]

    @cached_property
    def _plain(self) -> list[str]:
        return [address.with_kind for address in self._parsed]

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


def _is_cut_off(words: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether each word is one of a full name, or the beginning of one, and one is no more."""
    left = list(full)
    for word in words:
        own = word if word in left else next((own for own in left if own.startswith(word)), None)
        if own is None:
            return False
        left.remove(own)
    return not set(words) <= set(full)


def _fits_cut(cuts: list[list[str]], words: tuple[str, ...]) -> bool:
    """Whether each written word, cut at its dots, is another word of a name, the last one too."""
    left = list(words)
    for first, *rest in cuts:
        end = rest[-1] if rest else None
        match = next((own for own in left if _is_cut(first, end, own)), None)
        if match is None:
            return False
        left.remove(match)
    return words[-1] not in left


def _is_cut(first: str, end: str | None, own: str) -> bool:
    if end is None:
        return own in (first, *tokens(first))
    return own.startswith(first) and own.endswith(end)


def _apart(written: str, own: str) -> int:
    # An initial that is another's is a letter apart from any name.
    is_same = same_word(written, own)
    return int(not is_same) if len(written) == 1 or is_same else int(OSA.distance(written, own))


def _answers(written: str, words: Sequence[str], *, unfinished: bool) -> bool:
    """Whether one of some words is a written one, with a letter wrong, or goes on from it."""
    is_long = len(written) >= TYPO_LETTERS
    return any(
        same_word(written, word)
        or (unfinished and word.startswith(written))
        or (is_long and OSA.distance(written, word, score_cutoff=1) <= 1)
        for word in words
    )


def _is_other_number(written: Sequence[str], numbers: Sequence[str]) -> bool:
    """Whether numbers were written, and none of these: ``1`` and ``5`` Maggio."""
    parts = [word for word in written if word.isdigit()]
    is_common = any(number.startswith(part) for part in parts for number in numbers)
    return bool(parts) and not is_common


def _typed(address: Address) -> str:
    return plain(f"{address.kind or ''} {address.street}").strip()
