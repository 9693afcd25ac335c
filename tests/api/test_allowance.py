"""How often one may write: a sender, its network, about one service; no address is kept."""

import copy
import os
import signal
import time
from dataclasses import fields

import numpy as np
import pytest

from api.reports import rate_limit
from api.reports.inbox import LIMITS
from api.reports.rate_limit import Allowance, Limits, Rate
from api.reports.senders import Senders
from api.shared_rows import DAY_SECONDS, WAYS, SharedRows

MANY, ONCE = Rate(10**9, 60), Rate(1, 10**9)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def allowance(clock: Clock | None = None, **rates: Rate) -> Allowance:
    limits = {field.name: MANY for field in fields(Limits)} | {"first": ONCE} | rates
    return Allowance(Limits(**limits), clock or Clock())


def test_a_sender_has_so_many_and_gets_them_back_with_time() -> None:
    clock = Clock()
    limited = allowance(clock, sender=Rate(2, 100))
    assert [limited.take("192.0.2.1", "a") for _ in range(3)] == [0, 0, 50]
    assert limited.take("192.0.2.2", "a") == 0
    clock.seconds += 50
    assert [limited.take("192.0.2.1", "b") for _ in range(2)] == [0, 50]
    clock.seconds += 10_000
    assert [limited.take("192.0.2.1", "a") for _ in range(3)] == [0, 0, 50]


def test_all_together_have_so_many() -> None:
    limited = allowance(together=Rate(3, 300))
    assert [limited.take(f"192.0.2.{n}", f"s{n}") for n in range(5)] == [0, 0, 0, 0, 100]


def test_a_flood_of_many_networks_holds_back_nobody_who_has_not_written() -> None:
    """As it is in use: 100 networks write whatever they may, about every service and about one."""
    limited = Allowance(LIMITS, Clock())
    flood = [
        limited.take(f"10.{n}.0.{host}", service)
        for n in range(100)
        for host in range(40)
        for service in (f"s{n}-{host}", "one")
    ]
    assert flood.count(0) == 100 + LIMITS.together.tokens  # the first of each, and what all have
    assert limited.take("10.3.0.200", "one") > 0
    assert [limited.take(f"192.0.{n}.1", "one") for n in range(50)] == [0] * 50


def test_first_reports_have_an_end_for_one_provider_and_for_all() -> None:
    limited = allowance(together=Rate(1, 60), region=Rate(2, 60), newcomers=Rate(4, 60))
    assert [limited.take(f"2001:db8:{n:x}::1", "a") > 0 for n in range(5)] == [0, 0, 0, 1, 1]
    assert [limited.take(f"2001:db9:{n:x}::1", "a") > 0 for n in range(3)] == [0, 0, 1]
    assert limited.take("2001:db0::1", "a") > 0


def test_what_is_refused_pushes_nobody_out() -> None:
    """Of a network that has written enough the senders are not remembered, however many it has."""
    limited = allowance(network=Rate(2, 10**9), sender=Rate(1, 10**9))
    assert limited.take("192.0.2.1", "a") == 0
    for number in range(1000):
        limited.take(f"2001:db8:0:{number:x}::1", "a")
    with limited._buckets.locked() as rows:
        assert np.count_nonzero(rows["key"]) < 20
    assert limited.take("192.0.2.1", "a") > 0


def test_one_home_is_one_sender_whatever_follows_its_prefix() -> None:
    limited = allowance(sender=Rate(1, 60))
    assert limited.take("2001:db8:1:2::1", "a") == 0
    assert limited.take("2001:db8:1:2:ffff::9%eth0", "a") == 60
    assert limited.take("2001:db8:1:3::1", "a") == 0


def test_one_subscriber_with_many_networks_is_held_back() -> None:
    limited = allowance(network=Rate(2, 60))
    assert [limited.take(f"2001:db8:1:{n}::1", "a") for n in range(3)] == [0, 0, 30]
    assert [limited.take(f"198.51.100.{n}", "a") for n in range(3)] == [0, 0, 30]
    assert limited.take("203.0.113.1", "a") == 0


def test_a_flood_about_one_service_leaves_the_others_open() -> None:
    limited = allowance(service=Rate(3, 60))
    flood = [limited.take(f"10.0.0.{n}", "a") for n in range(24)]
    assert flood == [0] * 4 + [20] * 20  # the first of a network is not held back by it
    assert limited.take("192.0.2.1", "b") == 0


def test_no_address_is_kept_and_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "SETS", 40)
    clock = Clock()
    limited = allowance(clock, sender=Rate(1, 60))
    with limited._buckets.locked() as rows:
        size = rows.nbytes
    for number in range(40 * WAYS + 50):
        clock.seconds += 1e-6
        limited.take(f"2001:db8:{number:x}::1", "a")
    with limited._buckets.locked() as rows:
        assert rows.nbytes == size
        assert b"2001" not in rows.tobytes()
    assert limited.take(f"2001:db8:{40 * WAYS + 49:x}::1", "a") == 60
    assert allowance()._buckets._salt != limited._buckets._salt


def test_who_is_counted_has_another_name_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one in every process, which may not have counted the days between."""
    rows, senders = SharedRows(np.dtype([("key", np.uint64)]), 1), Senders()
    other, start = copy.copy(rows), time.monotonic()
    senders.remember("192.0.2.1", "a", "moved")

    def names_after(days: float, *of: SharedRows) -> list[int]:
        monkeypatch.setattr(time, "monotonic", lambda: start + days * DAY_SECONDS)
        return [int(one.key("192.0.2.1")) for one in of]

    first, later, second, third = (names_after(days, rows)[0] for days in (0, 0.9, 1.1, 3.1))
    assert first == later
    assert len({first, second, third}) == 3
    assert names_after(3.1, other) == [third]
    # What one network says on several days stays the word of one.
    assert senders.has_sent("192.0.2.9", "a", "moved")


def test_forked_processes_share_what_is_left() -> None:
    limited = allowance(Clock(), sender=Rate(2, 100))
    process = os.fork()
    if not process:
        os._exit(limited.take("192.0.2.1", "a"))
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert [limited.take("192.0.2.1", "a") for _ in range(2)] == [0, 50]


def test_a_process_that_is_killed_with_the_lock_leaves_it_to_the_others() -> None:
    limited = allowance(Clock())
    process = os.fork()
    if not process:
        with limited._buckets.locked():
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(process, 0)
    assert limited.take("192.0.2.1", "a") == 0
