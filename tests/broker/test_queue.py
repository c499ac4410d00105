"""The queue by itself: order, fairness, outcomes, bounds, expiry, copies, drains."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from amqp.broker.queue import Queue, Subscription
from amqp.broker.stored import StoredMessage
from amqp_spec import Accepted, Map, Modified, Rejected, Released, Symbol

ACCEPTED, RELEASED, REJECTED = Accepted(), Released(), Rejected()


def message(name: str, ttl: float | None = None) -> StoredMessage:
    """Return a message of opaque octets: format 1."""
    stored = StoredMessage(name.encode(), 1, 0.0)
    stored.expires_at = ttl
    return stored


@dataclass
class Consumer:
    """A sink that keeps what it is given, and takes as many as it has credit for."""

    queue: Queue
    credit: int = 0
    copy: bool = False
    got: list[StoredMessage] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    drained: int = 0
    was_cut_off: bool = False

    def __post_init__(self) -> None:
        self.subscription: Subscription = self.queue.subscribe(self, copy=self.copy)
        if self.credit:
            self.queue.wake(self.subscription)

    @property
    def ready(self) -> bool:
        return self.credit > 0

    def deliver(self, message: StoredMessage, now: float) -> None:
        self.credit -= 1
        self.got.append(message)
        self.names.append(message.octets(now).decode(errors="replace"))

    def answer_drain(self, *, nothing_left: bool) -> bool:
        if nothing_left or self.credit == 0:
            self.credit = 0
            self.drained += 1
            return True
        return False

    def cut_off(self) -> None:
        self.was_cut_off = True

    def grant(self, credit: int) -> None:
        self.credit = credit
        self.queue.wake(self.subscription)

    def settle(self, index: int, outcome: Accepted | Released | Rejected | Modified = ACCEPTED) -> None:
        self.queue.settle(self.subscription, self.got[index], outcome)


class Producer:
    """A feed that keeps what it is told."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.told: list[int | str] = []
        self.share = queue.add_feed(self)

    def relieved(self) -> None:
        self.told.append(self.queue.depth)

    def cut_off(self) -> None:
        self.told.append("cut off")


def queue(max_depth: int = 1000, max_octets: int = 1_000_000) -> Queue:
    return Queue("q", max_depth=max_depth, max_octets=max_octets)


def fill(q: Queue, *names: str) -> None:
    for name in names:
        assert q.publish(message(name), 0.0)


def test_messages_come_in_the_order_of_publication() -> None:
    q = queue()
    fill(q, "a", "b", "c")
    consumer = Consumer(q, credit=10)
    q.dispatch(0.0)
    assert consumer.names == ["a", "b", "c"]
    assert q.depth == 3
    assert q.held == 3
    for index in range(3):
        consumer.settle(index)
    assert (q.depth, q.octets, q.held, q.counters.accepted) == (0, 0, 0, 3)


def test_consumers_share_fairly_by_credit() -> None:
    q = queue()
    one, two, three = Consumer(q, credit=10), Consumer(q, credit=2), Consumer(q, credit=10)
    fill(q, *"abcdefgh")
    q.dispatch(0.0)
    assert one.names == ["a", "d", "g"]
    assert two.names == ["b", "e"]
    assert three.names == ["c", "f", "h"]


def test_turns_go_on_where_the_last_dispatch_stopped() -> None:
    q = queue()
    one, two = Consumer(q, credit=10), Consumer(q, credit=10)
    for name in "abcd":
        fill(q, name)
        q.dispatch(0.0)
    assert one.names == ["a", "c"]
    assert two.names == ["b", "d"]


def test_nobody_gets_more_than_the_credit() -> None:
    q = queue()
    consumer = Consumer(q, credit=2)
    fill(q, "a", "b", "c")
    q.dispatch(0.0)
    assert consumer.names == ["a", "b"]
    consumer.grant(1)
    q.dispatch(0.0)
    assert consumer.names == ["a", "b", "c"]


def test_what_one_holds_no_other_gets() -> None:
    q = queue()
    fill(q, "a")
    one = Consumer(q, credit=1)
    q.dispatch(0.0)
    two = Consumer(q, credit=1)
    q.dispatch(0.0)
    assert one.names == ["a"]
    assert two.names == []


def test_released_returns_to_its_place() -> None:
    q = queue()
    fill(q, "a", "b", "c", "d")
    consumer = Consumer(q, credit=3)
    q.dispatch(0.0)
    consumer.settle(2, RELEASED)
    consumer.settle(0, RELEASED)
    other = Consumer(q, credit=10)
    q.dispatch(0.0)
    assert other.names == ["a", "c", "d"]
    assert q.counters.returned == 2


def test_rejected_is_dropped_and_counted() -> None:
    q = queue()
    fill(q, "a")
    consumer = Consumer(q, credit=5)
    q.dispatch(0.0)
    consumer.settle(0, REJECTED)
    q.dispatch(0.0)
    assert consumer.names == ["a"]
    assert (q.depth, q.counters.rejected) == (0, 1)


def test_modified_counts_a_failure_only_when_it_says_so() -> None:
    q = queue()
    fill(q, "a")
    consumer = Consumer(q, credit=5)
    q.dispatch(0.0)
    consumer.settle(0, Modified())
    q.dispatch(0.0)
    assert consumer.got[1].delivery_count == 0
    consumer.settle(1, Modified(delivery_failed=True))
    q.dispatch(0.0)
    assert consumer.got[2].delivery_count == 1


def test_annotations_that_do_not_fit_damaged_ones_change_nothing() -> None:
    q = queue()
    octets = b"\x00\x53\x72\xc1\x02\x01\x45" + b"\x00\x53\x75\xa0\x00"
    q.publish(StoredMessage(octets, 0, 0.0), 0.0)
    consumer = Consumer(q, credit=2)
    q.dispatch(0.0)
    consumer.settle(0, Modified(message_annotations={"x-opt-a": 1}))
    q.dispatch(0.0)
    assert consumer.got[1].octets(0.0) == octets


BARE = b"\x00\x53\x75\xa0\x00"
ODD_KEY = b"\x00\x53\x72\xc1\x05\x02\x54\xff\x54\x01" + BARE
"""Annotated by its publisher with -1 for a key, which is read and may not be written."""


@pytest.mark.parametrize(
    "annotations",
    [
        pytest.param({-1: 1}, id="a negative number"),
        pytest.param(Map([([1, 2], 1)]), id="a list"),
        pytest.param(Map([({}, 1)]), id="a map"),
        pytest.param(Map([(True, 1), (1, 2)]), id="keys that a dict mixes up"),
        pytest.param({Symbol("x-opt-a"): object()}, id="no value at all"),
    ],
)
@pytest.mark.parametrize("octets", [BARE, ODD_KEY])
def test_no_annotations_lose_a_message(annotations: Any, octets: bytes) -> None:
    q = queue()
    q.publish(StoredMessage(octets, 0, 0.0), 0.0)
    consumer = Consumer(q, credit=2)
    q.dispatch(0.0)
    with suppress(TypeError):
        consumer.settle(0, Modified(message_annotations=annotations))
    q.dispatch(0.0)
    assert len(consumer.got) == 2
    assert consumer.got[1].octets(0.0).endswith(BARE)
    consumer.settle(1)
    assert q.depth == 0


def test_undeliverable_here_goes_to_another() -> None:
    q = queue()
    fill(q, "a", "b")
    here = Consumer(q, credit=10)
    q.dispatch(0.0)
    here.settle(0, Modified(undeliverable_here=True))
    fill(q, "c")
    q.dispatch(0.0)
    assert here.names == ["a", "b", "c"]
    there = Consumer(q, credit=10)
    q.dispatch(0.0)
    assert there.names == ["a"]


def test_undeliverable_here_ends_with_the_consumer() -> None:
    q = queue()
    fill(q, "a", "b")
    one, two = Consumer(q, credit=1), Consumer(q, credit=1)
    q.dispatch(0.0)
    one.settle(0, Modified(undeliverable_here=True))
    two.grant(1)
    q.dispatch(0.0)
    two.settle(1, Modified(undeliverable_here=True))
    one.grant(5)
    two.grant(5)
    q.dispatch(0.0)
    assert (one.names, two.names) == (["a"], ["b", "a"])
    q.unsubscribe(one.subscription)
    q.dispatch(0.0)
    assert two.names == ["b", "a"]
    third = Consumer(q, credit=5)
    q.dispatch(0.0)
    assert third.names == ["a"]


def test_those_that_share_an_exclusion_do_not_starve_others() -> None:
    q = queue()
    fill(q, "a")
    one, two, three = Consumer(q, credit=9), Consumer(q), Consumer(q)
    q.dispatch(0.0)
    one.settle(0, Modified(undeliverable_here=True))
    three.grant(1)
    q.dispatch(0.0)
    assert (one.names, two.names, three.names) == (["a"], [], ["a"])


def test_what_a_leaver_held_returns_in_order() -> None:
    q = queue()
    fill(q, *"abcde")
    leaver = Consumer(q, credit=3)
    q.dispatch(0.0)
    leaver.settle(1)
    q.unsubscribe(leaver.subscription)
    q.unsubscribe(leaver.subscription)
    heir = Consumer(q, credit=10)
    q.dispatch(0.0)
    assert heir.names == ["a", "c", "d", "e"]
    assert [m.delivery_count for m in heir.got] == [0, 0, 0, 0]


def test_a_leaver_leaves_by_its_default_outcome() -> None:
    q = queue()
    fill(q, "a", "b")
    leaver = Consumer(q, credit=1)
    q.dispatch(0.0)
    q.unsubscribe(leaver.subscription, Modified(delivery_failed=True))
    assert leaver.got[0].delivery_count == 1
    other = Consumer(q, credit=1)
    q.dispatch(0.0)
    q.unsubscribe(other.subscription, REJECTED)
    assert q.depth == 1


def test_a_second_outcome_changes_nothing() -> None:
    q = queue()
    fill(q, "a")
    one = Consumer(q, credit=1)
    q.dispatch(0.0)
    one.settle(0, RELEASED)
    two = Consumer(q, credit=1)
    q.dispatch(0.0)
    one.settle(0, ACCEPTED)
    assert (q.depth, q.held) == (1, 1)
    two.settle(0, ACCEPTED)
    assert q.depth == 0


def test_a_full_queue_refuses() -> None:
    q = queue(max_depth=2)
    fill(q, "a", "b")
    assert not q.publish(message("c"), 0.0)
    assert q.counters.refused == 1
    consumer = Consumer(q, credit=1)
    q.dispatch(0.0)
    assert not q.publish(message("c"), 0.0)
    consumer.settle(0)
    assert q.publish(message("c"), 0.0)


def test_octets_are_bounded_too() -> None:
    q = queue(max_octets=10)
    fill(q, "12345", "12345")
    assert not q.publish(message("1"), 0.0)
    assert q.octets == 10


def test_relief_is_told_once_when_half_a_window_is_free() -> None:
    q = queue(max_depth=16)
    producer = Producer(q)
    fill(q, *"abcdefghijklm")
    assert q.room.keep(producer.share, 0) == 0
    consumer = Consumer(q, credit=13)
    q.dispatch(0.0)
    for index in range(13):
        consumer.settle(index)
    # Twelve is three quarters, and two are half of its window.
    assert producer.told == [11, 10]


def test_expired_messages_are_not_delivered() -> None:
    q = queue()
    q.publish(message("a", 10.0), 0.0)
    q.publish(message("b"), 0.0)
    q.publish(message("c", 30.0), 0.0)
    consumer = Consumer(q, credit=10)
    q.dispatch(20.0)
    assert consumer.names == ["b", "c"]
    assert (q.counters.expired, q.depth) == (1, 2)


def test_returned_messages_expire_too() -> None:
    q = queue()
    q.publish(message("a", 10.0), 0.0)
    consumer = Consumer(q, credit=10)
    q.dispatch(5.0)
    consumer.settle(0, RELEASED)
    q.dispatch(15.0)
    assert len(consumer.got) == 1
    assert q.depth == 0


def test_a_full_queue_makes_room_from_the_expired() -> None:
    q = queue(max_depth=4)
    for name, ttl in (("a", 10.0), ("b", None), ("c", 10.0), ("d", 50.0)):
        q.publish(message(name, ttl), 0.0)
    holder = Consumer(q, credit=1)
    q.dispatch(0.0)
    assert not q.publish(message("e"), 5.0)
    assert q.publish(message("e"), 20.0)
    assert q.counters.expired == 1
    holder.settle(0, RELEASED)
    other = Consumer(q, credit=10)
    q.dispatch(20.0)
    assert other.names == ["b", "d", "e"]
    assert q.counters.expired == 2


def test_a_full_queue_is_not_searched_at_every_refusal() -> None:
    q = queue(max_depth=1)
    q.publish(message("a", 10.0), 0.0)
    assert q.publish(message("b", 10.1), 10.0)
    assert not q.publish(message("c"), 10.5)
    assert q.publish(message("c"), 11.0)


def test_a_copy_leaves_the_message() -> None:
    q = queue()
    fill(q, "a", "b")
    browser = Consumer(q, credit=10, copy=True)
    q.dispatch(0.0)
    assert browser.names == ["a", "b"]
    browser.settle(0)
    browser.settle(1, REJECTED)
    assert q.depth == 2
    consumer = Consumer(q, credit=10)
    q.dispatch(0.0)
    assert consumer.names == ["a", "b"]


def test_a_copy_gives_each_message_once() -> None:
    q = queue()
    fill(q, "a")
    browser = Consumer(q, credit=2, copy=True)
    q.dispatch(0.0)
    browser.settle(0, RELEASED)
    fill(q, "b", "c")
    q.dispatch(0.0)
    assert browser.names == ["a", "b"]
    browser.grant(5)
    q.dispatch(0.0)
    q.dispatch(0.0)
    assert browser.names == ["a", "b", "c"]


def test_a_copy_passes_what_is_held_gone_or_expired() -> None:
    q = queue()
    fill(q, "a", "b")
    q.publish(message("c", 10.0), 0.0)
    fill(q, "d", "e")
    consumer = Consumer(q, credit=2)
    q.dispatch(0.0)
    consumer.settle(0)
    browser = Consumer(q, credit=1, copy=True)
    q.dispatch(20.0)
    assert browser.names == ["d"]
    consumer.grant(1)
    q.dispatch(20.0)
    browser.grant(5)
    fill(q, "f")
    q.dispatch(20.0)
    assert browser.names == ["d", "e", "f"]


def test_a_drain_is_answered_when_nothing_is_left() -> None:
    q = queue()
    fill(q, "a")
    consumer = Consumer(q, credit=5)
    q.drain(consumer.subscription)
    q.dispatch(0.0)
    assert (consumer.names, consumer.drained, consumer.credit) == (["a"], 1, 0)
    consumer.grant(1)
    q.dispatch(0.0)
    assert consumer.drained == 1


def test_a_producer_that_left_is_told_nothing() -> None:
    q = queue(max_depth=1)
    producer = Producer(q)
    fill(q, "a")
    assert q.room.keep(producer.share, 0) == 0
    q.room.leave(producer.share)
    consumer = Consumer(q, credit=1)
    q.dispatch(0.0)
    consumer.settle(0)
    q.close()
    assert producer.told == []


def test_a_queue_is_idle_when_empty_and_unused() -> None:
    q = queue()
    producer = Producer(q)
    fill(q, "a")
    consumer = Consumer(q, credit=1)
    q.dispatch(0.0)
    consumer.settle(0)
    assert (q.idle, q.producers, q.consumers) == (False, 1, 1)
    q.room.leave(producer.share)
    q.unsubscribe(consumer.subscription)
    assert q.idle


def test_closing_drops_all_and_cuts_off_everybody() -> None:
    q = queue(max_depth=2)
    fill(q, "a", "b")
    producer = Producer(q)
    assert q.room.keep(producer.share, 0) == 0
    consumer = Consumer(q, credit=1)
    browser = Consumer(q, credit=1, copy=True)
    q.dispatch(0.0)
    q.close()
    assert (q.depth, q.octets, q.idle, producer.told) == (0, 0, True, ["cut off"])
    assert consumer.was_cut_off
    assert browser.was_cut_off
    consumer.settle(0)
    q.unsubscribe(consumer.subscription)
    assert consumer.got[0].gone
