"""Turns at heavy work: no client takes those of others, in one process or several."""

import asyncio
import os
from contextlib import ExitStack

import pytest

from api.client_turns import MAX_OF_NETWORK, MAX_OF_SENDER, ClientTurns, HeldTurns
from mapping.errors import BusyError

ONE, OTHER = "192.0.2.1", "198.51.100.1"


def turns(held: HeldTurns | None = None) -> ClientTurns:
    return ClientTurns(held or HeldTurns(10), at_once=2, max_waiting=8)


def test_a_client_has_a_few_and_leaves_the_rest_to_others() -> None:
    queue = turns()
    with ExitStack() as held:
        for _ in range(MAX_OF_SENDER):
            held.enter_context(queue.place(ONE))
        with pytest.raises(BusyError):
            held.enter_context(queue.place(ONE))
        assert held.enter_context(queue.place(OTHER)).turn.is_set()
    with queue.place(ONE) as place:
        assert place.turn.is_set()


def test_one_request_of_a_client_is_worked_on_at_a_time() -> None:
    queue = turns()
    with ExitStack() as first, ExitStack() as rest:
        places = [first.enter_context(queue.place(ONE))]
        places += [
            rest.enter_context(queue.place(client)) for client in (ONE, OTHER, "2001:db8::1")
        ]
        assert [place.turn.is_set() for place in places] == [True, False, True, False]
        first.close()
        # The next of the queue comes first, now that its client has none.
        assert [place.turn.is_set() for place in places[1:]] == [True, True, False]


def test_a_network_with_many_addresses_is_one_subscriber() -> None:
    queue = turns()
    with ExitStack() as held:
        for number in range(MAX_OF_NETWORK):
            held.enter_context(queue.place(f"2001:db8:0:{number:x}::1"))
        with pytest.raises(BusyError):
            held.enter_context(queue.place("2001:db8:0:ffff::1"))
        held.enter_context(queue.place("2001:db8:1::1"))


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
            await asyncio.wait_for(second.comes(), 0.01)

    with pytest.raises(TimeoutError):
        asyncio.run(wait())
    with queue.place(ONE) as place:
        assert place.turn.is_set()
