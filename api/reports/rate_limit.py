"""Rate limits of what people send, as token buckets that are held in memory alone."""

import hashlib
import ipaddress
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_HELD = 10_000
"""Buckets remembered at once; the one that was used longest ago is forgotten first."""
PREFIXES = {4: (32, 24), 6: (64, 48)}
"""By version of IP, the bits of a sender (a home or a phone has a whole /64) and of its network."""


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


@dataclass(frozen=True)
class Limits:
    """How often one may write: a sender, its wider network, about one service, and everybody."""

    sender: Rate
    network: Rate
    service: Rate
    together: Rate


@dataclass
class _Bucket:
    rate: Rate
    tokens: float
    filled_at: float

    def wait(self, now: float) -> int:
        """Fill up to this moment; 0, or the seconds until a token is there."""
        grown = (now - self.filled_at) * self.rate.tokens / self.rate.seconds
        self.tokens, self.filled_at = min(self.rate.tokens, self.tokens + grown), now
        return max(0, math.ceil((1 - self.tokens) * self.rate.seconds / self.rate.tokens))


class Allowance:
    """Counts what is sent by a sender, from its network, of a service, and in all.

    Each has a bucket of its own, by a salted hash held in memory alone. Whoever has many addresses
    empties the bucket of their networks, or of one service, before that of all.

    Parameters
    ----------
    limits : Limits
        The rate of each of them.
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._salt = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()
        self._all = _Bucket(limits.together, limits.together.tokens, clock())

    def take(self, address: str, service_id: str) -> int:
        """Take a token of every bucket: 0, or the seconds to wait when one of them is empty."""
        sender, network = networks(address)
        limits = self._limits
        kinds = {f"s{sender}": limits.sender, f"n{network}": limits.network}
        kinds[f"r{service_id}"] = limits.service
        with self._lock:
            now = self._clock()
            buckets = [self._bucket(name, rate, now) for name, rate in kinds.items()]
            waits = [bucket.wait(now) for bucket in [*buckets, self._all]]
            if max(waits) == 0:
                for bucket in [*buckets, self._all]:
                    bucket.tokens -= 1
            return max(waits)

    def _bucket(self, name: str, rate: Rate, now: float) -> _Bucket:
        key = hashlib.blake2b(name.encode(), key=self._salt, digest_size=16).digest()
        bucket = self._buckets.setdefault(key, _Bucket(rate, rate.tokens, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MAX_HELD:
            self._buckets.popitem(last=False)
        return bucket


def networks(address: str) -> tuple[str, str]:
    """Give the network that is one sender, and the wider one that one subscriber may hold."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address, address
    sender, wider = PREFIXES[parsed.version]
    narrow, wide = (ipaddress.ip_network((parsed, bits), strict=False) for bits in (sender, wider))
    return str(narrow), str(wide)
