"""What the numbers of a planner's screen are called: values, classes, legends, titles."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from api.i18n.language import Words
from api.planner.screen import Line, Screen
from api.planner.view import SECTION, View
from mapping.coverage.requirements import requirement
from mapping.coverage.situations import BASE
from mapping.disclosure import tells_people
from mapping.hours.windows import window
from mapping.indicators import CLASS, UNKNOWN, Indicator, Scale, Unit, Value, indicators
from mapping.maps.choropleth_svg import ClassKey, marks
from mapping.maps.map_words import CLASSES as CLASS_WORDS
from mapping.maps.map_words import people
from mapping.tables import CLASSES
from mapping.taxonomy import category
from mapping.walking.profiles import profile

MINUS = "\N{MINUS SIGN}"
LETTERS = re.compile(r"\.?[^\W\d_]+")
AS_THEY_ARE = re.compile(r"[IVX]+|[^AEIOU]+")
"""Roman numbers, and letters that are no word."""


@dataclass(frozen=True)
class Entry:
    """One class of a legend, and what is in it: areas, and people where they are published."""

    step: int
    key: ClassKey
    areas: int
    people: int | None


class Teller:
    """Says the numbers of a view in one language.

    Parameters
    ----------
    said : Words
        The language.
    """

    def __init__(self, said: Words) -> None:
        self._said = said

    def value(self, value: Value, unit: Unit) -> str:
        """Say a value with its unit.

        Parameters
        ----------
        value : float, str or None
            Of `Indicator.value`.
        unit : str
            Its unit.

        Returns
        -------
        str
            Minutes are rounded up, so that nobody is promised less than the walk takes.
        """
        if value is None:
            return self._said.gettext("non noto")
        if isinstance(value, str):
            return self.kind(value)
        return self._number(math.ceil(value) if unit == "minutes" else value, unit)

    def seconds(self, seconds: float | None) -> str:
        """Say a walk.

        Parameters
        ----------
        seconds : float or None
            Seconds; None or NaN where it is not known, or there is no way.

        Returns
        -------
        str
            Minutes, rounded up.
        """
        if seconds is None or math.isnan(seconds):
            return self.value(None, "minutes")
        return self.value(seconds / 60, "minutes")

    def band(self, column: str, count: int) -> str:
        """Say how many children of an age there are.

        Parameters
        ----------
        column : str
            One of `tables.AGE_BANDS`.
        count : int
            Children.

        Returns
        -------
        str
            The ages, and the children in brackets.
        """
        label = self._said.gettext(indicators()[column].label)
        return f"{label} ({self._said.number(count)})"

    def sureness(self, line: Line) -> str:
        """Say how sure the claim about an area is.

        Parameters
        ----------
        line : Line
            Of a screen.

        Returns
        -------
        str
            In how many possible worlds there is a service, where the class says so, else in how
            many there is none.
        """
        if line.confidence is None:
            return self._said.gettext("non nota")
        share = self._said.percent(line.confidence)
        if line.kind == CLASSES[0]:
            return self._said.gettext("%(share)s che ci sia") % {"share": share}
        return self._said.gettext("%(share)s che manchi") % {"share": share}

    def difference(self, value: float | None, unit: Unit) -> str:
        """Say a difference, with its sign.

        Parameters
        ----------
        value : float or None
            In the unit.
        unit : str
            Its unit; of percentages the difference is in points.

        Returns
        -------
        str
            A hyphen where either value is not known.
        """
        if value is None:
            return "-"
        rounded = round(value, 1 if unit in ("minutes", "places") else 0)
        sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
        if unit == "percent":
            points = self._said.number(abs(rounded))
            return sign + self._said.gettext("%(points)s punti") % {"points": points}
        return sign + self._number(abs(rounded), unit)

    def kind(self, name: str) -> str:
        """Say a class.

        Parameters
        ----------
        name : str
            One of `tables.CLASSES`.

        Returns
        -------
        str
            One word or two.
        """
        return self._said.gettext(CLASS_WORDS[name])

    def labels(self, offered: Mapping[str, str]) -> dict[str, str]:
        """Translate what may be chosen.

        Parameters
        ----------
        offered : mapping of str to str
            Values with their Italian labels.

        Returns
        -------
        dict of str to str
            In the same order.
        """
        return {value: self._said.gettext(label) for value, label in offered.items()}

    def change(self, state: str) -> str:
        """Say what became of a grey zone.

        Parameters
        ----------
        state : str
            A state of `lineage.Change`.

        Returns
        -------
        str
            One word.
        """
        return {
            "appeared": self._said.gettext("apparsa"),
            "grew": self._said.gettext("cresciuta"),
            "shrank": self._said.gettext("ridotta"),
            "closed": self._said.gettext("chiusa"),
        }[state]

    def legend(self, screen: Screen, *, other: bool = False) -> list[Entry]:
        """Make the legend of a map.

        Parameters
        ----------
        screen : Screen
            What is shown.
        other : bool
            Of the map beside it.

        Returns
        -------
        list of Entry
            From the lowest class to the highest; named classes only as far as they occur, and the
            unknown one too.
        """
        of = (screen.view.second if other else None) or screen.view.shown
        scale = screen.other_scale if other else screen.scale
        counts = screen.counts(other=other)
        keys = self.keys(of, scale)
        return [
            Entry(step, key, *counts.get(step, (0, 0 if tells_people(screen.view.level) else None)))
            for step, key in keys.items()
            if step in counts or (step != UNKNOWN and of.unit != CLASS)
        ]

    def keys(self, of: Indicator, scale: Scale) -> dict[int, ClassKey]:
        """Name the classes of an indicator.

        Parameters
        ----------
        of : Indicator
            The indicator.
        scale : Scale
            Its classes.

        Returns
        -------
        dict of int to Key
            By step, `UNKNOWN` the last.
        """
        labels = self._classes() if of.unit == CLASS else self._spans(of.unit, scale)
        unknown = self._said.gettext("non noto, o nessuno ci vive")
        drawn = marks(of, scale)
        named = {**dict(enumerate(labels)), UNKNOWN: unknown}
        return {step: ClassKey(label, *drawn[step]) for step, label in named.items()}

    def area(self, name: str, level: str) -> str:
        """Name an area as people write it.

        Parameters
        ----------
        name : str
            As published: a NIL in capitals, a section as its number.
        level : str
            Its level.

        Returns
        -------
        str
            Its name.
        """
        if level == SECTION:
            return self._said.gettext("Sezione %(number)s") % {"number": name}
        return LETTERS.sub(_cased, name) if name.isupper() else name

    def indicator(self, of: Indicator, view: View) -> str:
        """Name an indicator, with the threshold that it counts to.

        Parameters
        ----------
        of : Indicator
            The indicator.
        view : View
            Says the threshold.

        Returns
        -------
        str
            A line.
        """
        if of.id != "within":
            return self._said.gettext(of.label)
        minutes = self._said.minutes(60 * view.threshold)
        return self._said.gettext("Persone entro %(minutes)s") % {"minutes": minutes}

    def title(self, view: View, of: Indicator) -> str:
        """Say what a map shows: category, indicator, and the situation where it is not the usual.

        Parameters
        ----------
        view : View
            What is looked at.
        of : Indicator
            The indicator of the map.

        Returns
        -------
        str
            A line.
        """
        kind = self._said.gettext(category(view.category).label)
        return ", ".join([f"{kind}: {_low(self.indicator(of, view))}", *self.situation(view)])

    def situation(self, view: View) -> list[str]:
        """Say for whom, when and for what need, as far as it is not the usual.

        Parameters
        ----------
        view : View
            What is looked at.

        Returns
        -------
        list of str
            None for an adult at any time.
        """
        labels = (
            profile(view.profile).label,
            window(view.window).label,
            requirement(view.requirement).label,
        )
        pairs = zip(labels, view.situation, BASE, strict=True)
        return [_low(self._said.gettext(label)) for label, part, usual in pairs if part != usual]

    def people(self, view: View) -> str:
        """Say whom the category serves.

        Parameters
        ----------
        view : View
            What is looked at.

        Returns
        -------
        str
            Such as ``bambini di 3-5 anni``.
        """
        return self._said.gettext(people(category(view.category)))

    def _number(self, value: float, unit: Unit) -> str:
        if unit == "minutes":
            return self._said.gettext("%(number)s min") % {"number": self._said.number(value)}
        if unit == "percent":
            return self._said.percent(value / 100)
        if unit == "euro":
            return f"{self._said.number(round(value))} €"
        return self._said.number(round(value, 1) if unit == "places" else round(value))

    def _classes(self) -> list[str]:
        return [self.kind(name) for name in CLASSES]

    def _spans(self, unit: Unit, scale: Scale) -> list[str]:
        said = [self._number(limit, unit) for limit in scale.breaks]
        if not said:
            return [self._said.gettext("tutti i valori")]
        # Of two limits in minutes the unit is said once.
        lows = [self._said.number(limit) for limit in scale.breaks] if unit == "minutes" else said
        between = self._said.gettext("da %(low)s a %(high)s")
        return [
            self._said.gettext("fino a %(high)s") % {"high": said[0]},
            *(
                between % {"low": low, "high": high}
                for low, high in zip(lows, said[1:], strict=False)
            ),
            self._said.gettext("oltre %(low)s") % {"low": said[-1]},
        ]


def _cased(word: re.Match[str]) -> str:
    text = word.group()
    if text.startswith("."):
        return text.lower()
    return text if AS_THEY_ARE.fullmatch(text) else text.capitalize()


def _low(text: str) -> str:
    return text[:1].lower() + text[1:]
