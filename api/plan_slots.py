"""How many plans a server makes at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from mapping.city import City
from mapping.edition.edition import Edition
from mapping.errors import BusyError
from mapping.siting.inputs import PlanData

AT_ONCE = 2
"""Plans computed at the same time: each may keep a processor busy for seconds."""


class PlanSlots:
    """Limits how many plans are computed at once on one open edition."""

    def __init__(self, edition: Edition, place: City) -> None:
        self._edition, self._city = edition, place
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()

    @cached_property
    def _ground(self) -> PlanData:
        return PlanData(self._edition, self._city)

    @contextmanager
    def ground(self) -> Iterator[PlanData]:
        """Lend the data of plans, read at the first; raises BusyError when no slot is free."""
        if not self._slots.acquire(blocking=False):
            raise BusyError
        try:
            with self._lock:
                ground = self._ground
            yield ground
        finally:
            self._slots.release()
