"""Labels of the numbers on a planner's screen: values, classes, legends, titles."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.i18n.language import Words
from api.i18n.list_sentences import of_known, share_words
from api.planner.screen import AreaTotal, Screen
from api.planner.view import View
from mapping.coverage.class_words import (
    HAS_ROOM_LABELS,
    MAY_COME_LABELS,
    answer,
    class_key,
    class_label,
    untold,
)
from mapping.coverage.list_words import (
    ABSENCE_COLUMNS,
    LISTED_COLUMNS,
    SHARE_TEXTS,
    is_complete,
)
from mapping.coverage.requirements import requirement
from mapping.coverage.situations import BASE
from mapping.coverage.sureness_words import (
    LIKELY_TEXTS,
    SURENESS_LABELS,
    SURENESS_RANGES,
    calibration_text,
    sureness_text,
)
from mapping.disclosure import SECTION, publishes_people
from mapping.edition.queries import far_numbers, people_estimated
from mapping.hours.windows import window
from mapping.indicators import CLASS, NAMED, UNKNOWN, Indicator, Scale, Unit, Value, indicators
from mapping.maps.choropleth_svg import ClassKey, marks
from mapping.maps.map_words import people
from mapping.tables import CLASSES
from mapping.taxonomy import category
from mapping.text import area_name
from mapping.walk_words import MEASURED, WALK_TEXTS, Basis, is_estimated, share_basis, whole_minutes
from mapping.walking.profiles import profile

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Entry:
    """One class of a legend: its areas, and people where they are published."""

    step: int
    key: ClassKey
    areas: int
    people: int | None
    """Each by their own class, in the whole city; of an indicator that areas tell, of the areas."""
    dwellers: int | None = None
    """The people of the areas alone, where `people` are others."""
    unpublished: int = 0
    """How many of the areas are without people, since theirs are not published."""


class Teller:
    """Writes the numbers of a view in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def value(self, value: Value, unit: Unit) -> str:
        """Write a value with its unit; a class is written by `kind`, which knows the category."""
        if value is None:
            return self._words.gettext("non noto")
        if isinstance(value, str):
            return self._words.gettext(SURENESS_LABELS[value])
        whole = whole_minutes(60 * value) if unit == "minutes" else value
        return self._number(whole, unit)

    def walk(self, row: Mapping[str, Any], column: str = "seconds") -> str:
        """Write a walk of a row of `tables.COVERAGE` in minutes; None and NaN are not known."""
        seconds = row[column]
        if seconds is None or math.isnan(seconds):
            return self.value(None, "minutes")
        return self.minutes(seconds / 60, estimated=is_estimated(row, column))

    def minutes(self, minutes: float | None, *, estimated: bool) -> str:
        """Write the minutes of a walk, and whether they are estimated."""
        text = self.value(minutes, "minutes")
        return self._words.about(text, estimated=estimated and minutes is not None)

    def some_estimated(self, screen: Screen) -> str:
        """Say for how many in the city the walk is estimated; nothing where it is for none."""
        text, crowd = WALK_TEXTS["city"], people_estimated(screen.city)
        whom = self.people(screen.view)
        return self._words.fill(self._words.gettext(text), whom=whom, people=crowd) if crowd else ""

    def band(self, column: str, count: int) -> str:
        """Write an age band of `tables.AGE_BANDS`, with its children in brackets."""
        label = self._words.gettext(indicators()[column].label)
        return f"{label} ({self._words.number(count)})"

    def sureness(self, word: str, likely: tuple[float, float] | None = None) -> str:
        """Write how sure it is that a service is near, with its percents where they are known."""
        return sureness_text(word, likely, self._words.gettext, self._words.percent)

    def not_calibrated(self, view: View) -> str:
        """Say where nobody measured how long the services of a view last."""
        text = calibration_text(view.category)
        return self._words.gettext(text) if text else ""

    def of_percents(self) -> str:
        """Say of what the percents of `sureness` are."""
        text = LIKELY_TEXTS["meaning"]
        return self._words.gettext(text)

    def difference(self, value: float | None, unit: Unit) -> str:
        """Write a difference with its sign, of percentages in points; a hyphen for None."""
        if value is None:
            return "-"
        rounded = round(value, 1 if unit in ("minutes", "places") else 0)
        sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
        if unit == "percent":
            points = int(abs(rounded))
            text = self._words.ngettext("%(num)s punto", "%(num)s punti", points)
            return sign + self._words.fill(text, num=points)
        return sign + self._number(abs(rounded), unit)

    def kind(self, name: str, view: View, has_room: str | None = None) -> str:
        """Name a class of `tables.CLASSES`, with what is known of room there."""
        return self._words.gettext(class_label(name, view.category, has_room))

    def may_come(self, value: str) -> str:
        """Write who may come: one of `tables.MAY_COME`."""
        return self._words.gettext(MAY_COME_LABELS[value])

    def has_room(self, value: str) -> str:
        """Write whether there is room: one of `tables.HAS_ROOM`."""
        return self._words.gettext(HAS_ROOM_LABELS[value])

    def untold(self, view: View) -> str:
        """Say that nothing is known of who may come and of room."""
        return self._words.gettext(untold(view.category))

    def of_residents(self) -> str:
        """Say of whom the figures are where nobody declared whom the category is for."""
        text = SHARE_TEXTS["of_residents"]
        return self._words.gettext(text)

    def on_map(
        self,
        value: Value,
        indicator: Indicator,
        screen: Screen,
        has_room: str | None = None,
        *,
        basis: Basis = MEASURED,
    ) -> str:
        """Write the value of a line: a class with what is known of room there.

        A share is written as the list lets it be told, and as far as it is measured; so minutes.
        """
        if indicator.unit == "minutes" and not isinstance(value, str):
            return self.minutes(value, estimated=basis.estimated)
        if indicator.unit == CLASS and isinstance(value, str):
            return self.kind(value, screen.view, has_room)
        if indicator.unit != "percent" or isinstance(value, str):
            return self.value(value, indicator.unit)
        share = None if value is None else value / 100
        return self.share(indicator.column_of(screen.view.threshold), share, screen.declared, basis)

    def share(
        self,
        column: str,
        share: float | None,
        declared: Mapping[str, Any],
        basis: Basis = MEASURED,
    ) -> str:
        """Write a share of a column of `tables.COVERAGE` as its list, and basis, let it be told."""
        return share_words(column, share, declared, self._words, basis)

    def share_of(self, row: Mapping[str, Any], column: str, declared: Mapping[str, Any]) -> str:
        """Write a share of a row of `tables.COVERAGE`."""
        return self.share(column, row[column], declared, share_basis(row, column))

    def bar(self, share: float, basis: Basis) -> str:
        """Write the share of a bar."""
        return self._words.share_on(basis, self._words.percent(share))

    def of_known(self, text: str, declared: Mapping[str, Any]) -> str:
        """Add to a text that it is of the services that are known, where there are others."""
        known = of_known(declared, self._words)
        pair = self._words.gettext("%(first)s, %(second)s")
        return pair % {"first": text, "second": known} if known else text

    def labels(self, offered: Mapping[str, str]) -> dict[str, str]:
        """Translate Italian labels, in the same order."""
        return {value: self._words.gettext(label) for value, label in offered.items()}

    def change(self, state: str) -> str:
        """Name a state of `lineage.ZoneChange`."""
        return {
            "appeared": self._words.gettext("apparsa"),
            "grew": self._words.gettext("cresciuta"),
            "shrank": self._words.gettext("ridotta"),
            "closed": self._words.gettext("chiusa"),
        }[state]

    def legend(self, screen: Screen, *, other: bool = False) -> list[Entry]:
        """Make the legend of the map, or of the one beside it, lowest class first.

        Named classes and the unknown one are left out where they do not occur.
        """
        indicator = (screen.view.second if other else None) or screen.view.shown
        scale = screen.other_scale if other else screen.scale
        totals, own = screen.by_area(other=other), screen.own(other=other)
        nobody = AreaTotal(0, 0 if publishes_people(screen.view.level) else None, 0)
        entries: list[Entry] = []
        for step, key in self.keys(indicator, scale, screen).items():
            areas, dwellers, without = totals.get(step, nobody)
            if own is not None and (step in totals or own.get(step)):
                entries.append(Entry(step, key, areas, own.get(step), dwellers, without))
            elif step in totals or (step != UNKNOWN and indicator.unit not in NAMED):
                entries.append(Entry(step, key, areas, dwellers, unpublished=without))
        return entries

    def paces(self, screen: Screen) -> str:
        """Say how many would be far at another usual pace; nothing where nobody is known to be."""
        text, numbers = SHARE_TEXTS["by_pace"], far_numbers(screen.city)
        return self._words.fill(self._words.gettext(text), **numbers) if numbers else ""

    def keys(self, indicator: Indicator, scale: Scale, screen: Screen) -> dict[int, ClassKey]:
        """Name the classes of an indicator by step, `UNKNOWN` the last."""
        labels = self._names(indicator.unit, screen) or self._spans(indicator.unit, scale)
        unknown = self._words.gettext("non noto, o nessuno ci vive")
        is_absence = indicator.column in ABSENCE_COLUMNS
        if is_absence and not is_complete(screen.declared):
            unknown = self._words.gettext("non si può dire: l'elenco non è completo")
        drawn = marks(indicator, scale)
        named = {**dict(enumerate(labels)), UNKNOWN: unknown}
        return {step: ClassKey(label, *drawn[step]) for step, label in named.items()}

    def area(self, name: str, level: str) -> str:
        """Name an area as people write it: NIL are published in capitals, sections as numbers."""
        if level == SECTION:
            return self._words.gettext("Sezione %(number)s") % {"number": name}
        return area_name(name)

    def indicator(self, indicator: Indicator, view: View) -> str:
        """Name an indicator, with the threshold that it counts to."""
        if indicator.id != "within":
            return self._words.gettext(indicator.label)
        minutes = self._words.minutes(60 * view.threshold)
        return self._words.gettext("Persone entro %(minutes)s") % {"minutes": minutes}

    def title(self, screen: Screen, indicator: Indicator) -> str:
        """Name what a map shows: category, indicator, and the situation if it is not the usual.

        Walks and shares within them are of the services that are known, where there are others;
        shares near a service count those that are verified alone, and are told as at the least.
        """
        view = screen.view
        kind = self._words.gettext(category(view.category).label)
        parts = [f"{kind}: {_low(self.indicator(indicator, view))}", *self.situation(view)]
        is_near = indicator.column_of(view.threshold) in LISTED_COLUMNS
        known = of_known(screen.declared, self._words)
        is_said = known and (is_near or indicator.unit == "minutes")
        return ", ".join([*parts, known] if is_said else parts)

    def basis(self, declared: Mapping[str, Any]) -> str:
        """Say of which services minutes and shares are; nothing where they are all of them."""
        known = of_known(declared, self._words)
        return self._words.gettext("minuti e quote: %(known)s") % {"known": known} if known else ""

    def situation(self, view: View) -> list[str]:
        """Name the profile, window and requirement where they differ from an adult at any time."""
        labels = (
            profile(view.profile).label,
            window(view.window).label,
            requirement(view.requirement).label,
        )
        pairs = zip(labels, view.situation, BASE, strict=True)
        return [_low(self._words.gettext(label)) for label, part, usual in pairs if part != usual]

    def people(self, view: View) -> str:
        """Name the people whom the category serves, such as ``bambini di 3-5 anni``."""
        return self._words.gettext(people(category(view.category)))

    def _number(self, value: float, unit: Unit) -> str:
        if unit == "minutes":
            return self._words.gettext("%(number)s min") % {"number": self._words.number(value)}
        if unit == "percent":
            return self._words.percent(value / 100)
        if unit == "euro":
            return f"{self._words.number(round(value))} €"
        return self._words.number(round(value, 1) if unit == "places" else round(value))

    def _names(self, unit: Unit, screen: Screen) -> list[str]:
        room = answer(screen.city, "has_room")
        labels = {
            name: class_key(name, screen.view.category, room) for name in CLASSES
        } | SURENESS_RANGES
        return [self._words.gettext(labels[name]) for name in NAMED.get(unit, ())]

    def _spans(self, unit: Unit, scale: Scale) -> list[str]:
        limits = [self._number(limit, unit) for limit in scale.breaks]
        if not limits:
            return [self._words.gettext("tutti i valori")]
        # Of two limits in minutes the unit is said once.
        lows = (
            [self._words.number(limit) for limit in scale.breaks] if unit == "minutes" else limits
        )
        between = self._words.gettext("da %(low)s a %(high)s")
        return [
            self._words.gettext("fino a %(high)s") % {"high": limits[0]},
            *(
                between % {"low": low, "high": high}
                for low, high in zip(lows, limits[1:], strict=False)
            ),
            self._words.gettext("oltre %(low)s") % {"low": limits[-1]},
        ]


def _low(text: str) -> str:
    return text[:1].lower() + text[1:]
