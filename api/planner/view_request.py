"""A request of the planner: its view, its screen, and what was wrong in its query."""

from dataclasses import replace
from functools import cached_property
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import Depends, Request

from api.dependencies import OpenEdition
from api.i18n.language import words_for
from api.planner.labels import Teller
from api.planner.screen import Screen, screen
from api.planner.view import Offer, offer
from api.planner.view_reader import read_view
from api.published import Published, Shelf
from mapping.edition.edition import Edition
from mapping.edition.queries import has_figures, require_figures
from mapping.errors import BadInputError, ProssimaError


class ViewRequest:
    """A request for a view, read once: the view, its screen, and the problems of its query."""

    def __init__(self, request: Request, reading: Published) -> None:
        self.words = words_for(request)
        self.teller = Teller(self.words)
        self.shelf: Shelf = request.app.state.shelf
        self.reading = reading
        self.offered = _offered(self.shelf, reading)
        self.view, self.problems = read_view(
            request.query_params, reading, self.offered, self.words
        )
        self.before: Edition | None = None
        self.has_figures = has_figures(reading.edition, self.view.category)
        if self.view.since and self.has_figures:
            self._compare()

    @cached_property
    def screen(self) -> Screen:
        """The numbers of the view; raises BadInputError when the edition does not hold them."""
        return screen(self.reading.edition, self.view, self.before)

    def _compare(self) -> None:
        """Open the other edition; one that cannot be compared is told, and left out."""
        try:
            self.before = self.shelf.other(self.view.since)
            self.screen = screen(self.reading.edition, self.view, self.before)
        except ProssimaError:
            text = self.words.gettext(
                "L'edizione %(edition)s non si può confrontare con questa: non dice di questa"
                " mappa. Scegline una più recente."
            )
            self.problems.append(text % {"edition": self.view.since})
            self.view, self.before = replace(self.view, since=""), None


def read_request(request: Request, reading: OpenEdition) -> ViewRequest:
    """Read the view of a request; a page shows its problems beside what could be read."""
    return ViewRequest(request, reading)


def require_valid(requested: Annotated[ViewRequest, Depends(read_request)]) -> ViewRequest:
    """Raise BadInputError if any query value was invalid: a download cannot show warnings.

    Raises RecomputedError where there are no figures to show.
    """
    require_figures(requested.reading.edition, requested.view.category)
    if requested.problems:
        raise BadInputError(" ".join(requested.problems))
    return requested


RequestedView = Annotated[ViewRequest, Depends(read_request)]
ValidView = Annotated[ViewRequest, Depends(require_valid)]


_OFFERS: WeakKeyDictionary[Published, Offer] = WeakKeyDictionary()
"""What each open edition offered when it was asked last."""


def _offered(shelf: Shelf, reading: Published) -> Offer:
    others = shelf.comparable(reading)
    known = _OFFERS.get(reading)
    if known is None or list(known.since) != others:
        known = _OFFERS[reading] = offer(reading.lookup, reading.city.municipio_word, others)
    return known
