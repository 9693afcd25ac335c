"""Turns of clients at heavy work: a bounded queue, in which nobody takes the place of others.

A client has few requests waiting or worked on, over all processes of the server, and in each
process one that is worked on: of two places to work one is left to somebody else.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from api.client_networks import networks_of
from api.shared_rows import SharedRows
from mapping.errors import BusyError

MAX_OF_SENDER, MAX_OF_NETWORK = 4, 8
"""Heavy requests that a client, and its wider network, may have at a time."""
_TURN = np.dtype([("process", np.int64), ("sender", np.uint64), ("network", np.uint64)])


class HeldTurns:
    """Who has turns, waiting or worked on, in all processes of a server.

    Parameters
    ----------
    most : int
        Turns of all processes together.
    """

    def __init__(self, most: int) -> None:
        self._shared = SharedRows(_TURN, most)

    def take(self, client: str) -> int | None:
        """Give the number of a turn; None when a client has as many as it may, or all have."""
        sender, network = networks_of(client)
        sender_key, network_key = self._shared.key(f"s{sender}"), self._shared.key(f"n{network}")
        with self._shared.locked() as rows:
            taken = rows[rows["process"] != 0]
            of_sender = np.count_nonzero(taken["sender"] == sender_key)
            of_network = np.count_nonzero(taken["network"] == network_key)
            if (
                of_sender >= MAX_OF_SENDER
                or of_network >= MAX_OF_NETWORK
                or len(taken) == len(rows)
            ):
                return None
            number = int(np.argmin(rows["process"] != 0))
            rows[number] = (os.getpid(), sender_key, network_key)
            return number

    def give_back(self, number: int) -> None:
        """Free a turn."""
        with self._shared.locked() as rows:
            rows[number] = (0, 0, 0)

    def forget(self, process: int) -> None:
        """Free the turns of a process that has ended."""
        with self._shared.locked() as rows:
            rows[rows["process"] == process] = (0, 0, 0)


class ClientTurns:
    """The queue of one process: first come, first served, but one request of a client at a time."""

    def __init__(self, shared: HeldTurns, at_once: int, max_waiting: int) -> None:
        self._shared = shared
        self._at_once, self._most = at_once, at_once + max_waiting
        self._places: list[QueuePlace] = []

    @property
    def load(self) -> tuple[int, int]:
        """Give how many requests are worked on, and how many wait."""
        working = sum(place.turn.is_set() for place in self._places)
        return working, len(self._places) - working

    @contextmanager
    def place(self, client: str) -> "Iterator[QueuePlace]":
        """Lend a place in the queue; raises BusyError at once when there is none."""
        number = self._shared.take(client) if len(self._places) < self._most else None
        if number is None:
            raise BusyError
        place = QueuePlace(networks_of(client)[0], asyncio.Event())
        self._places.append(place)
        try:
            self._call()
            yield place
        finally:
            self._places.remove(place)
            self._shared.give_back(number)
            self._call()

    def _call(self) -> None:
        working = [place.client for place in self._places if place.turn.is_set()]
        for place in self._places:
            if len(working) == self._at_once:
                return
            if not place.turn.is_set() and place.client not in working:
                place.turn.set()
                working.append(place.client)


@dataclass(frozen=True, eq=False)
class QueuePlace:
    """One request in the queue."""

    client: str
    turn: asyncio.Event

    async def comes(self) -> None:
        """Wait for the turn."""
        await self.turn.wait()
