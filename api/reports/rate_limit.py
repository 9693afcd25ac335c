"""Rate limits of what people send, as token buckets that are held in memory alone."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from api.client_networks import networks_of, region_of
from api.shared_rows import WAYS, Rows, SharedRows, set_of

SETS = 2048
"""Buckets remembered at once: of the 16 of a set, that used longest ago is forgotten first."""
_BUCKET = np.dtype([("key", np.uint64), ("tokens", np.float64), ("filled_at", np.float64)])


@dataclass(frozen=True)
class Rate:
    """So many at once, and as many again in so many seconds.

    Attributes
    ----------
    tokens : int
        How many at once.
    seconds : float
        Until as many are there again.
    """

    tokens: int
    seconds: float


_Bucket = tuple[Rows, Rate]


@dataclass(frozen=True)
class Limits:
    """How often one may write: a sender, its wider network, about one service, and everybody.

    What others wrote about a service, or in all, holds nobody back who has not written lately:
    `first` is how often a network counts as one that has not, and `region` and `newcomers` how many
    first reports the networks of one /16 (or /32 of IPv6) and of all have.
    """

    sender: Rate
    network: Rate
    service: Rate
    together: Rate
    first: Rate
    region: Rate
    newcomers: Rate


class Allowance:
    """Counts what is sent by a sender, from its network, of a service, and in all.

    Each has a bucket of its own, by a salted hash held in memory alone, which all processes of a
    server share. Whoever has many addresses empties the bucket of their networks, or of one
    service, before that of all; the first report of a network needs neither of these two.

    Parameters
    ----------
    limits : Limits
        The rate of each of them.
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        # The last two are those of all together, and of all newcomers.
        self._buckets = SharedRows(_BUCKET, SETS * WAYS + 2)
        with self._buckets.locked() as rows:
            rows[-2:] = [(1, rate.tokens, clock()) for rate in (limits.together, limits.newcomers)]

    def take(self, address: str, service_id: str) -> int:
        """Take a token of every bucket: 0, or the seconds to wait when one of them is empty."""
        sender, network = networks_of(address)
        limits = self._limits
        with self._buckets.locked() as rows:
            now = self._clock()

            def own(name: str, rate: Rate) -> _Bucket:
                return self._bucket(rows, name, rate, now), rate

            # Whoever is held back makes no other rows, that would push those of others out.
            ours: list[_Bucket] = []
            for name, rate in ((f"n{network}", limits.network), (f"s{sender}", limits.sender)):
                ours.append(own(name, rate))
                if wait := _wait(ours, now):
                    return wait
            first = [own(f"f{network}", limits.first), own(f"w{region_of(address)}", limits.region)]
            first.append((rows[-1:], limits.newcomers))
            later = [own(f"r{service_id}", limits.service), (rows[-2:-1], limits.together)]
            waits = [_wait(first, now), _wait(later, now)]
            if min(waits) == 0:
                for bucket, _ in [*ours, *(later if waits[0] else first)]:
                    bucket["tokens"] -= 1
            return min(waits)

    def _bucket(self, rows: Rows, name: str, rate: Rate, now: float) -> Rows:
        """Find the row of a name, or give it that of its set which was used longest ago."""
        key = self._buckets.key(name)
        ways = set_of(rows, key, SETS)
        is_own = ways["key"] == key
        way = int(np.argmax(is_own) if is_own.any() else np.argmin(ways["filled_at"]))
        if not is_own.any():
            ways[way] = (key, rate.tokens, now)
        return ways[way : way + 1]


def _wait(buckets: list[_Bucket], now: float) -> int:
    """Fill buckets up to this moment; 0, or the seconds until each has a token."""
    return max(_fill(bucket, rate, now) for bucket, rate in buckets)


def _fill(bucket: Rows, rate: Rate, now: float) -> int:
    """Fill a bucket up to this moment; 0, or the seconds until a token is there."""
    grown = (now - float(bucket["filled_at"][0])) * rate.tokens / rate.seconds
    tokens = min(rate.tokens, float(bucket["tokens"][0]) + grown)
    bucket["tokens"], bucket["filled_at"] = tokens, now
    return max(0, math.ceil((1 - tokens) * rate.seconds / rate.tokens))
