"""Who counted the people of a figure, and when: Italian words beside every number of them."""

import pyarrow as pa

from mapping.taxonomy import Category

PEOPLE_TEXTS = {
    "residents": "Quante persone: residenti (%(residents)s), arrotondati a 5.",
    "women_15_49": "Quante donne: fra i residenti (%(residents)s), la quota del censimento del"
    " 2011; arrotondate a 5.",
    "children": "Quanti bambini e ragazzi: stima da %(children)s; arrotondata a 5.",
    "every": "Quante persone: residenti (%(residents)s); bambini e ragazzi, stima da %(children)s;"
    " tutti arrotondati a 5.",
    "unknown": "Quante persone: la fonte non è nota.",
}
"""By what a category is declared to be for; `every` is of several categories."""

Bases = dict[str, str | None]
"""`residents` and `children` of an edition: who counted them; None where nobody says."""


def bases_of(areas: pa.Table) -> Bases:
    """Read from rows of `tables.AREAS` who counted the people of the city."""
    import pyarrow.compute as pc  # noqa: PLC0415 - 9 MB that a look-up goes without

    whole = areas.filter(pc.field("level") == "municipality")
    columns = {name: f"{name}_basis" for name in ("residents", "children")}
    return {
        name: whole[column][0].as_py() if whole.num_rows and column in whole.column_names else None
        for name, column in columns.items()
    }


def people_text(kind: Category | None, bases: Bases) -> tuple[str, dict[str, str]]:
    """Choose one of `PEOPLE_TEXTS`, and what fills it; without a category that of several."""
    needed = ("residents", "children") if kind is None else (_counted(kind),)
    if not all(bases[name] for name in needed):
        return PEOPLE_TEXTS["unknown"], {}
    return PEOPLE_TEXTS[_text(kind)], {name: text for name, text in bases.items() if text}


def italian_people(kind: Category, bases: Bases) -> str:
    """Say in Italian who counted the people that a category is for."""
    text, parts = people_text(kind, bases)
    return text % parts


def _counted(kind: Category) -> str:
    return "residents" if kind.counted_ages is None else "children"


def _text(kind: Category | None) -> str:
    if kind is None:
        return "every"
    return "women_15_49" if kind.demand == "women_15_49" else _counted(kind)
