"""What a list of services lets one say, in the language of the reader."""

from collections.abc import Mapping
from typing import Any

from api.i18n.language import Words
from mapping.coverage.list_words import SHARE_TEXTS, known_text, list_texts, telling


def list_sentence(declared: Mapping[str, Any], words: Words) -> str:
    """Say what a list, as `queries.completeness` gives it, lets one claim."""
    sentences = [words.fill(words.gettext(text), **parts) for text, parts in list_texts(declared)]
    return " ".join(sentences)


def share_words(column: str, share: float | None, declared: Mapping[str, Any], words: Words) -> str:
    """Write a share of a column of `tables.COVERAGE` as a list lets it be told."""
    manner = telling(column, share, declared)
    if share is None or manner in ("untold", "unknown"):
        text = SHARE_TEXTS["untold"] if manner == "untold" else "non noto"
        return words.gettext(text)
    percent = words.percent(share)
    at_least = SHARE_TEXTS["at_least"]
    return words.gettext(at_least) % {"share": percent} if manner == "at_least" else percent


def of_known(declared: Mapping[str, Any], words: Words) -> str:
    """Name the services of which figures are; nothing where they are all of them."""
    text, parts = known_text(declared)
    return words.fill(words.gettext(text), **parts) if text else ""
