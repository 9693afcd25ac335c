"""The catalogue as the web sees it: reports go in, counts come out; pages go on without it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from api.reports.rate_limit import Allowance, Rate
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import open_database
from mapping.catalogue.reports import Reports
from mapping.disclosure import is_confidential
from mapping.errors import BadInputError, ClosedDeskError

EACH, TOGETHER = Rate(5, 600), Rate(120, 3600)
"""Five reports in ten minutes from one place, two an hour and a minute from everywhere."""
REST_SECONDS = 30
"""A database that did not answer is left alone so long: no page waits for it meanwhile."""
Got = TypeVar("Got")


class Desk:
    """Opens the catalogue when it is first needed, and again when it has been away.

    Parameters
    ----------
    url : str
        Of its database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._rests_until = 0.0
        self.allowance = Allowance(EACH, TOGETHER)

    def report(self, service_id: str, kind: str, text: str) -> None:
        """Keep a report.

        Parameters
        ----------
        service_id : str
            Of whom it speaks.
        kind : str
            One of `reports.KINDS`.
        text : str
            What the person adds.

        Raises
        ------
        ClosedDeskError
            When the catalogue does not answer.
        """
        self._ask(lambda engine: Reports(engine).add(service_id, kind, text))

    def counts(self, *service_ids: str) -> Mapping[str, int]:
        """Count the reports of a service that wait.

        Parameters
        ----------
        *service_ids : str
            Its id, and those that were merged into it.

        Returns
        -------
        mapping of str to int
            By kind; empty too when the catalogue does not answer.
        """
        try:
            return self._ask(lambda engine: Reports(engine).counts(*service_ids))
        except ClosedDeskError:
            return {}

    def withdrawn_name(self, service_id: str) -> str | None:
        """Name a service that the catalogue holds no more.

        Parameters
        ----------
        service_id : str
            Its id.

        Returns
        -------
        str or None
            None when it was never published, is confidential, or the catalogue does not answer.
        """
        try:
            history = self._ask(lambda engine: Catalogue(engine).history(service_id))
        except ClosedDeskError:
            return None
        said = [revision for revision in history if revision.state != "proposed"]
        if not said or said[-1].state != "withdrawn" or is_confidential(said[-1].service):
            return None
        return said[-1].service.name

    def _ask(self, question: Callable[[sa.Engine], Got]) -> Got:
        try:
            return question(self._opened())
        except SQLAlchemyError as error:
            # The database's own words may repeat a row: only the kind of failure is logged.
            self._close(error)
            raise ClosedDeskError from None

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
