"""Turns of clients at work: a bounded queue, in which nobody takes the place of others.

Networks have turns in rounds, however many requests each has waiting; every other turn is for one
that was worked on least of late, so that many which ask long questions keep no short one waiting.
Work is counted as time of the processor: who waits for it, beside others, does not pay for them.
Of heavy work a client has few waiting or worked on over all processes of the server.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from api.client_networks import networks_of
from api.shared_rows import SharedRows
from mapping.errors import BusyError

MAX_OF_SENDER, MAX_OF_NETWORK = 4, 8
"""Heavy requests that a client, and its wider network, may have at a time."""
HALF_SECONDS, ALIKE_SECONDS = 10.0, 0.02
"""Work counts half after so long; networks that differ by less are worked on alike."""
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

    @contextmanager
    def turn(self, client: str) -> Iterator[None]:
        """Hold a turn during the block; raises BusyError at once when there is none."""
        number = self.take(client)
        if number is None:
            raise BusyError
        try:
            yield
        finally:
            self.give_back(number)

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


@dataclass(frozen=True)
class TurnBounds:
    """How many requests are worked on, and how many wait for it: in all, and of one network."""

    at_once: int
    of_network_at_once: int
    waiting: int
    of_network_waiting: int

    @property
    def plans_at_once(self) -> int:
        """Plans that are worked on at the most: they take longest."""
        return max(self.at_once // 2, 1)

    @property
    def plans_waiting(self) -> int:
        """Plans that wait at the most."""
        return self.waiting // 2


@dataclass(eq=False)
class QueuePlace:
    """One request in the queue."""

    network: str
    is_plan: bool = False
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    is_refused: bool = False
    worked_seconds: float = 0.0

    def count(self, seconds: float) -> None:
        """Add time of the processor that was spent on it."""
        self.worked_seconds += seconds

    async def comes(self, within_seconds: float) -> None:
        """Wait for the turn; raises BusyError when it does not come, or goes to somebody else."""
        try:
            async with asyncio.timeout(within_seconds):
                await self.turn.wait()
        except TimeoutError as error:
            raise BusyError from error
        if self.is_refused:
            raise BusyError


class ClientTurns:
    """The queue of one process: networks in rounds, the requests of each in their order.

    Who comes when it is full takes the place of the last request of the network that has most, and
    is refused when that is its own.
    """

    def __init__(self, bounds: TurnBounds, clock: Callable[[], float] = time.monotonic) -> None:
        self._bounds, self._clock = bounds, clock
        self._turns_given = 0
        self._worked_seconds: dict[str, float] = {}
        """On networks, of late."""
        self._halved_at = clock()
        self._working: list[QueuePlace] = []
        self._waiting: dict[str, list[QueuePlace]] = {}
        """By network, in the order of their turns."""

    @property
    def load(self) -> tuple[int, int]:
        """Give how many requests are worked on, and how many wait."""
        return len(self._working), sum(map(len, self._waiting.values()))

    @contextmanager
    def place(self, client: str, *, is_plan: bool = False) -> Iterator[QueuePlace]:
        """Lend a place in the queue; raises BusyError at once when there is none."""
        place = QueuePlace(networks_of(client)[1], is_plan)
        self._waiting.setdefault(place.network, []).append(place)
        self._call()
        if not place.turn.is_set():
            self._shorten(place)
        try:
            yield place
        finally:
            if place in self._working:
                self._working.remove(place)
                self._count(place)
            elif not place.is_refused:
                self._take_out(place)
            self._call()

    def _call(self) -> None:
        while len(self._working) < self._bounds.at_once and (place := self._next()) is not None:
            self._take_out(place)
            if place.network in self._waiting:  # its network is the last of the round
                self._waiting[place.network] = self._waiting.pop(place.network)
            self._working.append(place)
            self._turns_given += 1
            place.turn.set()

    def _count(self, ended: QueuePlace) -> None:
        """Count what was worked on a request, and forget slowly what was before."""
        now = self._clock()
        if now - self._halved_at >= HALF_SECONDS:
            part = 0.5 ** ((now - self._halved_at) / HALF_SECONDS)
            left = {name: part * seconds for name, seconds in self._worked_seconds.items()}
            self._worked_seconds = {name: left[name] for name in left if left[name] > ALIKE_SECONDS}
            self._halved_at = now
        worked = self._worked_seconds.get(ended.network, 0.0)
        self._worked_seconds[ended.network] = worked + ended.worked_seconds

    def _networks(self) -> list[str]:
        """Give the networks that wait: in rounds, and every other time by how little they had."""
        worked = self._worked_seconds
        networks = list(self._waiting)
        if self._turns_given % 2:
            networks.sort(key=lambda network: int(worked.get(network, 0.0) / ALIKE_SECONDS))
        return networks

    def _next(self) -> QueuePlace | None:
        may_plan = sum(place.is_plan for place in self._working) < self._bounds.plans_at_once
        for network in self._networks():
            places = self._waiting[network]
            of_network = sum(place.network == network for place in self._working)
            if of_network < self._bounds.of_network_at_once:
                for place in places:
                    if may_plan or not place.is_plan:
                        return place
        return None

    def _shorten(self, newcomer: QueuePlace) -> None:
        """Refuse one request when too many wait."""
        bounds, waiting = self._bounds, self._waiting.values()
        plans = [[place for place in places if place.is_plan] for places in waiting]
        if len(self._waiting[newcomer.network]) > bounds.of_network_waiting:
            refused = newcomer
        elif sum(map(len, plans)) > bounds.plans_waiting and newcomer.is_plan:
            refused = _last_of_longest(plans, newcomer)
        elif self.load[1] > bounds.waiting:
            refused = _last_of_longest(waiting, newcomer)
        else:
            return
        self._take_out(refused)
        refused.is_refused = True
        refused.turn.set()
        if refused is newcomer:
            raise BusyError

    def _take_out(self, place: QueuePlace) -> None:
        places = self._waiting[place.network]
        places.remove(place)
        if not places:
            del self._waiting[place.network]


def _last_of_longest(queues: Iterable[list[QueuePlace]], newcomer: QueuePlace) -> QueuePlace:
    """Give the last of the longest queue; of several as long, the newcomer."""
    return max(queues, key=lambda places: (len(places), newcomer in places))[-1]
