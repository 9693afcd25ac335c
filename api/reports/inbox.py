"""The catalogue behind the web: reports go in, what is borne out comes out; it may be away."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from api.reports.rate_limit import Allowance, Limits, Rate
from api.reports.senders import Senders
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database
from mapping.catalogue.reports import Reports
from mapping.disclosure import is_confidential
from mapping.errors import BadInputError, ClosedDeskError
from mapping.model import Service

LIMITS = Limits(
    sender=Rate(5, 600),
    network=Rate(25, 600),
    service=Rate(20, 3600),
    together=Rate(2000, 3600),
    first=Rate(1, 3600),
    region=Rate(256, 3600),
    newcomers=Rate(10_000, 3600),
)
"""So many reports in so many seconds; first ones of networks in a number that no few hands have."""
REST_SECONDS = 30
"""Circuit breaker: no retry for so long after a failure, so that no page waits for it."""
ASKED_AT_ONCE, TURN_SECONDS = 2, 1.0
"""Threads that may wait for the database, and how long others wait for their turn."""
Got = TypeVar("Got")


class Desk:
    """Takes reports; opens the catalogue when it is first needed, and again when it was away.

    Parameters
    ----------
    url : str
        Of the catalogue's database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._rests_until = 0.0
        self._turns = threading.BoundedSemaphore(ASKED_AT_ONCE)
        self.allowance = Allowance(LIMITS)
        self._senders = Senders()

    def report(self, address: str, service_id: str, kind: str, text: str) -> None:
        """Keep a report of one of `reports.KINDS`, and nothing of the address it came from.

        Raises ClosedDeskError when the catalogue does not answer.
        """
        repeated = self._senders.has_sent(address, service_id, kind)
        self._ask(lambda engine: Reports(engine).add(service_id, kind, text, repeated=repeated))
        self._senders.remember(address, service_id, kind)

    def public_kinds(self, *service_ids: str) -> list[str]:
        """List what a page may say was reported, under all ids of a service.

        Nothing is listed without a catalogue.
        """
        try:
            return self._ask(lambda engine: Reports(engine).public_kinds(*service_ids))
        except ClosedDeskError:
            return []

    def withdrawn_name(self, service_id: str) -> str | None:
        """Name a service that the catalogue withdrew.

        None when it was never published, is confidential, or the catalogue does not answer.
        """
        try:
            service = self._ask(lambda engine: _withdrawn(Catalogue(engine), service_id))
        except ClosedDeskError:
            return None
        return None if service is None or is_confidential(service) else service.name

    def _ask(self, question: Callable[[sa.Engine], Got]) -> Got:
        # A database that is locked for long would hold every thread of the server.
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise ClosedDeskError
        try:
            return question(self._opened())
        except SQLAlchemyError as error:
            # The database's own words may repeat a row: only the kind of failure is logged.
            self._close(error)
            raise ClosedDeskError from None
        finally:
            self._turns.release()

    def _opened(self) -> sa.Engine:
        with self._lock:
            if self._engine is None:
                self._require_rested()
                try:
                    self._engine = open_database(self._url, create=False)
                except BadInputError as error:
                    self._rest(error)
                    raise ClosedDeskError from None
            return self._engine

    def _require_rested(self) -> None:
        if time.monotonic() < self._rests_until:
            raise ClosedDeskError

    def _close(self, error: Exception) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS
        logging.getLogger("uvicorn.error").warning(
            "the catalogue does not answer: %s", type(error).__name__
        )


def _withdrawn(catalogue: Catalogue, service_id: str) -> Service | None:
    settled = [
        revision for revision in catalogue.history(service_id) if revision.state != "proposed"
    ]
    if not settled or settled[-1].state != "withdrawn":
        return None
    return catalogue.decided([settled[-1].service])[0]
