"""Read the address of the planner's page; a wrong value is reported and the usual one shown."""

import re
from collections.abc import Mapping
from dataclasses import replace

from api.i18n.language import Words
from api.planner.view import CITY, ORDERS, SORTS, Offer, View, usual_category
from api.published import Published
from mapping.coverage.requirements import ANY
from mapping.coverage.situations import situations
from mapping.disclosure import SECTION, publishes_income, publishes_people
from mapping.edition.queries import coverage_table, usual_threshold
from mapping.errors import BadInputError, NoFiguresError
from mapping.indicators import CLASS, indicators
from mapping.lookup.nearest import Lookup

NAMING = re.compile(r"[\w:-]{1,40}")
"""Of wrong values those are repeated that may be a name: no link makes the page say a sentence."""
DIGITS = 4
FIELDS: Mapping[str, str] = {
    "category": "Servizio",
    "profile": "Chi cammina",
    "window": "Quando",
    "requirement": "Con quale esigenza",
    "level": "Per",
    "indicator": "Indicatore",
    "threshold": "Soglia in minuti",
    "versus": "Confronta con un altro indicatore",
    "since": "Confronta con un'altra edizione",
    "zones": "Zone grigie sulla mappa",
    "sort": "Ordine della tabella",
    "order": "Ordine della tabella",
}
"""What the page calls what may be chosen."""


def read_view(
    query: Mapping[str, str], reading: Published, offered: Offer, words: Words
) -> tuple[View, list[str]]:
    """Read a query into a view that can be shown, with a sentence for each value that broke a rule.

    Fields that are none of the view's are passed over.
    """
    reader = _ViewReader(query, words)
    usual = View(level=reading.lookup.levels[0])
    category = reader.chosen("category", offered.category, usual_category(reading.edition))
    parts = {
        name: reader.chosen(name, getattr(offered, name), getattr(usual, name))
        for name in ("profile", "window", "requirement", "level", "indicator")
    }
    view = View(
        category,
        **parts,
        threshold=int(
            reader.chosen("threshold", offered.threshold, str(usual_threshold(category)))
        ),
        versus=reader.chosen("versus", offered.indicator, ""),
        since=reader.chosen("since", offered.since, ""),
        zones=reader.chosen("zones", ("1",), ""),
        area=reader.area(reading.lookup),
        sort=reader.chosen("sort", SORTS, usual.sort),
        order=reader.chosen("order", ORDERS, usual.order),
        page=reader.page(),
    )
    return _published(_alone(_computed(view, reader), reader), reading, reader), reader.problems


class _ViewReader:
    """Reads one field after the other, and gathers what is wrong."""

    def __init__(self, query: Mapping[str, str], words: Words) -> None:
        self._query, self.words = query, words
        self.problems: list[str] = []

    def tell(self, sentence: str, **parts: str) -> None:
        self.problems.append(sentence % parts)

    def tell_wrong(self, sentence: str, value: str, **parts: str) -> None:
        self.tell(sentence, value=value if NAMING.fullmatch(value) else "…", **parts)

    def chosen(self, name: str, offered: Mapping[str, str] | tuple[str, ...], usual: str) -> str:
        value = self._query.get(name, "") or usual
        if value in offered or value == usual:
            return value
        if name in ("indicator", "versus") and value in indicators():
            self.tell(
                self.words.gettext("«%(value)s» non è in questa edizione: scegli un'altra voce."),
                value=indicators()[value].label,
            )
            return usual
        self.tell_wrong(
            self.words.gettext("«%(value)s» non è fra le scelte di «%(field)s»: scegline una qui."),
            value,
            field=self.words.gettext(FIELDS[name]),
        )
        return usual

    def area(self, lookup: Lookup) -> str:
        value = self._query.get("area", "")
        level, _, area_id = value.partition(":")
        if not value or area_id in _ids(lookup, level):
            return value
        self.tell_wrong(
            self.words.gettext(
                "«%(value)s» non è un'area di questa città: sceglila dalla tabella."
            ),
            value,
        )
        return ""

    def page(self) -> int:
        value = self._query.get("page", "") or "1"
        if value.isascii() and value.isdigit() and len(value) <= DIGITS and int(value):
            return int(value)
        self.tell_wrong(
            self.words.gettext("«%(value)s» non è il numero di una pagina: ecco la prima."), value
        )
        return 1


def _computed(view: View, reader: _ViewReader) -> View:
    if view.situation in situations():
        return view
    reader.tell(
        reader.words.gettext(
            "Le esigenze sono calcolate solo per un adulto, in qualsiasi momento: questa mappa è"
            " senza. Per vederla scegli «Adulto» e «In qualsiasi momento»."
        )
    )
    return replace(view, requirement=ANY)


def _alone(view: View, reader: _ViewReader) -> View:
    if not (view.versus and view.since):
        return view
    reader.tell(
        reader.words.gettext(
            "Si confrontano due indicatori oppure due edizioni, non tutti insieme: ecco le due"
            " edizioni. Per gli indicatori togli l'edizione."
        )
    )
    return replace(view, versus="")


def _published(view: View, reading: Published, reader: _ViewReader) -> View:
    """Keep to what is published of an area so small: of sections class and minutes, if known."""
    if publishes_people(view.level):
        return _above_postcodes(view, reading, reader)
    try:
        coverage_table(reading.edition, view.category, SECTION, view.situation)
    except NoFiguresError:
        return view  # its page says so
    except BadInputError:
        reader.tell(
            reader.words.gettext(
                "Di nessuno di questi servizi si sa qualcosa che conti in questo momento o per"
                " questa esigenza: per sezione non c'è una mappa. Ecco la più vicina che c'è."
            )
        )
        return replace(view, level=reading.lookup.levels[0])
    if view.shown.sections and (view.second is None or view.second.sections):
        return view
    reader.tell(
        reader.words.gettext(
            "Delle sezioni si pubblicano solo la classe, la parola e i minuti, perché ci vivono"
            " poche persone: scegli uno di questi, oppure un livello più grande."
        )
    )
    apart = view.second is None or view.second.sections
    return replace(
        view,
        indicator=view.indicator if view.shown.sections else CLASS,
        versus=view.versus if apart else "",
    )


def _above_postcodes(view: View, reading: Published, reader: _ViewReader) -> View:
    if all(shown.is_told_of(view.level) for shown in (view.shown, view.second) if shown):
        return view
    reader.tell(
        reader.words.gettext(
            "Il reddito si conosce per CAP, più grande di un NIL: per reddito i NIL non si mettono"
            " in ordine. Ecco la mappa più vicina che c'è."
        )
    )
    larger = (level for level in reading.lookup.levels if publishes_income(level))
    return replace(view, level=next(larger, CITY))


def _ids(lookup: Lookup, level: str) -> set[str]:
    if level not in (*lookup.levels, SECTION):
        return set()
    rows = lookup.edition.areas.select(["level", "area_id"]).to_pylist()
    return {row["area_id"] for row in rows if row["level"] == level}
