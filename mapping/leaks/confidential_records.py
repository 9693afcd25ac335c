"""What is looked for: texts and points of confidential records that nobody else has."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mapping.arrays import Floats
from mapping.crs import to_metres
from mapping.disclosure import is_confidential, published_labels
from mapping.geocoding.address import kind_of
from mapping.leaks.phone_digits import phones_in
from mapping.leaks.street_numbers import (
    StreetNumber,
    addresses_in,
    first_number,
    numbers_near,
    tidied,
)
from mapping.model import Service

MAX_REMEMBERED, MAX_REMEMBERED_LETTERS = 200_000, 200
"""Texts whose judgement is kept, and how long they may be."""
FEWEST_LETTERS = 5
"""A shorter text, such as CAV, says nothing by itself."""


class _Judgement(NamedTuple):
    tells: bool
    hints: bool


@dataclass(frozen=True, eq=False)
class ConfidentialRecords:
    """Texts in their tidied form, digits of phones, and points (n, 2) in metres."""

    texts: frozenset[str]
    phones: frozenset[str]
    points: Floats
    epsg: int
    public_addresses: frozenset[StreetNumber] = frozenset()
    """Street and number of public services: not told by who says them."""

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.texts or self.phones or len(self.points))

    def without(self, public_texts: Collection[str]) -> "ConfidentialRecords":
        """Leave out what some public texts say too."""
        if not public_texts:
            return self
        known = set(map(tidied, public_texts))
        addresses = {address for text in public_texts for address in addresses_in(text)}
        addresses |= self.public_addresses
        left = (text for text in self.texts - known if not _is_one_of(addresses, text))
        return replace(self, texts=frozenset(left), public_addresses=frozenset(addresses))

    def are_told_in(self, texts: Iterable[str]) -> bool:
        """Whether any of some texts holds a text, an address or a phone of these records."""
        return any(self._judged(text).tells for text in texts)

    def may_be_told_by(self, cell: str) -> bool:
        """Whether a cell has a street of these records, or the end of a phone of theirs.

        With another cell of its row it may tell the address, or the phone.
        """
        return self._judged(cell).hints

    def _judged(self, text: str) -> "_Judgement":
        """Judge a text once: tables repeat few texts in many rows."""
        judgement = self._judgements.get(text)
        if judgement is None:
            judgement = self._judge(text)
            if len(self._judgements) < MAX_REMEMBERED and len(text) <= MAX_REMEMBERED_LETTERS:
                self._judgements[text] = judgement
        return judgement

    def _judge(self, text: str) -> "_Judgement":
        words = tidied(text)
        surrounded, parts = f" {words} ", set(words.split())
        phrases = _sought(self._texts_by_word, parts)
        streets = [
            street
            for street in _sought(self._streets_by_word, parts)
            if f" {street} " in surrounded
        ]
        tells = (
            any(f" {phrase} " in surrounded for phrase in phrases)
            or any(
                number in self._numbers_by_street[street]
                for street in streets
                for number in numbers_near(street, words)
            )
            or not self.phones.isdisjoint(phones_in(text))
        )
        return _Judgement(tells, bool(streets) or re.sub(r"\D", "", text) in self._phone_ends)

    def are_told_by_row(self, cell: str, texts: Sequence[str], civics: Sequence[str]) -> bool:
        """Whether a cell and others of its row give an address or a phone of these records.

        `civics` are of columns of civic numbers; any text may be one beside a street with its kind.
        """
        words = tidied(cell)
        beside = (*civics, *texts) if any(map(kind_of, words.split())) else civics
        numbers = {number for text in beside for number in first_number(tidied(text).split()[:1])}
        for street in _sought(self._streets_by_word, set(words.split())):
            is_bare = f" {street} " in f" {words} " and not list(numbers_near(street, words))
            if is_bare and numbers & self._numbers_by_street[street]:
                return True
        digits = [re.sub(r"\D", "", text) for text in (cell, *texts)]
        return any(start + digits[0] in self.phones for start in digits[1:])

    @cached_property
    def _judgements(self) -> "dict[str, _Judgement]":
        return {}

    @cached_property
    def _texts_by_word(self) -> Mapping[str, list[str]]:
        return _by_longest_word(self.texts)

    @cached_property
    def _numbers_by_street(self) -> Mapping[str, set[str]]:
        numbers: dict[str, set[str]] = defaultdict(set)
        for text in self.texts:
            for address in addresses_in(text):
                if address not in self.public_addresses:
                    numbers[address.street].add(address.number)
        return numbers

    @cached_property
    def _streets_by_word(self) -> Mapping[str, list[str]]:
        return _by_longest_word(self._numbers_by_street)

    @cached_property
    def _phone_ends(self) -> frozenset[str]:
        return frozenset(phone[cut:] for phone in self.phones for cut in range(2, 5))


def confidential_records(
    services: Sequence[Service], epsg: int, public_texts: Iterable[str] = ()
) -> ConfidentialRecords:
    """Gather what must not be published, less what public services and public texts say too."""
    hidden: list[Service] = []
    public: list[Service] = []
    for service in services:
        (hidden if is_confidential(service) else public).append(service)
    texts = {tidied(text) for service in hidden for text in _texts(service)}
    known_texts = [text for service in public for text in _texts(service)]
    known_texts += [*public_texts, *published_labels().values()]
    phones = {number for service in hidden for number in phones_in(service.phone or "")}
    known_phones = {number for service in public for number in phones_in(service.phone or "")}
    known_phones |= {number for text in public_texts for number in phones_in(text)}
    records = ConfidentialRecords(
        frozenset(text for text in texts if len(text) >= FEWEST_LETTERS),
        frozenset(phones - known_phones),
        points_of(hidden, epsg),
        epsg,
    )
    return records.without(known_texts)


def points_of(services: Iterable[Service], epsg: int) -> Floats:
    """Give the points of all locations of services.

    Parameters
    ----------
    services : iterable of Service
        At their places, and where their sources have them; one without a position is left out.
    epsg : int
        The projected reference system of the city.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Metres.
    """
    positions = [place.position for service in services for place in service.locations]
    points = [
        point
        for each in positions
        for point in ((each.lon, each.lat), (each.published_lon, each.published_lat))
    ]
    known = [point for point in points if point[0] is not None]
    lon, lat = np.array(known, float).reshape(-1, 2).T
    return np.column_stack(to_metres(lon, lat, epsg))


def _is_one_of(public_addresses: Collection[StreetNumber], text: str) -> bool:
    """Whether a text is a public address with its kind of street, and nothing more."""
    return any(
        address in public_addresses and len(text.split()) <= len(address.street.split()) + 2
        for address in addresses_in(text)
    )


def _sought(by_word: Mapping[str, list[str]], words: set[str]) -> Iterable[str]:
    for word in by_word.keys() & words:
        yield from by_word[word]


def _by_longest_word(phrases: Iterable[str]) -> Mapping[str, list[str]]:
    """Sort phrases by a word that a text must have to hold them."""
    by_word: dict[str, list[str]] = defaultdict(list)
    for phrase in phrases:
        by_word[max(phrase.split(), key=len)].append(phrase)
    return by_word


def _texts(service: Service) -> Iterable[str]:
    named = (service.service_id.split(":", 1)[-1], service.name, service.email, service.url)
    places = (place.address for place in service.locations)
    return [text for text in (*named, *places) if text]
