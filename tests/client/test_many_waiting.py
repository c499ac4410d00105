"""Many wait on one link, and give up: the cost of each is the same wherever it stands."""

from __future__ import annotations

import gc
import math
import time
from typing import TYPE_CHECKING

import pytest

from amqp.errors import OperationTimeout
from amqp.message import Message
from tests.client.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Callable

FEW, MANY = 1_000, 16_000


def senders_give_up(number: int) -> Callable[[], object]:
    sender = Pair(credit=0).open().sender()
    waiting = [sender.submit(Message(n)) for n in range(number)]

    def give_up() -> None:
        cause = OperationTimeout("too late")
        for pending in reversed(waiting):
            sender.give_up(pending, cause)

    return give_up


def receivers_give_up(number: int) -> Callable[[], object]:
    receiver = Pair().open().receiver()
    waiting = [receiver.next() for _ in range(number)]

    def give_up() -> None:
        for waiter in reversed(waiting):
            receiver.stop_waiting(waiter)

    return give_up


def seconds(make: Callable[[int], Callable[[], object]], number: int) -> float:
    """The best of three, without the collector."""
    best = math.inf
    for _ in range(3):
        work = make(number)
        gc.disable()
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
        gc.enable()
    return best


@pytest.mark.measures
@pytest.mark.timeout(180)
@pytest.mark.parametrize("make", [senders_give_up, receivers_give_up])
def test_all_that_wait_give_up_the_last_first(make: Callable[[int], Callable[[], object]]) -> None:
    """1 would be in proportion, 2 quadratic."""
    growth = seconds(make, MANY) / seconds(make, FEW)
    assert math.log(growth) / math.log(MANY / FEW) < 1.4
