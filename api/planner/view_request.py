"""A request of the planner: its view, its screen, and what was wrong in its query."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from api.dependencies import OpenEdition
from api.i18n.language import words_for
from api.planner.labels import Teller
from api.planner.screen import Screen, screen
from api.planner.view import Offer, offer
from api.planner.view_reader import read_view
from api.published import Published, Shelf
from mapping.edition.edition import Edition
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
        self.screen = self._screen()

    def _screen(self) -> Screen:
        try:
            self.before = self.shelf.other(self.view.since) if self.view.since else None
            return screen(self.reading.edition, self.view, self.before)
        except ProssimaError:
            if not self.view.since:
                raise
            text = self.words.gettext(
                "L'edizione %(edition)s non si può confrontare con questa: non dice di questa"
                " mappa. Scegline una più recente."
            )
            self.problems.append(text % {"edition": self.view.since})
            self.view, self.before = replace(self.view, since=""), None
            return screen(self.reading.edition, self.view)


def read_request(request: Request, reading: OpenEdition) -> ViewRequest:
    """Read the view of a request; a page shows its problems beside what could be read."""
    return ViewRequest(request, reading)


def require_valid(requested: Annotated[ViewRequest, Depends(read_request)]) -> ViewRequest:
    """Raise BadInputError if any query value was invalid: a download cannot show warnings."""
    if requested.problems:
        raise BadInputError(" ".join(requested.problems))
    return requested


RequestedView = Annotated[ViewRequest, Depends(read_request)]
ValidView = Annotated[ViewRequest, Depends(require_valid)]


def _offered(shelf: Shelf, reading: Published) -> Offer:
    return offer(reading.lookup, reading.city.municipio_word, shelf.comparable(reading))
