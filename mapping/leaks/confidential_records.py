"""What is looked for: texts and points of confidential records that nobody else has."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mapping.arrays import Floats
from mapping.crs import to_metres
from mapping.disclosure import is_confidential, published_labels
from mapping.model import Service
from mapping.text import plain

FEWEST_LETTERS = 5
"""A shorter text, such as CAV, says nothing by itself."""
FEWEST_DIGITS = 6
_PHONE = re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){5,}")


@dataclass(frozen=True, eq=False)
class ConfidentialRecords:
    """Texts in their tidied form, digits of phones, and points (n, 2) in metres."""

    texts: frozenset[str]
    phones: frozenset[str]
    points: Floats
    epsg: int

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.texts or self.phones or len(self.points))

    def are_told_in(self, texts: Iterable[str]) -> bool:
        """Whether any of some texts holds a text or a phone of these records."""
        searched = list(texts)
        if self.phones and any(not self.phones.isdisjoint(phones_in(text)) for text in searched):
            return True
        if not self.texts:
            return False
        sought = re.compile(f" (?:{'|'.join(map(re.escape, sorted(self.texts)))}) ")
        return any(sought.search(f" {tidied(text)} ") for text in searched)


def confidential_records(
    services: Sequence[Service], epsg: int, public_texts: Iterable[str] = ()
) -> ConfidentialRecords:
    """Gather what must not be published, less what public services and public texts say too."""
    hidden: list[Service] = []
    public: list[Service] = []
    for service in services:
        (hidden if is_confidential(service) else public).append(service)
    texts = {tidied(text) for service in hidden for text in _texts(service)}
    known = {tidied(text) for service in public for text in _texts(service)}
    known |= {tidied(text) for text in (*public_texts, *published_labels().values())}
    phones = {number for service in hidden for number in phones_in(service.phone or "")}
    known_phones = {number for service in public for number in phones_in(service.phone or "")}
    known_phones |= {number for text in public_texts for number in phones_in(text)}
    return ConfidentialRecords(
        frozenset(text for text in texts - known if len(text) >= FEWEST_LETTERS),
        frozenset(phones - known_phones),
        points_of(hidden, epsg),
        epsg,
    )


def points_of(services: Iterable[Service], epsg: int) -> Floats:
    """Give the points of all locations of services.

    Parameters
    ----------
    services : iterable of Service
        A location without a position is left out.
    epsg : int
        The projected reference system of the city.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Metres.
    """
    positions = [place.position for service in services for place in service.locations]
    known = [(position.lon, position.lat) for position in positions if position.lon is not None]
    lon, lat = np.array(known, float).reshape(-1, 2).T
    return np.column_stack(to_metres(lon, lat, epsg))


def tidied(text: str) -> str:
    """Lower a text, without accents and signs: words parted by one blank."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(text)).split())


def phones_in(text: str) -> set[str]:
    """Find the numbers of a text that may be phones, as digits without the prefix of Italy."""
    candidates = (re.sub(r"\D", "", number) for number in _PHONE.findall(text))
    national = (re.sub(r"^(?:00)?39(?=\d{6})", "", digits) for digits in candidates)
    return {digits for digits in national if len(digits) >= FEWEST_DIGITS}


def _texts(service: Service) -> Iterable[str]:
    named = (service.service_id.split(":", 1)[-1], service.name, service.email, service.url)
    places = (place.address for place in service.locations)
    return [text for text in (*named, *places) if text]
