"""Misspells street names as people do, to measure the search while one types."""

import re

import numpy as np

from mapping.text import plain

SHORT = {"viale": "v.le", "piazza": "p.za", "corso": "c.so", "piazzale": "p.le", "via": "v."}
LETTERS = "abcdefghilmnopqrstuvz"


def with_typo(name: str, rng: np.random.Generator) -> str | None:
    """Lose, double, mistake or swap a letter of the longest word; None when it is short."""
    word = max(name.split(), key=len)
    at = int(rng.integers(1, len(word) - 1)) if len(word) > 3 else 0  # noqa: PLR2004 - shorter ones are all typo
    if not at:
        return None
    wrong = LETTERS[int(rng.integers(len(LETTERS)))]
    ways = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + wrong + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return name.replace(word, ways[int(rng.integers(len(ways)))])


def without_accents(name: str, _rng: np.random.Generator) -> str | None:
    """Leave out accents and apostrophes; None when there are none."""
    bare = plain(name).replace("'", " ")
    return bare if bare != name.lower() else None


def in_other_order(name: str, _rng: np.random.Generator) -> str | None:
    """Put the words in the opposite order, the kind last; None for a single word."""
    kind, *words = name.split()
    return " ".join([*reversed(words), kind]) if len(words) > 1 else None


def with_short_kind(name: str, _rng: np.random.Generator) -> str | None:
    """Abbreviate the kind of the street; None where it has no short form."""
    kind, _, rest = name.partition(" ")
    return f"{SHORT[kind.lower()]} {rest}" if kind.lower() in SHORT else None


def by_last_word(name: str, _rng: np.random.Generator) -> str | None:
    """Keep the kind and the last word, usually a surname; None for a single word."""
    kind, *words = name.split()
    return f"{kind} {words[-1]}" if len(words) > 1 and re.fullmatch(r"\w+", words[-1]) else None


def unfinished(name: str, _rng: np.random.Generator) -> str | None:
    """Keep the first two thirds, as one types."""
    return name[: max(len(name) * 2 // 3, 8)]
