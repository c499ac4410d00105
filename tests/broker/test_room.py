"""The room of a queue: what is kept for credit, who waits for it, and that whoever has credit may send."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from amqp.broker.room import PACED, Room


class Producer:
    """A feed that takes all credit that it can get, and sends when it is told to."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.credit = 0
        self.share = room.join(self)
        self.relieved()

    def relieved(self) -> None:
        self.credit += self.room.keep(self.share, self.credit)

    def cut_off(self) -> None:
        raise AssertionError("the queue was not deleted")

    def send(self, count: int, size: int = 1) -> bool:
        """Send, then have the credit looked at; return whether all was taken."""
        assert count <= self.credit
        self.credit -= count
        taken = sum(self.room.take(size, self.share) for _ in range(count)) == count
        self.room.recount(self.share, self.credit)
        self.relieved()
        return taken


def room(max_depth: int = 100, max_octets: int = 100_000_000, window: int = 1_000) -> Room:
    return Room(max_depth, max_octets, window)


def test_credit_is_granted_up_to_three_quarters() -> None:
    r = room()
    producer = Producer(r)
    sent = 0
    while producer.credit:
        sent += producer.credit
        assert producer.send(producer.credit)
    assert 63 < sent <= 75


def test_several_get_no_more_than_there_is() -> None:
    r = room()
    producers = [Producer(r) for _ in range(3)]
    assert [p.credit for p in producers] == [25, 25, 25]
    for producer in producers:
        assert producer.send(25)
    assert r.depth == 75
    assert producers[2].credit == 0


def test_who_has_credit_and_does_not_send_shuts_nobody_out() -> None:
    r = room(max_depth=4)
    idle = [Producer(r) for _ in range(6)]
    busy = Producer(r)
    for _ in range(50):
        assert busy.send(1)
        r.free(1)
    assert all(p.credit and p.send(1) for p in idle)


def test_who_was_lent_one_may_send_it_though_others_went_meanwhile() -> None:
    r = room(max_depth=4)
    kept = Producer(r)
    assert kept.credit == 1
    while r.depth < 2:
        r.take(1, None)
    lent = [Producer(r) for _ in range(3)]
    assert [p.credit for p in lent] == [1, 1, 1]
    while r.take(1, None):
        pass
    assert kept.send(1)
    assert lent[0].send(1)
    assert lent[1].send(1)
    for gone in (kept, lent[0], lent[1]):
        r.leave(gone.share)
    assert r.depth == 6
    assert lent[2].send(1)
    # Nothing was kept or lent for one more.
    assert not r.take(1, lent[2].share)


def test_what_was_lent_and_given_back_is_lent_no_more() -> None:
    r = room(max_depth=4)
    kept = Producer(r)
    while r.depth < 2:
        r.take(1, None)
    late = Producer(r)
    assert late.credit == 1
    r.recount(late.share, 0)
    while r.take(1, None):
        pass
    assert not r.take(1, late.share)
    assert kept.send(1)


def test_it_goes_on_when_half_a_window_is_free() -> None:
    r = room()
    producers = [Producer(r) for _ in range(3)]
    for producer in producers:
        producer.send(25)
    for _ in range(11):
        r.free(1)
    assert sum(p.credit for p in producers) == 3
    r.free(1)
    # The one that waited longest comes first.
    assert producers[0].credit > 10


def test_what_was_kept_for_one_that_went_is_free() -> None:
    r = room()
    producers = [Producer(r) for _ in range(3)]
    late = Producer(r)
    assert late.credit == 1
    r.leave(producers[0].share)
    r.leave(producers[0].share)
    assert late.credit == 25


def test_nobody_else_gets_what_is_kept() -> None:
    r = room(max_depth=8)
    producer = Producer(r)
    assert producer.credit == 2
    assert [r.take(1, None) for _ in range(8)] == [True] * 6 + [False] * 2
    assert producer.send(2)


def test_credit_given_back_frees_what_was_kept() -> None:
    r = room(max_depth=8)
    producer = Producer(r)
    r.recount(producer.share, 0)
    assert [r.take(1, None) for _ in range(9)] == [True] * 8 + [False]


def test_large_messages_have_small_windows() -> None:
    r = room(max_depth=1_000_000, max_octets=100_000)
    producer = Producer(r)
    assert producer.credit == 1
    taken = 0
    while producer.credit:
        taken += producer.credit
        assert producer.send(producer.credit, 10_000)
    assert 75_000 <= taken * 10_000 <= 100_000
    small = Producer(room(max_depth=1_000_000, max_octets=100_000))
    small.send(1, 10)
    assert small.credit == 1_000


def test_a_size_is_forgotten_in_time() -> None:
    r = room(max_depth=1_000_000, max_octets=1_000_000)
    producer = Producer(r)
    producer.send(1, 200_000)
    r.free(200_000)
    for _ in range(100):
        count = producer.credit
        producer.send(count, 100)
        for _ in range(count):
            r.free(100)
    assert producer.credit > 500


def test_windows_are_small_while_consumers_are_behind() -> None:
    r = room(max_depth=100_000)
    producer = Producer(r)
    r.consumers = 1
    for _ in range(5):
        producer.send(producer.credit)
    assert r.depth > 4_000
    assert producer.credit == 1_000 // PACED
    r.consumers = 0
    producer.send(100)
    assert producer.credit == 1_000


class RoomMachine(RuleBasedStateMachine):
    """Producers of all tempers: whoever has credit may send, and the room is never overdrawn."""

    @initialize(max_depth=st.integers(1, 40), window=st.integers(1, 20))
    def begin(self, max_depth: int, window: int) -> None:
        self.max_depth = max_depth
        self.room = Room(max_depth, 10_000_000, window)
        self.producers: list[Producer] = []
        self.most = 0

    @precondition(lambda self: len(self.producers) < 8)
    @rule()
    def join(self) -> None:
        self.producers.append(Producer(self.room))
        self.most = max(self.most, len(self.producers))

    @precondition(lambda self: self.producers)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        producer = data.draw(st.sampled_from(self.producers))
        self.producers.remove(producer)
        self.room.leave(producer.share)

    @precondition(lambda self: any(p.credit for p in self.producers))
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        producer = data.draw(st.sampled_from([p for p in self.producers if p.credit]))
        assert producer.send(data.draw(st.integers(1, producer.credit))), "credit was granted and not kept"

    @rule()
    def relay(self) -> None:
        self.room.take(1, None)

    @precondition(lambda self: self.room.depth)
    @rule(data=st.data())
    def consume(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, self.room.depth))):
            self.room.free(1)

    @invariant()
    def bounds_are_kept(self) -> None:
        if hasattr(self, "room"):
            assert 0 <= self.room.depth <= self.max_depth + self.most

    def teardown(self) -> None:
        if not hasattr(self, "room"):
            return
        while self.room.depth:
            self.room.free(1)
        assert all(p.credit for p in self.producers), "one was forgotten"


RoomMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
TestRoomModel: Any = RoomMachine.TestCase
