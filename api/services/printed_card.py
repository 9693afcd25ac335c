"""The card that a family takes along: what it says of one service, and how much of it fits."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import segno

from api.i18n.language import Words
from api.pages.lookup_form import NearestForm
from api.published import Published
from mapping.errors import ProssimaError
from mapping.hours.timetable import Timetable, timetable
from mapping.lookup.nearest import Found
from mapping.maps.card_svg import Scene, sketch
from mapping.services.phones import dialled
from mapping.services.service_row import ServiceRow
from mapping.services.translations import Content, content

Absence = Literal["lost", "area", "far"]
"""The start is not known; it is a whole area; nobody would walk so far."""
FAR_SECONDS = 90 * 60
MAP_SIZE = (480, 330)
LONG = ("name", "organization", "address", "opening_hours_text", "required_documents")
"""Fields that may hold any number of letters."""


@dataclass(frozen=True)
class SheetFit:
    """How much a version of the card holds; its name is a class of the style."""

    name: str
    letters: int
    """Of one text."""
    items: int
    """Of one list."""
    steps: int
    """Of the way in words."""


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
    walk: Found | None = None
    absence: Absence | None = None


@dataclass(frozen=True)
class Leaflet:
    """A card, as it is shown."""

    row: ServiceRow
    """Of the place that is told: the nearest one, where the way is known."""
    documents: Content | None
    """What to bring, in the language of the card if somebody has translated it: so in `row` too."""
    week: Timetable | None
    phones: tuple[tuple[str, str | None], ...]
    elsewhere: tuple[str, ...]
    """Addresses of the other places of the service."""
    way: Way
    map: str | None
    qr: str
    url: str
    is_cut: bool = False
    """Whether something is left out that the public page says."""

    def fitted(self, fit: SheetFit) -> "Leaflet":
        """Leave out what is too much for a sheet.

        Parameters
        ----------
        fit : SheetFit
            How much may stay.

        Returns
        -------
        Leaflet
            Another one. The steps of the way are left to the page, which draws all of it.
        """
        texts: dict[str, Any] = {
            name: shortened(getattr(self.row, name), fit.letters) for name in LONG
        }
        spoken = self.row.languages and self.row.languages[: 2 * fit.items]
        row = replace(self.row, languages=spoken, **texts)
        phones = tuple(
            (shortened(said, fit.letters // 3) or "", digits) for said, digits in self.phones
        )[: fit.items]
        elsewhere = tuple(shortened(one, fit.letters) or "" for one in self.elsewhere)[: fit.items]
        kept = (row, phones, elsewhere)
        is_cut = kept != (self.row, self.phones, self.elsewhere)
        return replace(self, row=row, phones=phones, elsewhere=elsewhere, is_cut=is_cut)


def unmeasured(whole: Leaflet) -> SheetFit:
    """Choose how much a page holds, which a browser may print and nobody has laid out before.

    Parameters
    ----------
    whole : Leaflet
        All that there is.

    Returns
    -------
    SheetFit
        One that fits a sheet by its letters.
    """
    *others, least = FITS[1:]
    return next((fit for fit in others if _letters(whole.fitted(fit)) <= SHEET_LETTERS), least)


def _letters(card: Leaflet) -> int:
    own = [getattr(card.row, name) or "" for name in LONG]
    return len("".join([*own, *(said for said, _ in card.phones), *card.elsewhere]))


def shortened(text: str | None, letters: int) -> str | None:
    """Shorten a text, after a whole word if it has any.

    Parameters
    ----------
    text : str or None
        Of any length.
    letters : int
        How many may stay.

    Returns
    -------
    str or None
        With an ellipsis where something is left out.
    """
    if text is None or len(text) <= letters:
        return text
    kept = text[: letters - 1]
    return f"{kept.rpartition(' ')[0] or kept}…"


def way_to(reading: Published, form: NearestForm, service_id: str) -> Way:
    """Find the way from the place of a form to a service.

    Parameters
    ----------
    reading : Published
        The edition.
    form : NearestForm
        It may name no place: then there is no way, and nothing is missing.
    service_id : str
        The service.

    Returns
    -------
    Way
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
    return Way((origin.lon, origin.lat), walk)


def leaflet(reading: Published, rows: list[ServiceRow], way: Way, url: str, said: Words) -> Leaflet:
    """Put a card together.

    Parameters
    ----------
    reading : Published
        The edition.
    rows : list of dict
        The service, one row a place.
    way : Way
        Of `way_to`.
    url : str
        The public page of the service: the code leads there, and nowhere else.
    said : Words
        The language.

    Returns
    -------
    Leaflet
        With all that is known; `fitted` leaves out.
    """
    told = way.walk.service.location_id if way.walk else rows[0].location_id
    row = next(row for row in rows if row.location_id == told)
    documents = content(row, "required_documents", said.code)
    code = segno.make(url, error="m", micro=False)
    return Leaflet(
        row=replace(row, required_documents=documents.text if documents else None),
        documents=documents,
        week=timetable(row.opening_hours, _today(reading)),
        phones=tuple(dialled(row.phone)),
        elsewhere=tuple(one.address for one in rows if one is not row and one.address),
        way=way,
        map=_map(reading, row, way, said),
        qr=code.svg_inline(
            omitsize=True,
            border=3,
            light="#fff",
            svgclass="qr",
            title=said.gettext("Codice della pagina pubblica del servizio"),
        ),
        url=url,
    )


def _today(reading: Published) -> date:
    return reading.calendar.local(datetime.now(UTC)).date()


def _map(reading: Published, row: ServiceRow, way: Way, said: Words) -> str | None:
    if not row.is_routed:
        return None
    scene = Scene(row.point)
    title = said.gettext("Mappa di dove si trova il servizio")
    if way.walk:
        scene = replace(scene, start=way.start, way=way.walk.path, straight=way.walk.estimated)
        title = said.gettext("Mappa con la strada da fare a piedi")
    return sketch(
        reading.edition.network, reading.city.epsg, scene, title=title, size=MAP_SIZE, key="card"
    )
