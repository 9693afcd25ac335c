"""Rate limits of what people send: a token bucket for each sender, and one for all together."""

import hashlib
import ipaddress
import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MAX_HELD = 10_000
"""Senders remembered at once; those with a full bucket are forgotten first."""
IPV6_PREFIX = 64
"""A home or a phone is given a network of so many bits: it is one sender."""


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


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Allowance:
    """Counts what each sender takes, by a salted hash of its address held in memory alone.

    Parameters
    ----------
    each, together : Rate
        Of one sender, and of all.
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self, each: Rate, together: Rate, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each, self._together, self._clock = each, together, clock
        self._salt = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._senders: dict[bytes, _Bucket] = {}
        self._all = _Bucket(together.tokens, clock())

    def take(self, address: str) -> int:
        """Take a token of a sender and one of all: 0, or the seconds to wait when there is none."""
        with self._lock:
            now = self._clock()
            sender = self._sender(address, now)
            waits = [_wait(sender, self._each, now), _wait(self._all, self._together, now)]
            if max(waits) == 0:
                sender.tokens -= 1
                self._all.tokens -= 1
            return max(waits)

    def _sender(self, address: str, now: float) -> _Bucket:
        name = hashlib.blake2b(_network(address).encode(), key=self._salt, digest_size=16).digest()
        if name not in self._senders and len(self._senders) >= MAX_HELD:
            self._forget(now)
        return self._senders.setdefault(name, _Bucket(self._each.tokens, now))

    def _forget(self, now: float) -> None:
        recent = {
            name: bucket
            for name, bucket in self._senders.items()
            if now - bucket.filled_at < self._each.seconds
        }
        # Where all are recent, the oldest makes room: the common bucket still holds.
        self._senders = dict(list(recent.items())[-(MAX_HELD - 1) :])


def _wait(bucket: _Bucket, rate: Rate, now: float) -> int:
    grown = (now - bucket.filled_at) * rate.tokens / rate.seconds
    bucket.tokens, bucket.filled_at = min(rate.tokens, bucket.tokens + grown), now
    return max(0, math.ceil((1 - bucket.tokens) * rate.seconds / rate.tokens))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - the two versions of IP
        return address
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
