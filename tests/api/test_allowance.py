"""How often one may write: each for itself, all together, and no address is kept."""

from api.reports.rate_limit import MAX_HELD, Allowance, Rate


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_sender_has_so_many_and_gets_them_back_with_time() -> None:
    clock = Clock()
    allowance = Allowance(Rate(2, 100), Rate(100, 100), clock)
    assert [allowance.take("192.0.2.1") for _ in range(3)] == [0, 0, 50]
    assert allowance.take("192.0.2.2") == 0
    clock.seconds += 50
    assert [allowance.take("192.0.2.1") for _ in range(2)] == [0, 50]
    clock.seconds += 10_000
    assert [allowance.take("192.0.2.1") for _ in range(3)] == [0, 0, 50]


def test_all_together_have_so_many() -> None:
    allowance = Allowance(Rate(2, 100), Rate(3, 300), Clock())
    assert [allowance.take(f"192.0.2.{n}") for n in range(4)] == [0, 0, 0, 100]


def test_one_home_is_one_sender_whatever_follows_its_prefix() -> None:
    allowance = Allowance(Rate(1, 60), Rate(100, 60), Clock())
    assert allowance.take("2001:db8:1:2::1") == 0
    assert allowance.take("2001:db8:1:2:ffff::9%eth0") == 60
    assert allowance.take("2001:db8:1:3::1") == 0


def test_no_address_is_kept_and_memory_has_an_end() -> None:
    allowance = Allowance(Rate(1, 60), Rate(10**9, 60), Clock())
    for number in range(MAX_HELD + 50):
        allowance.take(f"2001:db8:{number:x}::1")
    held = allowance._senders
    assert len(held) <= MAX_HELD
    assert not any(b"2001" in name for name in held)
    assert allowance.take(f"2001:db8:{MAX_HELD + 49:x}::1") == 60
    assert Allowance(Rate(1, 1), Rate(1, 1))._salt != allowance._salt
