"""Whatever is done to a queue, and in whatever order: no message is lost, none is in two places, none overtakes.

The rules drive a queue and keep, beside it, a plain list of what should be where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from amqp.broker.queue import Queue, Subscription
from amqp.broker.stored import StoredMessage
from amqp_spec import Accepted, Modified, Outcome, Rejected, Released

MAX_DEPTH = 12


@dataclass(eq=False)
class Consumer:
    """A sink that tells the machine what it was given."""

    machine: QueueMachine
    copy: bool
    credit: int = 0
    held: dict[int, StoredMessage] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    refuses: set[int] = field(default_factory=set)
    subscription: Subscription = field(init=False)

    def __post_init__(self) -> None:
        self.subscription = self.machine.queue.subscribe(self, copy=self.copy)

    @property
    def ready(self) -> bool:
        return self.credit > 0

    def deliver(self, message: StoredMessage, now: float) -> None:
        assert self.credit > 0
        self.credit -= 1
        number = int(message.octets(now))
        if self.copy:
            assert number not in self.seen, "a copy was given twice"
        else:
            self.machine.take(number, self)
        self.seen.append(number)
        self.held[number] = message

    def cut_off(self) -> None:
        raise AssertionError("the queue was not deleted")

    def answer_drain(self, *, nothing_left: bool) -> bool:
        if nothing_left:
            self.credit = 0
        return self.credit == 0


class QueueMachine(RuleBasedStateMachine):
    """Publishes, grants credit, settles, takes consumers away and lets time pass."""

    @initialize()
    def begin(self) -> None:
        self.queue = Queue("q", max_depth=MAX_DEPTH, max_octets=1_000)
        self.now = 0.0
        self.consumers: list[Consumer] = []
        self.available: list[int] = []
        """Numbers that should wait at the queue, in order."""
        self.expiry: dict[int, float | None] = {}
        self.failures: dict[int, int] = {}
        self.finished: set[int] = set()
        self.next_number = 0

    def take(self, number: int, consumer: Consumer) -> None:
        """A consumer was given *number*: the first that it may have and that has not expired."""
        candidates = [n for n in self.available if n not in consumer.refuses and not self.expired(n)]
        assert candidates, f"{number} was delivered and should not be there"
        assert number == candidates[0], f"{number} overtook {candidates[0]}"
        self.available.remove(number)

    def expired(self, number: int) -> bool:
        expiry = self.expiry[number]
        return expiry is not None and expiry <= self.now

    def mover(self, data: st.DataObject) -> Consumer:
        return data.draw(st.sampled_from([c for c in self.consumers if c.held and not c.copy]))

    @rule(ttl=st.one_of(st.none(), st.integers(1, 20)))
    def publish(self, ttl: int | None) -> None:
        number = self.next_number
        stored = StoredMessage(str(number).encode(), 1, self.now)
        stored.expires_at = None if ttl is None else self.now + ttl
        if self.queue.publish(stored, self.now):
            self.next_number += 1
            self.available.append(number)
            self.expiry[number] = stored.expires_at
            self.failures[number] = 0
        else:
            assert self.queue.depth == MAX_DEPTH

    @precondition(lambda self: len(self.consumers) < 5)
    @rule(copy=st.booleans())
    def join(self, copy: bool) -> None:
        self.consumers.append(Consumer(self, copy))

    @precondition(lambda self: self.consumers)
    @rule(data=st.data(), credit=st.integers(0, 6))
    def grant(self, data: st.DataObject, credit: int) -> None:
        consumer = data.draw(st.sampled_from(self.consumers))
        consumer.credit = credit
        self.queue.wake(consumer.subscription)

    @precondition(lambda self: self.consumers)
    @rule(data=st.data())
    def drain(self, data: st.DataObject) -> None:
        self.queue.drain(data.draw(st.sampled_from(self.consumers)).subscription)

    @rule()
    def dispatch(self) -> None:
        self.queue.dispatch(self.now)
        for consumer in self.consumers:
            if consumer.ready and consumer.subscription.in_ring and not consumer.copy:
                left = [n for n in self.available if n not in consumer.refuses and not self.expired(n)]
                assert not left, "a consumer with credit was left waiting"

    @precondition(lambda self: any(c.held and not c.copy for c in self.consumers))
    @rule(
        data=st.data(),
        outcome=st.sampled_from(
            [
                Accepted(),
                Rejected(),
                Released(),
                Modified(),
                Modified(delivery_failed=True),
                Modified(undeliverable_here=True),
                Modified(delivery_failed=True, undeliverable_here=True),
            ]
        ),
    )
    def settle(self, data: st.DataObject, outcome: Outcome) -> None:
        consumer = self.mover(data)
        number = data.draw(st.sampled_from(sorted(consumer.held)))
        message = consumer.held.pop(number)
        self.queue.settle(consumer.subscription, message, outcome)
        self.apply(number, outcome, consumer)
        assert message.delivery_count == self.failures[number]
        # A second word on the same delivery changes nothing.
        self.queue.settle(consumer.subscription, message, Accepted())

    @precondition(lambda self: any(c.held and c.copy for c in self.consumers))
    @rule(data=st.data(), outcome=st.sampled_from([Accepted(), Released(), Rejected()]))
    def settle_copy(self, data: st.DataObject, outcome: Outcome) -> None:
        consumer = data.draw(st.sampled_from([c for c in self.consumers if c.held and c.copy]))
        number = data.draw(st.sampled_from(sorted(consumer.held)))
        self.queue.settle(consumer.subscription, consumer.held.pop(number), outcome)

    @precondition(lambda self: self.consumers)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(
            [Released(), Modified(delivery_failed=True), Modified(undeliverable_here=True)]
        ),
    )
    def leave(self, data: st.DataObject, outcome: Outcome) -> None:
        consumer = data.draw(st.sampled_from(self.consumers))
        self.consumers.remove(consumer)
        self.queue.unsubscribe(consumer.subscription, outcome)
        if not consumer.copy:
            for number in consumer.held:
                self.apply(number, outcome, consumer)

    @rule(seconds=st.floats(0.1, 10))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    def apply(self, number: int, outcome: Any, consumer: Consumer) -> None:
        if isinstance(outcome, Accepted | Rejected):
            self.finished.add(number)
            return
        if isinstance(outcome, Modified):
            self.failures[number] += bool(outcome.delivery_failed)
            if outcome.undeliverable_here:
                consumer.refuses.add(number)
        self.available.append(number)
        self.available.sort()

    @invariant()
    def all_are_somewhere(self) -> None:
        if not hasattr(self, "queue"):
            return
        held = sum(len(c.held) for c in self.consumers if not c.copy)
        assert self.queue.held == held
        # The model forgets the expired when the queue may; the queue, when it comes upon them.
        gone = [n for n in self.available if self.expired(n)]
        alive = len(self.available) - len(gone)
        assert alive + held <= self.queue.depth <= alive + held + len(gone)
        assert self.queue.counters.expired == self.next_number - len(self.finished) - self.queue.depth

    def teardown(self) -> None:
        if not hasattr(self, "queue"):
            return
        for consumer in self.consumers:
            self.queue.unsubscribe(consumer.subscription)
            if not consumer.copy:
                for number in consumer.held:
                    self.apply(number, Released(), consumer)
        expected = [n for n in self.available if not self.expired(n)]
        last = Consumer(self, copy=False, credit=1_000)
        self.queue.wake(last.subscription)
        self.queue.dispatch(self.now)
        assert last.seen == expected
        assert self.queue.depth == len(expected)


QueueMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestQueueModel = QueueMachine.TestCase
