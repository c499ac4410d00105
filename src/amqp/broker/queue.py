"""A queue: messages in the order of their arrival, and the subscriptions that share them.

Nothing here does I/O or reads a clock. What is done per message does not grow with the depth of the queue or the
number of subscriptions: a message is in the run of fresh ones, or it was returned and waits on a heap at its old
position, or a subscription holds it. Returned messages that some subscriptions will not have (3.4.5) wait among the
``Exclusions``, where what a subscription may have is found without a look at what it may not.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Protocol

from amqp.broker.exclusions import Exclusions
from amqp.broker.room import Room
from amqp.errors import AmqpError
from amqp_spec import Accepted, Modified, Outcome, Rejected, Released

if TYPE_CHECKING:
    from collections.abc import Container

    from amqp.broker.room import Feed, Share
    from amqp.broker.stored import StoredMessage

RELEASED = Released()
SWEEP_PAUSE = 1.0
"""Seconds between two searches of a full queue for expired messages."""


class Sink(Protocol):
    """Where the messages of a subscription go: one sending link."""

    @property
    def ready(self) -> bool:
        """Whether it takes one more message now."""
        ...

    def deliver(self, message: StoredMessage, now: float) -> None:
        """Take *message*; it is held by the subscription until it is settled at the queue."""
        ...

    def answer_drain(self, *, nothing_left: bool) -> bool:
        """Answer the drain that was asked for (2.6.7), if that can be done now; return whether it was.

        *nothing_left* says that the queue has nothing for it at this moment.
        """
        ...

    def cut_off(self) -> None:
        """Hear that the queue was deleted; the subscription is gone already."""
        ...


class Subscription:
    """The right to get messages of one queue, competing with the others (move) or looking on (copy, 3.5.2)."""

    __slots__ = ("ahead", "bit", "copy", "cursor", "held", "id", "in_ring", "sink")

    def __init__(self, subscription_id: int, sink: Sink, *, copy: bool, cursor: int) -> None:
        self.id = subscription_id
        self.sink = sink
        self.copy = copy
        """True when messages stay at the queue."""
        self.held: dict[int, StoredMessage] = {}
        """What was delivered and is not settled, by position."""
        self.bit = 0
        """Its bit among the exclusions (3.4.5); 0 while it has refused no message so."""
        self.in_ring = False
        """True while it stands in line for messages."""
        self.cursor = cursor
        """A copy's place: it has been given, or has passed, all up to this position."""
        self.ahead: deque[StoredMessage] = deque()
        """Messages up to the cursor that a copy has still to be given."""


@dataclass(slots=True)
class Counters:
    """What has happened at a queue since it was made, in messages."""

    published: int = 0
    delivered: int = 0
    accepted: int = 0
    rejected: int = 0
    """Rejected by a consumer, and dropped."""
    returned: int = 0
    """Released, modified, or left behind by a consumer that went."""
    expired: int = 0
    refused: int = 0
    """Not taken: there was no room."""


class Queue:
    """One queue. Times are seconds of one monotonic clock."""

    def __init__(
        self, name: str, *, max_depth: int, max_octets: int, window: int = 1_000, temporary: bool = False
    ) -> None:
        self.name = name
        self.temporary = temporary
        """True when it was made for one link and goes with it."""
        self.counters = Counters()
        self.room = Room(max_depth, max_octets, window)
        """What is here, and what producers may send."""
        self._messages: dict[int, StoredMessage] = {}
        self._fresh: deque[StoredMessage] = deque()
        # Every returned message stood before every fresh one, for only the head of the fresh ones is ever taken.
        self._returned: list[tuple[int, StoredMessage]] = []
        self._exclusions = Exclusions()
        self._subscriptions: dict[int, Subscription] = {}
        self._ring: deque[Subscription] = deque()
        self._copies: deque[Subscription] = deque()
        self._draining: dict[int, Subscription] = {}
        self._positions = count()
        self._last_position = -1
        self._ids = count(1)
        self._earliest_expiry: float | None = None
        self._swept_at = float("-inf")
        self._closed = False

    # State

    @property
    def depth(self) -> int:
        """Messages here, those that a subscription holds included."""
        return len(self._messages)

    @property
    def octets(self) -> int:
        """Octets of all messages here."""
        return self.room.octets

    @property
    def held(self) -> int:
        """Messages that a subscription holds."""
        return sum(len(s.held) for s in self._subscriptions.values() if not s.copy)

    @property
    def consumers(self) -> int:
        """Subscriptions."""
        return len(self._subscriptions)

    @property
    def producers(self) -> int:
        """Feeds."""
        return len(self.room.shares)

    @property
    def idle(self) -> bool:
        """Whether nobody uses it and nothing is in it."""
        # What is to come with a transaction has its room already.
        return not (self.room.depth or self._subscriptions or self.room.shares)

    # Producers

    def publish(self, message: StoredMessage, now: float, share: Share | None = None) -> bool:
        """Add *message*, of a feed or of nobody, at the end; False, and nothing is done, when there is no room for it."""
        if not self.reserve(message, now, share):
            return False
        self.append(message)
        return True

    def reserve(self, message: StoredMessage, now: float, share: Share | None = None) -> bool:
        """Make room for *message*, which is to come or not; False, and nothing is done, when there is none."""
        room = self.room
        if not room.take(message.size, share):
            self._sweep(now)
            if not room.take(message.size, share):
                self.counters.refused += 1
                return False
        return True

    def give_back(self, message: StoredMessage) -> None:
        """Free the room of a message that does not come."""
        if not self._closed:
            self.room.free(message.size)

    def append(self, message: StoredMessage) -> None:
        """Add *message*, which has its room, at the end; a queue that was deleted meanwhile drops it."""
        if self._closed:
            return
        message.position = self._last_position = next(self._positions)
        self._messages[message.position] = message
        self._fresh.append(message)
        self.counters.published += 1
        expires_at = message.expires_at
        if expires_at is not None and (self._earliest_expiry is None or expires_at < self._earliest_expiry):
            self._earliest_expiry = expires_at

    def add_feed(self, feed: Feed) -> Share:
        """Return the share in the room of a *feed* that publishes here; it is told when the queue is deleted."""
        return self.room.join(feed)

    # Consumers

    def subscribe(self, sink: Sink, *, copy: bool = False) -> Subscription:
        """Add a subscription; it stands in line from the first :meth:`wake` on."""
        subscription = Subscription(next(self._ids), sink, copy=copy, cursor=-1)
        self._subscriptions[subscription.id] = subscription
        self.room.consumers += not copy
        return subscription

    def unsubscribe(
        self, subscription: Subscription, outcome: Outcome = RELEASED, keep: Container[int] = ()
    ) -> None:
        """Take a subscription away; what it holds gets *outcome* (3.5.3: the source's default-outcome).

        It holds on to the messages at the positions *keep*, until they are settled.
        """
        if self._subscriptions.pop(subscription.id, None) is None:
            return
        self.room.consumers -= not subscription.copy
        if subscription.in_ring:
            subscription.in_ring = False
            (self._copies if subscription.copy else self._ring).remove(subscription)
        self._draining.pop(subscription.id, None)
        for message in [m for m in subscription.held.values() if m.position not in keep]:
            self.settle(subscription, message, outcome)
        self._exclusions.forget(subscription.bit)

    def wake(self, subscription: Subscription) -> None:
        """Put a subscription in line; :meth:`dispatch` takes it out again when its sink is not ready."""
        if not subscription.in_ring and subscription.id in self._subscriptions:
            subscription.in_ring = True
            (self._copies if subscription.copy else self._ring).append(subscription)

    def drain(self, subscription: Subscription) -> None:
        """Have the sink asked, after each dispatch, whether it can answer the drain of its link."""
        self._draining[subscription.id] = subscription

    def dispatch(self, now: float) -> None:
        """Give messages to the subscriptions in line, one to each in turn, until there is none or nobody is ready."""
        if self._copies:
            self._dispatch_copies(now)
        ring = self._ring
        skipped = 0
        while ring:
            subscription = ring[0]
            if not subscription.sink.ready:
                ring.popleft()
                subscription.in_ring = False
                skipped = 0
                continue
            message = self._next_for(subscription, now)
            if message is None:
                # Only among the exclusions of 3.4.5 can be something for others and nothing for this one.
                skipped += 1
                if not self._exclusions or skipped >= len(ring):
                    break
                ring.rotate(-1)
                continue
            skipped = 0
            self._deliver(subscription, message, now)
            if len(ring) > 1:
                ring.rotate(-1)
        if self._draining:
            self._answer_drains()

    def settle(self, subscription: Subscription, message: StoredMessage, outcome: Outcome) -> None:
        """Apply the *outcome* of a delivery (3.4); without effect when the subscription does not hold the message."""
        if subscription.held.pop(message.position, None) is None or subscription.copy or message.gone:
            # 3.5.2: a copy never takes the message away, whatever becomes of it.
            return
        message.held_by = None
        if isinstance(outcome, Accepted):
            self.counters.accepted += 1
            self._remove(message)
            return
        if isinstance(outcome, Rejected):
            self.counters.rejected += 1
            self._remove(message)
            return
        try:
            if isinstance(outcome, Modified):
                self._modify(message, outcome, subscription)
        finally:
            # Whatever the outcome carries, the message is not lost.
            self._return(message)

    def close(self) -> None:
        """Drop every message, and cut off who uses the queue."""
        self._closed = True
        subscriptions, self._subscriptions = self._subscriptions, {}
        shares = list(self.room.shares)
        self.room.clear()
        for message in self._messages.values():
            message.drop()
        for table in (self._messages, self._draining):
            table.clear()
        self._exclusions.clear()
        for line in (self._returned, self._fresh, self._ring, self._copies):
            line.clear()
        for subscription in subscriptions.values():
            subscription.held.clear()
            subscription.ahead.clear()
            subscription.in_ring = False
            subscription.sink.cut_off()
        for share in shares:
            share.feed.cut_off()

    # Inside

    def _deliver(self, subscription: Subscription, message: StoredMessage, now: float) -> None:
        message.held_by = subscription.id
        subscription.held[message.position] = message
        self.counters.delivered += 1
        subscription.sink.deliver(message, now)
        message.acquired = True

    def _answer_drains(self) -> None:
        # Who still stands in line could not be given anything; who does not may have stopped for want of room.
        for subscription in list(self._draining.values()):
            if subscription.sink.answer_drain(nothing_left=subscription.in_ring):
                del self._draining[subscription.id]

    def _next_for(self, subscription: Subscription, now: float) -> StoredMessage | None:
        """Take out the first message that the subscription may have."""
        while True:
            message = self._take(subscription.bit)
            if message is None or message.expires_at is None or message.expires_at > now:
                return message
            self.counters.expired += 1
            self._remove(message)

    def _take(self, bit: int) -> StoredMessage | None:
        returned, exclusions = self._returned, self._exclusions
        waiting = exclusions.first(bit) if exclusions else None
        if returned and (waiting is None or returned[0][0] < waiting.position):
            return heappop(returned)[1]
        if waiting is not None:
            exclusions.take(waiting)
            return waiting
        return self._fresh.popleft() if self._fresh else None

    def _return(self, message: StoredMessage) -> None:
        """Make a message available again, at its old position."""
        self.counters.returned += 1
        if message.excluded:
            self._exclusions.add(message)
        else:
            heappush(self._returned, (message.position, message))

    def _modify(self, message: StoredMessage, outcome: Modified, subscription: Subscription) -> None:
        if outcome.delivery_failed:
            message.count_failure()
        if outcome.undeliverable_here:
            subscription.bit = self._exclusions.exclude(message, subscription.bit)
        if outcome.message_annotations:
            try:
                message.annotate(outcome.message_annotations)
            except AmqpError:
                # The publisher's annotations are damaged, or the consumer's are nothing that may be sent: the message
                # goes on as it is, to whom it concerns.
                return

    def _remove(self, message: StoredMessage) -> None:
        del self._messages[message.position]
        if message.excluded or self._exclusions:
            self._exclusions.remove(message)
        message.drop()
        self.room.free(message.size)

    def _sweep(self, now: float) -> None:
        """Drop what has expired among the available messages; a full search, so not more than once in a while."""
        if self._earliest_expiry is None or self._earliest_expiry > now or now < self._swept_at + SWEEP_PAUSE:
            return
        self._swept_at = now
        expired = [
            m
            for m in self._messages.values()
            if m.held_by is None and m.expires_at is not None and m.expires_at <= now
        ]
        for message in expired:
            self.counters.expired += 1
            self._remove(message)
        self._fresh = deque(m for m in self._fresh if not m.gone)
        self._returned = [item for item in self._returned if not item[1].gone]
        heapify(self._returned)
        self._earliest_expiry = min(
            (m.expires_at for m in self._messages.values() if m.expires_at is not None), default=None
        )

    # Copies

    def _dispatch_copies(self, now: float) -> None:
        for subscription in list(self._copies):
            # A sink may leave while it is given something.
            while subscription.in_ring and subscription.sink.ready:
                message = self._next_copy(subscription, now)
                if message is None:
                    break
                subscription.held[message.position] = message
                self.counters.delivered += 1
                subscription.sink.deliver(message, now)
            if subscription.in_ring and not subscription.sink.ready:
                self._copies.remove(subscription)
                subscription.in_ring = False

    def _next_copy(self, subscription: Subscription, now: float) -> StoredMessage | None:
        while True:
            if not subscription.ahead and not self._look_ahead(subscription):
                return None
            message = subscription.ahead.popleft()
            # What another subscription holds, or what has expired, is passed by (3.3.1).
            if not message.gone and message.held_by is None and (message.expires_at or now + 1) > now:
                return message

    def _look_ahead(self, subscription: Subscription) -> bool:
        """Note what came since the last look, at a cost of just that: the messages are in order, newest last."""
        ahead = subscription.ahead
        for position in reversed(self._messages):
            if position <= subscription.cursor:
                break
            ahead.appendleft(self._messages[position])
        subscription.cursor = self._last_position
        return bool(ahead)
