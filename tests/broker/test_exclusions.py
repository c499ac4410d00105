"""Messages that somebody will not have: found in order, at a cost that does not grow with who refused what."""

from __future__ import annotations

import sys
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from amqp.broker.exclusions import Exclusions
from amqp.broker.queue import Queue, Subscription
from amqp.broker.stored import StoredMessage
from amqp_spec import Accepted, Modified, Outcome, Released

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_HERE = Modified(undeliverable_here=True)


def lines(work: Callable[[], object]) -> int:
    """Count the lines of Python that *work* runs."""
    count = 0

    def trace(_frame: Any, event: str, _arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


class Taker:
    """A sink that takes all there is."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.got: list[StoredMessage] = []
        self.subscription: Subscription = queue.subscribe(self)

    ready = True

    def deliver(self, message: StoredMessage, now: float) -> None:
        self.got.append(message)

    def answer_drain(self, *, nothing_left: bool) -> bool:
        return nothing_left

    def cut_off(self) -> None: ...

    def take(self) -> None:
        self.queue.wake(self.subscription)
        self.queue.dispatch(0.0)
        # It takes no more: others are to have what it returns.
        self.queue._ring.clear()
        self.subscription.in_ring = False

    def settle(self, outcome: Callable[[], Outcome]) -> None:
        got, self.got = self.got, []
        for message in got:
            self.queue.settle(self.subscription, message, outcome())


def filled(count: int) -> Queue:
    queue = Queue("q", max_depth=100_000, max_octets=1_000_000)
    for number in range(count):
        assert queue.publish(StoredMessage(b"%d" % number, 1, 0.0), 0.0)
    return queue


def refused_by(takers: int, messages: int) -> tuple[Queue, list[Taker], int]:
    """Let *takers* in turn take all, and refuse half of it at random; return the lines that the last of them cost."""
    random = Random(7)
    queue = filled(messages)
    everybody = []
    cost = 0

    def half() -> Outcome:
        return NOT_HERE if random.random() < 0.5 else Released()

    for _ in range(takers):
        taker = Taker(queue)
        everybody.append(taker)
        cost = lines(taker.take)
        assert [m.position for m in taker.got] == list(range(messages))
        cost += lines(partial(taker.settle, half))
    return queue, everybody, cost


def test_the_cost_of_a_message_does_not_grow_with_who_refused_it() -> None:
    few = refused_by(3, 300)[2]
    many = refused_by(12, 300)[2]
    assert many <= few * 1.3


def test_the_cost_of_a_message_does_not_grow_with_how_many_were_refused() -> None:
    few = refused_by(10, 100)[2] / 100
    many = refused_by(10, 800)[2] / 800
    # A level of the tree for each doubling.
    assert many <= few * 1.8


def test_who_refused_all_is_told_at_once() -> None:
    queue = filled(500)
    here = Taker(queue)
    here.take()
    here.settle(lambda: NOT_HERE)
    assert lines(here.take) < 60
    assert here.got == []


def test_a_leaver_frees_what_it_refused() -> None:
    queue, takers, _ = refused_by(8, 50)
    for taker in takers:
        queue.unsubscribe(taker.subscription)
    one = Taker(queue)
    one.take()
    assert [m.position for m in one.got] == list(range(50))
    assert all(message.excluded == 0 for message in one.got)
    one.settle(Accepted)
    assert queue.depth == 0


def test_bits_are_used_again() -> None:
    queue = filled(1)
    for _ in range(100):
        taker = Taker(queue)
        taker.take()
        taker.settle(lambda: NOT_HERE)
        assert taker.subscription.bit == 1
        queue.unsubscribe(taker.subscription)


def test_what_leaves_is_forgotten() -> None:
    queue = filled(20)
    refuses, takes = Taker(queue), Taker(queue)
    refuses.take()
    refuses.settle(lambda: NOT_HERE)
    takes.take()
    takes.settle(Accepted)
    assert queue.depth == 0
    exclusions = queue._exclusions
    assert not exclusions
    assert not any(exclusions._levels)
    assert exclusions._refused == {refuses.subscription.bit: {}}


@given(st.data())
def test_the_first_is_the_first_whatever_was_refused(data: st.DataObject) -> None:
    exclusions = Exclusions()
    waiting: dict[int, StoredMessage] = {}
    held: dict[int, StoredMessage] = {}
    bits = [0, 0, 0]
    for position in sorted(data.draw(st.sets(st.integers(0, 300), max_size=12))):
        message = held[position] = StoredMessage(b"", 1, 0.0)
        message.position = position
    for _ in range(data.draw(st.integers(0, 40))):
        act = data.draw(st.sampled_from(["exclude", "add", "take", "remove", "leave"]))
        who = data.draw(st.integers(0, 2))
        if act == "leave":
            exclusions.forget(bits[who])
            bits[who] = 0
        elif act in ("exclude", "add") and held:
            position = data.draw(st.sampled_from(sorted(held)))
            if act == "exclude":
                bits[who] = exclusions.exclude(held[position], bits[who])
            else:
                waiting[position] = held.pop(position)
                exclusions.add(waiting[position])
        elif act in ("take", "remove") and waiting:
            position = data.draw(st.sampled_from(sorted(waiting)))
            message = waiting.pop(position)
            if act == "take":
                exclusions.take(message)
                held[position] = message
            else:
                exclusions.remove(message)
        for bit in (*bits, 0):
            allowed = [p for p, m in waiting.items() if not m.excluded & bit]
            first = exclusions.first(bit)
            assert (None if first is None else first.position) == min(allowed, default=None)
        assert bool(exclusions) == bool(waiting)
