"""Turns at work: no client takes those of others, in one process or several."""

import asyncio
import os
from contextlib import ExitStack

import pytest

from api.client_turns import (
    MAX_OF_NETWORK,
    MAX_OF_SENDER,
    ClientTurns,
    HeldTurns,
    QueuePlace,
    TurnBounds,
)
from mapping.errors import BusyError

ONE, NEIGHBOUR, OTHER, THIRD = "192.0.2.1", "192.0.2.200", "198.51.100.1", "2001:db8::1"


def turns(at_once: int = 2, waiting: int = 8, of_network_waiting: int = 8) -> ClientTurns:
    return ClientTurns(TurnBounds(at_once, 1, waiting, of_network_waiting), lambda: 0.0)


class Queue:
    """A queue, and the requests that entered it, by name."""

    def __init__(self, queue: ClientTurns) -> None:
        self._queue = queue
        self._held: dict[str, tuple[ExitStack, QueuePlace]] = {}

    def enter(self, name: str, client: str, *, is_plan: bool = False) -> None:
        stack = ExitStack()
        self._held[name] = stack, stack.enter_context(self._queue.place(client, is_plan=is_plan))

    def leave(self, name: str) -> None:
        self._held.pop(name)[0].close()

    def in_state(self, *, refused: bool) -> set[str]:
        return {
            name
            for name, (_, place) in self._held.items()
            if place.turn.is_set() and place.is_refused == refused
        }

    @property
    def working(self) -> set[str]:
        return self.in_state(refused=False)

    def order(self) -> list[str]:
        """End what is worked on, one after the other, and say who was."""
        ended = []
        while self.working:
            (name,) = self.working
            self.leave(name)
            ended.append(name)
        return ended


def test_networks_have_turns_in_rounds_however_many_each_has_waiting() -> None:
    queue = Queue(turns(at_once=1))
    for name, client in (
        ("a1", ONE), ("a2", ONE), ("a3", NEIGHBOUR), ("a4", ONE), ("b1", OTHER), ("b2", OTHER),
        ("c1", THIRD),
    ):  # fmt: skip
        queue.enter(name, client)
    assert queue.order() == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


def test_a_short_question_does_not_wait_for_the_long_ones_of_many_networks() -> None:
    """Thirty networks ask without pause what takes a second; another asks what takes a moment."""
    seconds = 0.0
    queue = ClientTurns(TurnBounds(1, 1, 128, 64), lambda: seconds)
    held = [ExitStack() for _ in range(30)]
    long_ones = [one.enter_context(queue.place(f"10.0.{n}.1")) for n, one in enumerate(held)]

    def end_one() -> int:
        nonlocal seconds
        (number,) = (n for n, place in enumerate(long_ones) if place.turn.is_set())
        seconds += 1
        long_ones[number].count(1)
        with held[number]:  # it asks again before its turn ends
            held[number] = ExitStack()
            long_ones[number] = held[number].enter_context(queue.place(f"10.0.{number}.1"))
        return number

    assert {end_one() for _ in range(30)} == set(range(30))
    waits = []
    for _ in range(20):
        asked_at = seconds
        with queue.place("192.0.2.1") as short:
            while not short.turn.is_set():
                end_one()
            waits.append(seconds - asked_at)
            seconds += 0.001
            short.count(0.001)
    assert max(waits) <= 2.1
    assert {end_one() for _ in range(80)} == set(range(30))


def test_who_had_much_has_turns_even_so() -> None:
    queue = turns(at_once=1, waiting=128, of_network_waiting=64)
    with queue.place("10.0.0.1") as place:
        place.count(9)  # it had more than all others together
        held = [ExitStack() for _ in range(40)]
        first = [one.enter_context(queue.place(f"192.0.{n}.1")) for n, one in enumerate(held)]
        waiting = ExitStack()
        long_one = waiting.enter_context(queue.place("10.0.0.1"))
    given = 0
    while not long_one.turn.is_set():
        (number,) = (n for n, place in enumerate(first) if place.turn.is_set())
        held[number].close()  # each is followed by another network that had nothing
        held[number] = ExitStack()
        first[number] = held[number].enter_context(queue.place(f"198.51.{given}.1"))
        given += 1
    assert given <= 81
    waiting.close()


def test_who_waits_for_the_processor_does_not_pay_for_others() -> None:
    """A short question beside a long one takes as long, and is worked on for a moment."""
    seconds = 0.0
    queue = ClientTurns(TurnBounds(2, 1, 128, 64), lambda: seconds)
    with queue.place(ONE) as short, queue.place(OTHER) as long_one:
        seconds += 9
        short.count(0.001)
        long_one.count(9)
    later = Queue(queue)
    for name, client in (("c1", THIRD), ("c2", "203.0.113.1"), ("b1", OTHER), ("a1", ONE)):
        later.enter(name, client)
    later.leave("c1")  # by rounds
    assert later.working == {"c2", "b1"}
    later.leave("c2")  # by what they had
    assert later.working == {"b1", "a1"}
    later.leave("b1")
    later.leave("a1")


def test_one_request_of_a_network_is_worked_on_at_a_time() -> None:
    queue = Queue(turns())
    for name, client in (("a1", ONE), ("a2", NEIGHBOUR), ("b1", OTHER), ("c1", THIRD)):
        queue.enter(name, client)
    assert queue.working == {"a1", "b1"}
    queue.leave("b1")
    # The next of the queue waits on: its network has a turn.
    assert queue.working == {"a1", "c1"}
    queue.leave("a1")
    assert queue.working == {"a2", "c1"}


def test_who_left_while_waiting_takes_no_turn() -> None:
    queue = Queue(turns(at_once=1))
    for name, client in (("a1", ONE), ("b1", OTHER), ("b2", OTHER), ("c1", THIRD)):
        queue.enter(name, client)
    queue.leave("b1")
    assert queue.order() == ["a1", "b2", "c1"]


def test_a_network_has_a_few_and_leaves_the_rest_to_others() -> None:
    queue = Queue(turns(of_network_waiting=3))
    for number in range(4):
        queue.enter(f"a{number}", ONE)
    with pytest.raises(BusyError):
        queue.enter("a4", NEIGHBOUR)
    queue.enter("b1", OTHER)
    assert queue.working == {"a0", "b1"}


def test_a_full_queue_gives_the_place_of_who_has_most_to_who_has_less() -> None:
    queue = Queue(turns(at_once=1, waiting=4))
    for number in range(4):
        queue.enter(f"a{number}", ONE)
    queue.enter("b1", OTHER)
    queue.enter("b2", OTHER)
    assert queue.in_state(refused=True) == {"a3"}
    with pytest.raises(BusyError):
        queue.enter("b3", OTHER)  # as many as the other has: who comes last is refused
    queue.leave("a3")
    assert queue.order() == ["a0", "a1", "b1", "a2", "b2"]


def test_plans_take_half_of_the_places() -> None:
    queue = Queue(turns(waiting=4))
    for number in range(3):
        queue.enter(f"p{number}", f"192.0.{number}.1", is_plan=True)
    assert queue.working == {"p0"}
    with pytest.raises(BusyError):
        queue.enter("p3", "192.0.3.1", is_plan=True)
    queue.enter("pdf", OTHER)
    assert queue.working == {"p0", "pdf"}
    queue.leave("p0")
    assert queue.working == {"p1", "pdf"}


def test_a_refused_one_is_told_so_while_it_waits() -> None:
    queue = turns(at_once=1, waiting=2)

    async def wait() -> None:
        with queue.place(ONE), queue.place(ONE), queue.place(ONE) as last, queue.place(OTHER):
            await last.comes(60)

    with pytest.raises(BusyError):
        asyncio.run(wait())
    assert queue.load == (0, 0)


def test_a_sender_and_a_network_hold_a_few_over_all_processes() -> None:
    shared = HeldTurns(20)
    with ExitStack() as held:
        for _ in range(MAX_OF_SENDER):
            held.enter_context(shared.turn(ONE))
        with pytest.raises(BusyError):
            held.enter_context(shared.turn(ONE))
        for number in range(MAX_OF_NETWORK):
            held.enter_context(shared.turn(f"2001:db8:0:{number:x}::1"))
        with pytest.raises(BusyError):
            held.enter_context(shared.turn("2001:db8:0:ffff::1"))
        held.enter_context(shared.turn("2001:db8:1::1"))
    with shared.turn(ONE):
        pass


def test_all_processes_count_together_and_one_that_ended_counts_no_more() -> None:
    shared = HeldTurns(20)
    process = os.fork()
    if not process:
        os._exit(sum(shared.take(ONE) is not None for _ in range(MAX_OF_SENDER - 1)))
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == MAX_OF_SENDER - 1
    assert [shared.take(ONE) is not None for _ in range(2)] == [True, False]
    shared.forget(process)
    assert [shared.take(ONE) is not None for _ in range(MAX_OF_SENDER)] == [True] * 3 + [False]


def test_who_is_not_called_in_time_does_not_wait_on() -> None:
    queue = turns()

    async def wait() -> None:
        with queue.place(ONE), queue.place(ONE) as second:
            await second.comes(0.01)

    with pytest.raises(BusyError):
        asyncio.run(wait())
    with queue.place(ONE) as place:
        assert place.turn.is_set()
