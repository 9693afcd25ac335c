"""The card that a family takes along: the content, and how much of it fits one sheet."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import segno

from api.i18n.language import Words
from api.pages.lookup_form import NearestForm
from api.published import Published
from api.services.stated_hours import StatedHours, stated_hours
from mapping.errors import ProssimaError
from mapping.lookup.nearest import NearbyService
from mapping.maps.card_svg import Scene, sketch
from mapping.services.phones import dialled
from mapping.services.service_row import ServiceRow
from mapping.services.source_notes import spoken_of
from mapping.services.translations import FIELDS, Content, content

Absence = Literal["lost", "area", "far"]
"""Why a card has no way: the start is not known, is a whole area, or is too far to walk."""
FAR_SECONDS = 90 * 60
MAP_SIZE = (480, 330)
LONG = ("name", "organization", "address", "opening_hours_text", "required_documents", "note")
"""Fields that may hold any number of letters."""


@dataclass(frozen=True)
class SheetFit:
    """How much a version of the card holds; its name is a class of the style."""

    name: str
    letters: int
    """Most letters of one text."""
    items: int
    """Most entries of one list."""
    steps: int
    """Most steps of the way in words."""


FITS = (
    SheetFit("roomy", 400, 6, 14),
    SheetFit("close", 260, 4, 11),
    SheetFit("tight", 140, 3, 7),
    SheetFit("least", 60, 2, 3),
)
"""From the fullest to the one that fits whatever a service says of itself."""
SHEET_LETTERS = 600
"""With so many letters of a service's own, and the way, a sheet is full."""


@dataclass(frozen=True)
class Way:
    """The way to a service, or why there is none where one was asked for."""

    start: tuple[float, float] | None = None
    """Degrees."""
    walk: NearbyService | None = None
    absence: Absence | None = None
    is_rough: bool = False
    """Whether the start or the service is not known well: the minutes are about."""


@dataclass(frozen=True)
class Leaflet:
    """The content of a card."""

    row: ServiceRow
    """Of the place that is shown: the nearest one, where the way is known."""
    documents: Content | None
    """The required documents, in the language of the card if translated, as in `row`."""
    note: Content | None
    """The note of the source, likewise."""
    in_note: frozenset[str]
    """What is not known, but the note speaks of it."""
    hours: StatedHours
    phones: tuple[tuple[str, str | None], ...]
    elsewhere: tuple[str, ...]
    """Addresses of the other places of the service."""
    way: Way
    map: str | None
    qr: str
    url: str
    is_cut: bool = False
    """Whether something is left out that the public page says."""

    def fit_to(self, fit: SheetFit) -> "Leaflet":
        """Leave out what is too much for a sheet; the page itself shortens the steps of the way."""
        texts: dict[str, Any] = {
            name: shorten(getattr(self.row, name), fit.letters) for name in LONG
        }
        languages = self.row.languages and self.row.languages[: 2 * fit.items]
        row = replace(self.row, languages=languages, **texts)
        phones = tuple(
            (shorten(text, fit.letters // 3) or "", digits) for text, digits in self.phones
        )[: fit.items]
        elsewhere = tuple(shorten(address, fit.letters) or "" for address in self.elsewhere)[
            : fit.items
        ]
        shortened = (row, phones, elsewhere)
        is_cut = shortened != (self.row, self.phones, self.elsewhere)
        return replace(self, row=row, phones=phones, elsewhere=elsewhere, is_cut=is_cut)


def choose_fit(whole: Leaflet) -> SheetFit:
    """Choose a fit by counting letters, for the page that a browser prints by itself."""
    *others, least = FITS[1:]
    return next((fit for fit in others if _letters(whole.fit_to(fit)) <= SHEET_LETTERS), least)


def _letters(card: Leaflet) -> int:
    own = [getattr(card.row, name) or "" for name in LONG]
    return len("".join([*own, *(text for text, _ in card.phones), *card.elsewhere]))


def shorten(text: str | None, letters: int) -> str | None:
    """Shorten a text to so many letters, with an ellipsis, after a whole word if it has any."""
    if text is None or len(text) <= letters:
        return text
    start = text[: letters - 1]
    return f"{start.rpartition(' ')[0] or start}…"


def way_to(reading: Published, form: NearestForm, service_id: str) -> Way:
    """Find the way from the place of a form to a service.

    A place that is not known costs the way, and not the card.
    """
    if not (form.address or form.lon or form.lat or form.nil):
        return Way()
    try:
        origin = reading.lookup.origin(form.where())
        walk = reading.lookup.walk_to(origin, service_id, form.profile)
    except ProssimaError:
        return Way(absence="lost")
    if origin.precision == "area":
        return Way(absence="area")
    if walk is None or walk.seconds > FAR_SECONDS:
        return Way(absence="far" if walk else None)
    is_rough = "rough" in origin.doubts or walk.service.is_rough
    return Way((origin.lon, origin.lat), walk, is_rough=is_rough)


def leaflet(
    reading: Published, rows: list[ServiceRow], way: Way, url: str, words: Words
) -> Leaflet:
    """Gather all that is known for a card; `Leaflet.fit_to` leaves out.

    The code leads to `url`, the public page of the service.
    """
    location_id = way.walk.service.location_id if way.walk else rows[0].location_id
    row = next(row for row in rows if row.location_id == location_id)
    documents, note = (content(row, name, words.code) for name in FIELDS)
    code = segno.make(url, error="m", micro=False)
    return Leaflet(
        row=replace(
            row,
            required_documents=documents.text if documents else None,
            note=note.text if note else None,
        ),
        documents=documents,
        note=note,
        in_note=spoken_of(row),
        hours=stated_hours(row, reading.calendar, reading.calendar.now()),
        phones=tuple(dialled(row.phone)),
        elsewhere=tuple(place.address for place in rows if place is not row and place.address),
        way=way,
        map=_map(reading, row, way, words),
        qr=code.svg_inline(
            omitsize=True,
            border=3,
            light="#fff",
            svgclass="qr",
            title=words.gettext("Codice della pagina pubblica del servizio"),
        ),
        url=url,
    )


def _map(reading: Published, row: ServiceRow, way: Way, words: Words) -> str | None:
    if not row.is_routed:
        return None
    scene = Scene(row.point)
    title = words.gettext("Mappa di dove si trova il servizio")
    if way.walk:
        scene = replace(scene, start=way.start, way=way.walk.path, straight=way.walk.estimated)
        title = words.gettext("Mappa con la strada da fare a piedi")
    return sketch(
        reading.edition.network, reading.city.epsg, scene, title=title, size=MAP_SIZE, key="card"
    )
