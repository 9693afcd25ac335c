"""Reads KML as My Maps and uMap export it: places in folders, with descriptions in HTML.

The standard library's expat reads it, with document types refused. GDAL would be shorter, but it
merges folders of one name, drops the nesting, and does not say that a network link was there.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO
from xml.parsers import expat

import shapely

from ingest.file_parts import texts_within
from ingest.passages import Passage
from ingest.rows import LAT, LON, RawRow, RawTable
from ingest.signs import MOST_SIGNS, signed_row, signed_unread, speaking, under
from mapping.catalogue.batches import QuarantinedRow
from mapping.errors import SourceError

MAX_BYTES = 200 * 2**20
MAX_DEPTH = 100
TEXTS = ("name", "description", "address", "phoneNumber")
"""Children of a placemark that become columns of their own name."""
_CONTAINERS = ("kml", "Document", "Folder")
_STYLES = ("Style", "StyleMap", "CascadingStyle")
"""What says something of the places that name it, directly or by one another."""
_BREAK = re.compile(
    r"</?(?:br|p|div|[uod]l|li|dt|dd|table|tr|td|th|h\d|hr)\b[^<>]*>", re.IGNORECASE
)
_CELL = r"<t[dh]\b[^<>]*>([^<]*(?:<(?!/?t[dhr]\b)[^<]*)*)(?:</t[dh]>\s*)?"
_TERM = r"([^<]*(?:<(?!/?d[dt]\b)[^<]*)*)"
_KEY_VALUE = re.compile(
    rf"<tr\b[^<>]*>\s*{_CELL}{_CELL}</tr>"
    rf"|<dt\b[^<>]*>{_TERM}(?:</dt>\s*)?<dd\b[^<>]*>{_TERM}</dd>",
    re.IGNORECASE,
)
"""A row of a table with two cells, or a term of a list with what it is."""
_TAG = re.compile(r"<[^<>]*>")
_HEAD_BYTES = 4096
_REMEDIES = {
    "not well-formed (invalid token)": (
        "There is a bare & or <, or a character that nobody sees: write &amp; or &lt; for it, or"
        " delete it."
    ),
    "undefined entity": (
        "There is a name such as &nbsp; that a KML does not know: write the character itself."
    ),
}
"""What to do, by what expat says."""
_PAIR = re.compile(r"([^\W\d][^:\d]{0,39}):\s*(?!//)(.+)")


def read_kml(path: Path, *, source_id: str) -> RawTable:
    """Read the placemarks of a KML; a KMZ is unpacked before.

    Columns are `folder` (nested ones joined by " / "), `name`, `description` as text and, for each
    of its lines "key: value", ``description.key``; the extended data by their names; and a point
    inside the geometry. All that the document and its folders say beside places is a sign over
    their places where it speaks of a confidential one; so is what a place says elsewhere, or a
    style that it names. A network link is quarantined, never followed. Raises
    SourceError when the file is no KML, damaged, too large, or declares a document type.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name} is larger than {MAX_BYTES >> 20} MB. Give a part of it.")
    follower, blank_lines = _Follower(path.name, source_id), 0
    try:
        with path.open("rb") as file:
            blank_lines = _pass_blanks(file)
            follower.parser.ParseFile(file)
    except expat.ExpatError as error:
        line = error.lineno + blank_lines
        remedy = _REMEDIES.get(expat.ErrorString(error.code), "Export it again.")
        raise SourceError(
            f"{path.name} is no whole KML at line {line}, column {error.offset + 1}. {remedy}"
        ) from error
    if not follower.is_kml:
        raise SourceError(f"{path.name} is XML, but no KML. Export the map as KML.")
    return follower.table()


def _pass_blanks(file: IO[bytes]) -> int:
    """Pass over the blanks above a document, which no XML may begin with; count their lines."""
    head = file.read(_HEAD_BYTES)
    blanks = head[: len(head) - len(head.lstrip())]
    file.seek(len(blanks))
    return blanks.count(b"\n")


_Signs = list[Passage]


@dataclass(frozen=True)
class _Around:
    """What stands around a place: the signs of what holds it, and what it says in no column."""

    containers: tuple[_Signs, ...]
    aside: tuple[str, ...]


class _Placemark:
    """One place, while its elements are read."""

    def __init__(self, folder: str) -> None:
        self.texts = {"folder": folder}
        self.key = self.heading = ""
        self.aside: list[str] = []
        """What it says in no column."""
        self.broken = False
        self._shapes: list[shapely.Geometry] = []
        self._rings: list[shapely.Geometry] = []

    def take(self, stack: list[str], text: str) -> None:
        """Take what the element at the end of the stack says of the place."""
        name, parent = stack[-1], stack[-2]
        if parent == "Placemark" and name in TEXTS:
            self.texts[name] = text
        elif (name, parent) == ("displayName", "Data"):
            self.heading = text
        elif (name, parent) == ("value", "Data") or name == "SimpleData":
            taken = self.key in ("folder", *TEXTS)
            _add(self.texts, f"{self.key} (2)" if taken else self.key, text)
            self.aside += [words for words in texts_within({self.heading: text}) if words != text]
        elif name == "coordinates":
            self._take_places(stack, text)
        elif name == "Polygon" and self._rings:
            self._shapes.append(shapely.Polygon(self._rings[0], self._rings[1:]))
            self._rings = []
        elif text:
            self.aside.append(_text(text))

    def _take_places(self, stack: list[str], text: str) -> None:
        try:
            # Blanks part places; behind a comma somebody put one too many.
            places = [_place(place) for place in re.sub(r",\s+", ",", text).split()]
            if stack[-2] == "Point":
                self._shapes.append(shapely.Point(places[0]))
            elif stack[-2] == "LineString":
                self._shapes.append(shapely.LineString(places))
            elif stack[-3] == "outerBoundaryIs":
                self._rings.insert(0, shapely.LinearRing(places))
            else:
                self._rings.append(shapely.LinearRing(places))
        except (ValueError, IndexError, shapely.GEOSException):
            self.broken = True

    def row(self) -> dict[str, str]:
        """Give its texts, with the point; that is empty where the map gives but an address."""
        description = _text(self.texts.get("description", ""))
        described: dict[str, str] = {}
        for line in description.splitlines():
            if pair := _PAIR.fullmatch(line.strip()):
                _add(described, f"description.{pair[1].strip()}", pair[2].strip())
        place = {LON: "", LAT: ""}
        if self._shapes:
            # A point beside a line or an area says where the place itself is.
            own = [shape for shape in self._shapes if shape.geom_type == "Point"]
            point = shapely.point_on_surface(shapely.GeometryCollection(own[:1] or self._shapes))
            place = {LON: f"{point.x:.7f}", LAT: f"{point.y:.7f}"}
        return {**self.texts, "description": description, **described, **place}


class _Follower:
    """Follows the elements of a document, and keeps what they say of places."""

    def __init__(self, file_name: str, source_id: str) -> None:
        self.is_kml = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._say
        self.parser.EndElementHandler = self._end
        self.parser.CommentHandler = self._remark
        self.parser.ProcessingInstructionHandler = lambda _, text: self._remark(text)
        self._file_name, self._source_id = file_name, source_id
        self._stack: list[str] = []
        self._text: list[str] = []
        self._folders: list[str] = []
        self._containers: list[_Signs] = []
        """The signs of the document and the folders that are open, which may come last in them."""
        self._placemark: _Placemark | None = None
        self._styles: dict[str, list[str]] = {}
        """What each style says, by its name."""
        self._style: list[str] | None = None
        """What the style says that is open."""
        self._rows: list[tuple[RawRow, _Around]] = []
        self._set_apart: list[tuple[QuarantinedRow, _Around]] = []
        self._before: list[str] = []
        """What stands before the first element, or behind the last."""

    def table(self) -> RawTable:
        """Give the places that were read."""
        columns = dict.fromkeys(["folder", *TEXTS])
        for row, _ in self._rows:
            columns.update(dict.fromkeys(row.texts))
        names = [name for name in columns if name not in (LON, LAT)]
        table = RawTable(
            names,
            [signed_row(row, self._signs(around)) for row, around in self._rows],
            [signed_unread(row, self._signs(around)) for row, around in self._set_apart],
        )
        return under(table, self._before)

    def _signs(self, around: _Around) -> list[Passage]:
        """Give what speaks around a place: in its folders, beside it, in the styles it names."""
        texts, left, seen = dict.fromkeys(around.aside), list(around.aside), set[str]()
        while left:
            style = left.pop().rpartition("#")[2]
            if style not in seen:
                seen.add(style)
                more = self._styles.get(style, [])
                texts |= dict.fromkeys(more)
                left += more
        own = speaking(Passage(text, "segnaposto o suo stile") for text in texts)
        return [*chain(*around.containers), *own]

    def _refuse(self, *_: object) -> None:
        raise SourceError(
            f"{self._file_name} declares a document type, which may hide endless entities."
            " Export the map again."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if "description" in self._stack:
            # Markup that stands there as elements, and not as text.
            self._text.append(f"<{name}>")
            self._stack.append(name)
            return
        self.is_kml = self.is_kml or name == "kml"
        self._stack.append(name)
        self._text = []
        if len(self._stack) > MAX_DEPTH:
            raise SourceError(f"{self._file_name} is nested too deep. Export the map again.")
        if name in _CONTAINERS:
            self._containers.append([])
        if name == "Folder":
            self._folders.append("")
        elif name == "Placemark":
            self._placemark = _Placemark(" / ".join(filter(None, self._folders)))
        elif name in ("Data", "SimpleData") and self._placemark:
            self._placemark.key, self._placemark.heading = attributes.get("name", ""), ""
            return
        elif name in _STYLES and not self._placemark and self._style is None:
            self._style = self._styles.setdefault(_id(attributes), [])
        self._say_aside(attributes.values())

    def _say(self, text: str) -> None:
        self._text.append(text)

    def _remark(self, text: str) -> None:
        if self._containers or self._placemark:
            self._say_aside([text])
        else:
            self._before.append(text)

    def _end(self, _: str) -> None:
        if "description" in self._stack[:-1]:
            self._text.append(f"</{self._stack.pop()}>")
            return
        text = "".join(self._text).strip()
        name, parent = self._stack[-1], "".join(self._stack[-2:-1])
        if name == "Placemark" and self._placemark:
            self._keep(self._placemark)
            self._placemark = None
        elif self._placemark:
            self._placemark.take(self._stack, text)
        else:
            self._say_aside([text])
        if (name, parent) == ("name", "Folder"):
            self._folders[-1] = text
        elif (name, parent) == ("href", "Link") and "NetworkLink" in self._stack:
            message = "A link to another map is never followed. Export that map, and give it too."
            self._quarantine("NetworkLink", "network_link", message, {"href": text})
        self._leave(name)

    def _leave(self, name: str) -> None:
        if name == "Folder":
            self._folders.pop()
        if name in _CONTAINERS:
            self._containers.pop()
        self._stack.pop()
        if self._style is not None and not any(style in self._stack for style in _STYLES):
            self._style = None
        self._text = []

    def _say_aside(self, texts: Iterable[str]) -> None:
        """Note what stands in no column: of the open place, style, or folder."""
        written = [_text(text) for text in texts if text]
        if self._placemark:
            self._placemark.aside += written
        elif self._style is not None:
            self._style += written
        elif self._containers:
            signs = self._containers[-1]
            more = speaking(Passage(text, "documento o cartella") for text in written)
            signs.extend(more[: MOST_SIGNS - len(signs)])

    def _keep(self, placemark: _Placemark) -> None:
        texts = placemark.row()
        if placemark.broken:
            why = "Its coordinates cannot be read. Draw the place again."
            self._quarantine("geometry", "bad_geometry", why, texts, placemark.aside)
        else:
            row = RawRow(self._number(), texts)
            self._rows.append((row, self._around(placemark.aside)))

    def _number(self) -> int:
        return len(self._rows) + len(self._set_apart) + 1

    def _quarantine(
        self, field: str, code: str, message: str, raw: dict[str, str], aside: Iterable[str] = ()
    ) -> None:
        row = QuarantinedRow(
            source_id=self._source_id,
            line=self._number(),
            field=field,
            code=code,
            message=message,
            raw=raw,
        )
        self._set_apart.append((row, self._around(aside)))

    def _around(self, aside: Iterable[str]) -> _Around:
        return _Around(tuple(self._containers), tuple(dict.fromkeys(aside)))


def _id(attributes: dict[str, str]) -> str:
    return next((attributes[name] for name in attributes if name.rpartition(" ")[2] == "id"), "")


def _add(texts: dict[str, str], key: str, text: str) -> None:
    # What is said twice, as two telephones are, is both.
    texts[key] = "; ".join(dict.fromkeys(filter(None, (texts.get(key), text))))


def _place(text: str) -> tuple[float, float]:
    lon, lat = map(float, text.split(",")[:2])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 - the whole globe
        raise ValueError(text)
    return lon, lat


def _text(markup: str) -> str:
    paired = _KEY_VALUE.sub(_pair, markup)
    lines = html.unescape(_TAG.sub("", _BREAK.sub("\n", paired))).splitlines()
    return "\n".join(line for line in map(str.strip, lines) if line)


def _pair(match: re.Match[str]) -> str:
    key, value = (
        " ".join(_TAG.sub(" ", part).split()) for part in match.groups() if part is not None
    )
    return f"\n{key.removesuffix(':')}: {value}\n" if key else f"\n{value}\n"
