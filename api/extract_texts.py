"""The catalogues follow the pages: what is new is added empty, what is gone is dropped.

Run as `python -m api.wording` from a source checkout; `make words` does. The Italian texts are
those that templates and code mark, and the labels of the tables of the domain.
"""

import io
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.i18n.language import CATALOGUES, LANGUAGES, SOURCE
from api.planner.view import LEVELS
from api.planner.view_reader import FIELDS
from mapping.coverage.requirements import requirements
from mapping.hours.windows import windows
from mapping.indicators import indicators
from mapping.maps.map_words import CLASSES, REASONS, group, people
from mapping.taxonomy import categories
from mapping.walking.profiles import profiles

Text = str | tuple[str, ...] | list[str]
"""Of a message: one text, or the forms of the singular and of the plural."""
METHODS = [("pages/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
LINE = 100


def wording() -> Catalog:
    """Collect every Italian text that a person may read in another language.

    Returns
    -------
    Catalog
        Without translations.
    """
    found = Catalog()
    for text in chain(_marked(), _labels()):
        found.add(text)
    return found


def missing(catalogue: Catalog, found: Catalog) -> list[str]:
    """Tell what a catalogue does not translate.

    Parameters
    ----------
    catalogue : Catalog
        Of a language.
    found : Catalog
        Of `wording`.

    Returns
    -------
    list of str
        The Italian texts, the singular where there are two, in order.
    """
    said = {message.id for message in catalogue if _whole(message.string) and not message.fuzzy}
    return sorted(
        _singular(message.id) for message in found if message.id and message.id not in said
    )


def renew(path: Path, found: Catalog) -> Catalog:
    """Bring a catalogue up to date; its header and its translations stay.

    Parameters
    ----------
    path : Path
        A file of `api/i18n/locale/`.
    found : Catalog
        Of `wording`.

    Returns
    -------
    Catalog
        As it is written.
    """
    header = path.read_text(encoding="utf-8").partition("\n\n")[0]
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(found, no_fuzzy_matching=True)
    body = io.BytesIO()
    # Neither places nor dates: a catalogue changes where a text does, and nowhere else.
    plain = {"no_location": True, "omit_header": True, "ignore_obsolete": True}
    write_po(body, catalogue, LINE, sort_output=True, **plain)
    path.write_text(f"{header}\n\n{body.getvalue().decode().strip()}\n", encoding="utf-8")
    return catalogue


def main() -> None:
    """Renew every catalogue; print how many texts each still lacks."""
    found = wording()
    for code in LANGUAGES:
        if code != SOURCE:
            lacking = missing(renew(CATALOGUES / f"{code}.po", found), found)
            sys.stdout.write(f"{code}: {len(lacking)} of {len(found)} texts to translate\n")


def _marked() -> Iterator[Text]:
    code = Path(__file__).parent
    strict = {"**.html": {"silent": "false"}}
    for _, _, text, _, _ in extract_from_dir(code, METHODS, strict, KEYWORDS):
        yield text


def _labels() -> Iterator[str]:
    """Give the texts of the domain that pages translate when they show them."""
    for table in (categories(), profiles(), windows(), requirements(), indicators()):
        for entry in table.values():
            yield entry.label
    for indicator in indicators().values():
        yield from (indicator.group, indicator.meaning)
    for category in categories().values():
        yield from (group(category.group), people(category))
    yield from chain(CLASSES.values(), REASONS.values(), FIELDS.values(), LEVELS.values())


def _singular(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _whole(said: Text | None) -> bool:
    return said is not None and all([said] if isinstance(said, str) else said)


if __name__ == "__main__":
    main()
