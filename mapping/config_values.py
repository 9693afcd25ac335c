"""What a value of a configuration may be: plain texts, finite numbers, patterns that end."""

import re
import warnings
from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from mapping.text import plain, without_controls

MAX_DEPTH = 12
MAX_TEXT_LETTERS = 4_000
MAX_NUMBER = 1e12
MAX_LABEL_LETTERS = 80
MAX_PLAIN_TEXT_LETTERS = 500
MAX_PATTERN_LETTERS = 500
MATCHED_LETTERS = 500
"""A pattern is matched against this much of a cell: with `MAX_WIDE` that ends within a second."""
MAX_UNBOUNDED, MAX_WIDE = 4, 2
"""Quantifiers without an upper bound in a pattern, and those of ``.`` and the like among them."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LAID_OUT = str.maketrans("\t\n\r", "   ")
_TOKEN = re.compile(
    r"(?P<atom>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<opens>\((?:\?(?:P<\w+>|P=\w+|[a-zA-Z-]+:|<?[=!]|[:>#]|[a-zA-Z]+(?=\))))?)|(?P<closes>\))"
    r"|(?P<repeats>[*+?]|\{\d*,?\d*\})|(?P<other>.)",
    re.DOTALL,
)
_WIDE = (".", r"\S", r"\D", r"\W")


def unfit_value(document: dict[str, Any]) -> str | None:
    """Find the first value of a TOML document that no setting may have; None without one.

    That is a character that steers a terminal, a number that is not finite or out of all measure,
    a text or a nesting without end.
    """
    for where, value in _leaves(document):
        name = shortened(".".join(where))
        if len(where) > MAX_DEPTH:
            return f"'{name}' is nested more than {MAX_DEPTH} deep. Write it flatter."
        if isinstance(value, str) and _steers(value):
            return f"'{name}' holds a control character. Remove it."
        if isinstance(value, str) and len(value) > MAX_TEXT_LETTERS:
            return f"'{name}' has more than {MAX_TEXT_LETTERS} letters. Shorten it."
        if isinstance(value, int | float) and not (isfinite(value) and abs(value) <= MAX_NUMBER):
            return f"'{name}' = {shortened(str(value))} is out of all measure. Give a real number."
    return None


def _leaves(document: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    # Without recursion: dotted keys nest deeper than Python calls.
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict | list) and len(where) <= MAX_DEPTH:
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, part in items:
                yield (*where, "key"), str(key)
                waiting.append(((*where, str(key)), part))
        else:
            yield where, value


def _steers(text: str) -> bool:
    laid_out = text.translate(_LAID_OUT)
    return without_controls(laid_out) != laid_out


def shortened(text: str, letters: int = MAX_LABEL_LETTERS) -> str:
    """Cut a text that a message repeats, so that the message stays one line to read."""
    return text if len(text) <= letters else f"{text[:letters]}…"


def letters_alone(text: str) -> str:
    """Reduce a text to its letters and digits, small and without accents, to compare it."""
    return "".join(letter for letter in plain(text).casefold() if letter.isalnum())


def identifier(name: str) -> str:
    """Return a name that may be an id; raises ValueError, with the rule, for any other."""
    if not _ID.fullmatch(name):
        raise ValueError(
            "is no id: use up to 60 small letters, digits and _, beginning with a letter"
        )
    return name


def _plain_text(text: str, letters: int) -> str:
    if not text or text != " ".join(text.split()):
        raise ValueError("write words with single blanks between them, in one line")
    if len(text) > letters:
        raise ValueError(f"has {len(text)} letters, and may have {letters}")
    if "<" in text or ">" in text:
        raise ValueError("is shown as plain text: leave out < and >")
    return text


def _label(text: str) -> str:
    return _plain_text(text, MAX_LABEL_LETTERS)


def _sentence(text: str) -> str:
    return _plain_text(text, MAX_PLAIN_TEXT_LETTERS)


def _inner_path(path: str) -> str:
    parts = PurePosixPath(path)
    if not path or parts.is_absolute() or ".." in parts.parts or "\\" in path:
        raise ValueError("leads outside its folder: give a path below it, without '..'")
    return path


def _ending_pattern(pattern: object) -> object:
    """Refuse a regular expression that is none, or may try without end."""
    if not isinstance(pattern, str):
        return pattern
    if not pattern:
        raise ValueError("is empty: write . for any text")
    if len(pattern) > MAX_PATTERN_LETTERS:
        raise ValueError(f"has {len(pattern)} letters, and may have {MAX_PATTERN_LETTERS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            compiled = re.compile(pattern)
    except (re.error, FutureWarning, RecursionError, OverflowError) as problem:
        raise ValueError(f"is no regular expression: {problem}") from None
    if compiled.flags & re.VERBOSE:
        raise ValueError("takes blanks for nothing with (?x): leave that out")
    _refuse_repeated_groups(pattern)
    _refuse_many_quantifiers(pattern)
    return pattern


def _refuse_repeated_groups(pattern: str) -> None:
    # By group that is open: whether its text can be divided in several ways.
    ambiguous = [False]
    after_ambiguous = False
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup, token.group()
        if kind == "repeats" and text != "?" and after_ambiguous:
            raise ValueError(
                "repeats a group that itself repeats or chooses, which may try without end:"
                " repeat a single letter or class"
            )
        after_ambiguous = False
        if kind == "opens":
            ambiguous.append(False)
        elif kind == "closes" and len(ambiguous) > 1:
            after_ambiguous = ambiguous.pop()
            ambiguous[-1] |= after_ambiguous
        elif kind == "repeats" or text == "|":
            ambiguous[-1] = True


def _refuse_many_quantifiers(pattern: str) -> None:
    tokens = [token.group() for token in _TOKEN.finditer(pattern)]
    repeated = [
        atom
        for atom, text in pairwise(tokens)
        if text in ("*", "+") or (text.startswith("{") and text.endswith(",}"))
    ]
    wide = [atom for atom in repeated if atom in _WIDE or atom.startswith("[^")]
    if len(repeated) > MAX_UNBOUNDED or len(wide) > MAX_WIDE:
        raise ValueError(
            f"has more than {MAX_UNBOUNDED} of * and +, or more than {MAX_WIDE} after . or [^…],"
            " which may try without end: write a shorter pattern"
        )


Label = Annotated[str, AfterValidator(_label)]
"""What people read of a thing: plain text in one line."""
Sentence = Annotated[str, AfterValidator(_sentence)]
"""A longer plain text in one line."""
InnerPath = Annotated[str, Field(max_length=500), AfterValidator(_inner_path)]
"""A path below the folder that is meant."""
PatternText = Annotated[str, AfterValidator(_ending_pattern)]
"""A regular expression, as a text."""
EndingPattern = Annotated[re.Pattern[str], BeforeValidator(_ending_pattern)]
"""A regular expression, compiled."""
Identifier = Annotated[str, AfterValidator(identifier)]
"""An id: small letters, digits and _, beginning with a letter."""
SHORT_NUMBER = re.compile(r"1[0-9]{2,5}")
"""Numbers of public use: nobody of one's own has such a phone."""
HelpLine = Annotated[str, Field(pattern=r"^(1[0-9]{2,5}|\+?[0-9]{2,4}( ?[0-9]{2,8}){1,4})$")]
"""The number of a help line: a short public one (1522, 116111), or one of a network of phones."""
Share = Annotated[float, Field(ge=0, le=1)]
"""From 0 to 1."""
