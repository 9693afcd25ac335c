"""Match the abbreviated street names of a register with the names of drawn streets."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from mapping.geocoding.address import SHORT_LETTERS, kind_of, letters, parse, same_street, tokens
from mapping.text import plain, readable

ALIKE_SCORE = 88
"""Of 100: a name without another match, this similar, is misspelt."""
SURNAME_LETTERS = 5
_BEHIND, _IN_FRONT = re.compile(r"^(.+?)\s*\(([^)]+)\)$"), r"\2 \1"
"""What a register puts behind a name, to sort by its main word: ``GOTTARDO (SAN)``."""
_NICKNAMED = re.compile(r"(.+?)\s*\(DETT[OA] ([^)]+)\)", re.IGNORECASE)
_APOSTROPHE = re.compile(r"\b(dell|all|nell|sant|de|d)'\s*(?=\w)", re.IGNORECASE)
_GLUED = re.compile(r"^(dell|all|nell|sant|d)(?=[aeiouh])")


@dataclass(frozen=True)
class Registered:
    """A street as a register of civic numbers has it, and the areas in which its numbers are."""

    code: str
    kind: str
    street: str
    areas: frozenset[str | None]
    names: tuple[str, ...] = ()
    """What else it is called, in full."""

    @property
    def readings(self) -> list[tuple[str | None, str]]:
        """What kind and name may mean: "FORO BUONAPARTE" under the kind VIA is a foro."""
        return [reading for name in (self.street, *self.names) for reading in self._readings(name)]

    @property
    def full_names(self) -> list[str]:
        """Its full names with their kind, and last a short one that is cut: ``ALBERTI LEON BATT``.

        A surname alone is that of others too.
        """
        kind = kind_of(self.kind) or self.kind
        short = set(tokens(self.street))
        is_part = any(short <= set(tokens(name)) for name in self.names)
        written = self.names if is_part else (*self.names, self.street)
        names = [name for each in written for name in _each_name(each)]
        return [f"{kind} {_BEHIND.sub(_IN_FRONT, name)}".strip() for name in names]

    def _readings(self, name: str) -> list[tuple[str | None, str]]:
        # "RAMAZZINI BERN.NO" is cut in the middle, "SPALLANZANI L.V" has an initial too many.
        street = re.sub(r"\.[A-Za-z]{1,2}(?=$|\s)", "", name)
        head, _, rest = street.partition(" ")
        inner = kind_of(head) if rest else None
        return [(kind_of(self.kind), street), *([(inner, rest)] if inner else [])]


def is_sorted_by_word(name: str) -> bool:
    """Whether a drawn name is written as registers sort it: ``VIA PROVA MARIA (SANTA)``."""
    return _BEHIND.match(name) is not None


def _each_name(name: str) -> list[str]:
    # "MARTINI SIMONE (DETTO MEMMI)" is Simone Martini, and Simone Memmi.
    match = _NICKNAMED.fullmatch(name)
    return [match[1], f"{match[1].partition(' ')[2]} {match[2]}".strip()] if match else [name]


class StreetNames:
    """The names of drawn streets, by row, to be matched with the abbreviated names of a register.

    `areas` are those that each street runs through.
    """

    def __init__(self, names: list[str], areas: list[set[str | None]]) -> None:
        self._names = names
        self._areas = areas
        self._parsed = [parse(name) for name in names]
        self._by_word: dict[str, set[int]] = defaultdict(set)
        for row, address in enumerate(self._parsed):
            for word in (*address.tokens, *tokens(_closed(address.street))):
                self._by_word[word].add(row)

    def matched(self, streets: Iterable[Registered]) -> dict[str, int]:
        """Match the streets of a whole register: rows of `names` by street code.

        Streets that are not drawn, or could be several, are left out.
        """
        wanted = list(streets)
        claims = {street.code: self._same(street) for street in wanted}
        best: dict[int, int] = {}
        for claim in filter(None, claims.values()):
            best[claim[1]] = min(claim[0], best.get(claim[1], claim[0]))
        # "SORA" may be cut from "SORANZO", but not where SORANZO is in the register as well.
        rows = {
            code: claim[1] for code, claim in claims.items() if claim and claim[0] == best[claim[1]]
        }
        free = set(range(len(self._names))) - set(rows.values())
        for street in wanted:
            left = self._left_over(street, free) if street.code not in rows else None
            if left is not None:
                rows[street.code] = left
                free.discard(left)
        return rows

    def _same(self, wanted: Registered) -> tuple[int, int] | None:
        """How unlike the most alike of the drawn names is, and its row."""
        for kind, street in wanted.readings:
            scored = sorted(
                (-len(wanted.areas & self._areas[row]), unlike, row)
                for row in self._candidates(street)
                if kind == self._parsed[row].kind
                and wanted.areas & self._areas[row]
                and (unlike := _unlike(street, self._parsed[row].street)) is not None
            )
            if scored and [candidate[:2] for candidate in scored].count(scored[0][:2]) == 1:
                return scored[0][1:]
        return None

    def _candidates(self, street: str) -> set[int]:
        words = {*tokens(street), *tokens(_closed(street))}
        whole = [word for word in words if word in self._by_word]
        if whole:
            return set.union(*(self._by_word[word] for word in whole))
        first = tokens(_closed(street))[0]
        starts = [word for word in self._by_word if len(first) > 3 and word.startswith(first)]  # noqa: PLR2004 - shorter ones begin too many
        return {row for word in starts for row in self._by_word[word]}

    def _left_over(self, wanted: Registered, free: set[int]) -> int | None:
        """Find the only similar name among those not yet matched."""
        kind, street = wanted.readings[0]
        words, text = tokens(_closed(street)), plain(_closed(f"{kind} {street}"))
        near = [
            row
            for row in sorted(free)
            if wanted.areas & self._areas[row] and _same_kind(kind, self._parsed[row].kind)
        ]
        scores = [fuzz.token_sort_ratio(text, plain(_closed(self._names[row]))) for row in near]
        if max(scores, default=0) >= ALIKE_SCORE:
            return near[scores.index(max(scores))]
        kin = [row for row in near if _kin(words, tokens(_closed(self._parsed[row].street)))]
        return kin[0] if len(kin) == 1 else None


def aliases_of(streets: list[str], others: Mapping[int, list[str]]) -> list[tuple[int, str]]:
    """Choose what streets are called besides their own names, as row and name.

    `streets` are the names, with their kind; `others` more names by row. A name of the same words
    in another order tells nothing new, nor does one of fewer words that has the last (a register
    calls Sant'Antonio ``ANTONIO``); none may be the own name of another street: a map that takes
    one street for the other would send a family there.
    """
    own = [_key(name) for name in streets]
    rows_of = defaultdict(set)
    for row, (kind, words) in enumerate(own):
        rows_of[kind, frozenset(words)].add(row)
    aliases: list[tuple[int, str]] = []
    for row, names in sorted(others.items()):
        known = [own[row]]
        for name in names:
            kind, words = _key(name)
            is_short = (
                len(letters(parse(name).street)) < SHORT_LETTERS or "?" in name
            )  # a lost letter
            is_known = any(_is_part((kind, words), other) for other in known)
            if is_short or is_known or rows_of[kind, frozenset(words)] - {row}:
                continue
            known.append((kind, words))
            aliases.append((row, readable(name.upper())))
    return aliases


_Key = tuple[str | None, tuple[str, ...]]


def _is_part(name: _Key, known: _Key) -> bool:
    """Whether a name has some of the words of a known one, the last with them."""
    return name[0] == known[0] and set(known[1][-1:]) <= set(name[1]) <= set(known[1])


def _key(name: str) -> _Key:
    address = parse(name)
    return address.kind, address.tokens


def with_apostrophes(name: str, register: str) -> str:
    """Restore the apostrophes of a drawn name from the register's.

    ``VIA CARLO DADDA`` with ``D'ADDA CARLO`` is ``VIA CARLO D'ADDA``.
    """
    register_words = {letters(word): word for word in re.sub(r"'\s+", "'", register).split()}

    def spelt(word: str) -> str:
        registered, glued = register_words.get(letters(word)), _GLUED.match(letters(word))
        if registered is not None:
            return registered if re.search(r"'\w", registered) and "'" not in word else word
        if glued and letters(word)[glued.end() :] in register_words and "'" not in word:
            return f"{word[: glued.end()]}'{word[glued.end() :]}"
        return word

    return " ".join(map(spelt, name.split()))


def _closed(text: str) -> str:
    # Some drawn names have lost their apostrophes: "DADDA", "SANTABBONDIO".
    return _APOSTROPHE.sub(r"\1", text)


def _unlike(register: str, name: str) -> int | None:
    ways = (same_street(register, name), same_street(_closed(register), _closed(name)))
    return min((way for way in ways if way is not None), default=None)


def _same_kind(kind: str | None, drawn_kind: str | None) -> bool:
    return kind == drawn_kind or drawn_kind is None or {kind, drawn_kind} == {"via", "viale"}


def _kin(register: tuple[str, ...], name: tuple[str, ...]) -> bool:
    # A rare surname and the beginnings of the rest: "GOBETTI PIERO" is Piazza Pietro Gobetti.
    surname, *rest = register
    own = [word for word in name if surname not in (word, _GLUED.sub("", word))]
    if len(surname) < SURNAME_LETTERS or len(own) == len(name) or len(own) > len(register):
        return False
    return not own or all(any(word[:2] == other[:2] for other in own) for word in rest)
