"""What a list of services lets one say, and who counted people, in the language of the reader."""

from collections.abc import Mapping
from typing import Any

from api.i18n.language import Words
from mapping.coverage.list_words import (
    completeness_text,
    known_text,
    list_texts,
    share_text,
)
from mapping.coverage.people_words import Bases, people_text
from mapping.maps.map_words import counted
from mapping.taxonomy import Category
from mapping.walk_words import MEASURED, Basis


def list_sentence(declared: Mapping[str, Any], words: Words) -> str:
    """Say what a list, as `queries.completeness` gives it, lets one claim."""
    sentences = [words.fill(words.gettext(text), **parts) for text, parts in list_texts(declared)]
    return " ".join(sentences)


def completeness_sentence(declared: Mapping[str, Any], words: Words) -> str:
    """Say how complete a list is, without how many of it have no place."""
    text, parts = completeness_text(declared)
    return words.fill(words.gettext(text), **parts)


def people_sentence(kind: Category | None, bases: Bases, words: Words) -> str:
    """Say who counted the people a category is for, and when; of several categories if None."""
    text, parts = people_text(kind, bases)
    return words.fill(words.gettext(text), **parts)


def people_number(number: int, kind: Category, words: Words) -> str:
    """Write a number of the people a category is for, with their one name."""
    texts = {
        "children": words.ngettext("%(num)s bambino", "%(num)s bambini", number),
        "teens": words.ngettext("%(num)s ragazzo", "%(num)s ragazzi", number),
        "both": words.ngettext("%(num)s bambino o ragazzo", "%(num)s bambini e ragazzi", number),
        "births": words.ngettext(
            "%(num)s bambino sotto un anno", "%(num)s bambini sotto un anno", number
        ),
        "women_15_49": words.ngettext(
            "%(num)s donna di 15-49 anni", "%(num)s donne di 15-49 anni", number
        ),
        "residents": words.ngettext("%(num)s residente", "%(num)s residenti", number),
        "people": words.ngettext("%(num)s persona", "%(num)s persone", number),
    }
    return words.fill(texts[counted(kind)], num=number)


def share_words(
    column: str,
    share: float | None,
    declared: Mapping[str, Any],
    words: Words,
    basis: Basis = MEASURED,
) -> str:
    """Write a share of a column of `tables.COVERAGE` as a list, and its basis, let it be told."""
    text, whole = share_text(column, share, declared)
    written = words.gettext(text) % {"share": words.percent(whole)}
    return words.share_on(basis, written) if whole else written


def of_known(declared: Mapping[str, Any], words: Words) -> str:
    """Name the services of which figures are; nothing where they are all of them."""
    text, parts = known_text(declared)
    return words.fill(words.gettext(text), **parts) if text else ""
