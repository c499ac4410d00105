"""The sending end of a link: credit is used, deliveries leave (2.6.7, 2.6.12)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from amqp.engine.delivery import OutgoingDelivery
from amqp.engine.events import CreditChanged, DeliveryUpdated
from amqp.engine.frames import FRAME_HEADER_SIZE
from amqp.engine.link import Link
from amqp.engine.postings import posting_state
from amqp.engine.resuming import Action, ResumedDelivery, decide
from amqp.engine.serial import MASK, distance
from amqp.engine.states import LinkState
from amqp.engine.streaming import OutgoingStream, flat
from amqp.engine.windows import LinkFlow
from amqp.errors import LocalError
from amqp.options import UINT_MAX, LinkOptions
from amqp_spec import Received, ReceiverSettleMode, Role, SenderSettleMode, TransactionalState, Transfer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amqp.engine.session import Session
    from amqp.engine.unsettled import SuspendedLink
    from amqp.engine.wire import Wire
    from amqp_spec import AnySource, AnyTarget, Attach, DeliveryState, Flow

__all__ = ["MAX_TAG", "SenderLink"]

MAX_TAG = 32
"""Octets in a delivery-tag (2.8.7)."""


class SenderLink(Link):
    """The sending end of a link. Credit comes with ``CreditChanged``; each ``send`` takes one.

    Counts are plain integers from 0 on; only the wire sees serial numbers.
    """

    __slots__ = (
        "_continuations",
        "_count",
        "_drain",
        "_drained_due",
        "_flow_due",
        "_flow_properties",
        "_grant",
        "_initial",
        "_keeps",
        "_queue",
        "_queued",
        "_streaming",
        "_unsettled",
        "_waiting",
        "available",
    )

    def __init__(
        self, session: Session, wire: Wire, name: str, options: LinkOptions, state: LinkState
    ) -> None:
        super().__init__(session, wire, Role.SENDER, name, options, state)
        self.available: int | None = None
        """Deliveries that wait at this end; set it freely, the next flow tells it. None leaves it out."""
        self._initial = options.initial_delivery_count
        self._count = 0  # deliveries begun, and credit given back
        self._grant = 0  # how far the count may go
        self._waiting = 0  # deliveries queued and not begun
        self._queue: deque[OutgoingDelivery] = deque()
        self._queued = False  # the session has this link in its round
        self._streaming = False  # a stream was sent on this link, or a delivery resumed
        self._keeps = options.recoverable
        self._unsettled: dict[bytes, OutgoingDelivery] = {}
        self._drain = False
        self._drained_due = False
        self._flow_due = False
        self._flow_properties: Mapping[str, Any] | None = None
        self._continuations: tuple[TransactionalState | None, Transfer, bytes, Transfer, bytes] | None = None

    # -- for the application

    @property
    def credit(self) -> int:
        """Deliveries that may be sent now (2.6.7); never below 0."""
        return max(0, self._grant - self._count - self._waiting)

    @property
    def drain(self) -> bool:
        """Whether the peer asked for the credit to be used up: send what there is, then call :meth:`drained`."""
        return self._drain

    @property
    def delivery_count(self) -> int:
        """The delivery-count (2.6.7) as of the last frame taken; a serial number."""
        return (self._initial + self._count) & MASK

    @property
    def unsettled(self) -> Mapping[bytes, OutgoingDelivery]:
        """The deliveries that this side holds unsettled, by tag, in the order sent."""
        return self._unsettled

    def accept(
        self,
        options: LinkOptions | None = None,
        *,
        source: AnySource | None = None,
        target: AnyTarget | None = None,
        snd_settle_mode: SenderSettleMode | None = None,
        max_message_size: int | None = None,
        initial_delivery_count: int = 0,
        offered_capabilities: Sequence[str] | None = None,
        properties: Mapping[str, Any] | None = None,
        recoverable: bool = False,
        resume: SuspendedLink | None = None,
    ) -> None:
        """Answer a ``LinkRequested`` with yes (2.6.3). What is not given is taken from the peer's attach.

        *options* says all at once (its name is not used); the keywords serve without it. *resume* is what this end holds
        of an earlier attachment (2.6.13); without it a peer that asks to resume is told that nothing is.

        Raises:
            LocalError: the link was answered before, or this side asked for it; no source is known; no handle is free;
                the attach is larger than the peer takes.
            EncodeError: an argument has no encoding.
        """
        if not self._may_answer():
            return
        remote = self.remote_attach
        assert remote is not None
        if options is None:
            options = LinkOptions(
                name=self.name,
                source=source,
                target=target,
                # 2.7.3: the receiver's wish, which this side can fulfil whatever it is.
                snd_settle_mode=remote.snd_settle_mode if snd_settle_mode is None else snd_settle_mode,
                rcv_settle_mode=remote.rcv_settle_mode,
                max_message_size=max_message_size,
                initial_delivery_count=initial_delivery_count,
                offered_capabilities=offered_capabilities,
                properties=properties,
                recoverable=recoverable,
            )
        if resume is not None:
            self.recover(resume)
        self._initial = options.initial_delivery_count
        self._keeps = options.recoverable
        self._answer(options)

    def send(
        self,
        payload: bytes | memoryview,
        *,
        tag: bytes | None = None,
        message_format: int = 0,
        settled: bool = False,
        state: DeliveryState | None = None,
        rcv_settle_mode: ReceiverSettleMode | None = None,
        batchable: bool = False,
    ) -> OutgoingDelivery:
        """Queue one message, given as its octets, and take one credit.

        A *tag* is made when none is given. A link that is resumed may not be given one again whose settlement may be
        lost (2.6.12). *payload* must not change before the delivery is complete.

        Raises:
            LocalError: the link is not attached, has no credit, the message is larger than the peer takes, the tag is
                longer than 32 octets or held unsettled, or *settled* is not what the settle mode of the link says.
            EncodeError: *state* has no encoding.
        """
        if self.state is not LinkState.ATTACHED:
            raise LocalError(f"link {self.name!r} is not attached: {self.state.value}")
        if self._grant <= self._count + self._waiting:
            raise LocalError(f"link {self.name!r} has no credit: wait for CreditChanged")
        if self.reducing:
            raise LocalError(f"link {self.name!r} is reducing: detach and resume it again")
        if type(payload) is not bytes:
            payload = flat(payload)
        if self.max_message_size is not None and len(payload) > self.max_message_size:
            raise LocalError(
                f"the message has {len(payload)} octets and the peer takes {self.max_message_size} on this link"
            )
        if settled is not (self.snd_settle_mode is _SETTLED) and self.snd_settle_mode is not _MIXED:
            # 2.7.5: what was agreed for the link binds each delivery.
            raise LocalError(
                f"settled={settled} on a link whose snd-settle-mode is {self.snd_settle_mode.name}"
            )
        if state is not None:
            if type(state) is Received:
                raise LocalError("a sender tells Received only where it resumes a delivery (3.4.1)")
            self._check_state(state)
        unsettled = self._unsettled
        if tag is None:
            tag = self._make_tag()
        elif len(tag) > MAX_TAG:
            raise LocalError(f"the delivery-tag has {len(tag)} octets, and {MAX_TAG} is the most")
        elif tag in unsettled:
            raise LocalError(f"delivery-tag {tag!r} is held unsettled on this link: use another")
        delivery = OutgoingDelivery(
            self, payload, tag, message_format, settled, state, rcv_settle_mode, batchable
        )
        if not settled:
            unsettled[tag] = delivery
            if self._keeps:
                delivery.kept = payload
        self._queue.append(delivery)
        self._waiting += 1
        if not self._queued:
            self._queued = True
            self._outflow.queue_link(self)
        return delivery

    def send_stream(
        self,
        first: bytes | memoryview = b"",
        *,
        tag: bytes | None = None,
        message_format: int = 0,
        settled: bool = False,
        state: DeliveryState | None = None,
        rcv_settle_mode: ReceiverSettleMode | None = None,
        batchable: bool = False,
    ) -> OutgoingStream:
        """Begin a message that is given in pieces, *first* and what is written to the stream; takes one credit.

        Nothing leaves before there is an octet of it, or its end. Deliveries sent meanwhile wait behind it, for a link
        sends one at a time (2.6.14); other links go on.

        Raises:
            LocalError, EncodeError: as :meth:`send`.
        """
        # What is checked and reserved is the same; only what stands in the queue differs.
        whole = self.send(first, tag=tag, settled=settled, state=state)
        tag = whole.tag
        stream = OutgoingStream(self, tag, message_format, settled, state, rcv_settle_mode, batchable)
        self._queue[-1] = stream
        if not settled:
            self._unsettled[tag] = stream
        self._streaming = True
        stream.write(first)
        return stream

    def drained(self) -> None:
        """Say that nothing (more) is there to send now: where the peer asked to drain, all credit is given back.

        The flow that tells so follows the deliveries that still wait (2.6.7). Does nothing when not draining.
        """
        if not self._drain or self.state is not LinkState.ATTACHED:
            return
        if self._owes_sends():
            self._drained_due = True
        else:
            self._give_back()

    def flow(self, *, properties: Mapping[str, Any] | None = None) -> None:
        """Tell the peer the link's state: delivery-count, credit and ``available`` (2.7.4)."""
        if self.state is LinkState.ATTACHED:
            self._flow_properties = properties
            self._want_flow()

    # -- for deliveries

    def wake(self) -> None:
        """See that what waits is written, where something may be."""
        if not self._queued and self._queue and self.state is LinkState.ATTACHED and self._may_send():
            self._queued = True
            self._outflow.queue_link(self)

    def withdraw(self, delivery: OutgoingDelivery) -> None:
        """Take *delivery*, of which nothing has left, out of the queue."""
        # It stays in the queue as a husk, so that withdrawing many costs no search; most husks are too many.
        delivery.payload = None
        delivery.settled = True
        self._waiting -= 1
        if len(self._queue) > 2 * self._waiting + _HUSKS:
            self._queue = deque(each for each in self._queue if each.payload is not None)
        if self._unsettled.get(delivery.tag) is delivery:
            del self._unsettled[delivery.tag]

    def drop(self, delivery: OutgoingDelivery) -> None:
        """Settle *delivery*, which has no delivery-id, on this side."""
        delivery.settled = True
        del self._unsettled[delivery.tag]

    def abort(self, delivery: OutgoingDelivery) -> None:
        """Let the rest of *delivery* be one aborted frame."""
        delivery.payload = b""
        delivery.aborted = True
        self.forget(delivery)

    def forget(self, delivery: OutgoingDelivery) -> None:
        """Settle *delivery*, of which a part has left, on this side."""
        delivery.settled = True
        if self._unsettled.get(delivery.tag) is delivery:
            del self._unsettled[delivery.tag]
        assert delivery.id is not None
        self.session.ledger.outgoing.pop(delivery.id, None)

    # -- for the session

    def on_request(self, attach: Attach) -> None:
        """Take the attach of a receiver."""
        super().on_request(attach)
        self.snd_settle_mode = attach.snd_settle_mode

    def on_flow(self, flow: Flow) -> None:
        """Take a flow of the receiver: what credit is left of what it granted (2.6.7)."""
        if flow.link_credit is not None:
            self._grant = self._count + flow.link_credit - self._unseen(flow.delivery_count)
        self._drain = flow.drain
        self._drained_due = self._drained_due and flow.drain
        self.wake()
        if flow.echo:
            self._want_flow()
        self._wire.events.append(CreditChanged(self, flow.properties))

    def write_flow(self) -> None:
        """Write our state as the sender (2.7.4)."""
        if not self._flow_due or self.state is not LinkState.ATTACHED:
            return
        self._flow_due = False
        properties, self._flow_properties = self._flow_properties, None
        self._outflow.write_flow(
            LinkFlow(
                self.handle,
                self.delivery_count,
                max(0, self._grant - self._count),
                self.available,
                self._drain,
                False,
                properties,
            )
        )

    def write_transfer(self) -> bool:
        """Write one transfer frame where one may be written; tell whether another may follow."""
        queue = self._queue
        while queue:
            delivery = queue[0]
            payload = delivery.payload
            if payload is None:
                queue.popleft()
            elif self._streaming and isinstance(delivery, OutgoingStream):
                if not delivery.starved and (delivery.started or self._count < self._grant):
                    self._write_stream(delivery)
                break
            elif delivery.started:
                self._write_continuation(delivery, payload)
                break
            elif self._count >= self._grant:
                break
            else:
                self._write_first(delivery, payload)
                break
        if queue and self._may_send():
            return True
        self._queued = False
        if self._drained_due and not self._owes_sends():
            self._give_back()
        return False

    def recover(self, memory: SuspendedLink) -> None:
        """Hold the deliveries of *memory*, to be resumed when the link is up."""
        super().recover(memory)
        self._unsettled = {tag: ResumedDelivery(self, each) for tag, each in memory.deliveries.items()}

    def map_states(self) -> dict[bytes, DeliveryState | None]:
        """Return what the unsettled map is to say: what the peer may have seen."""
        return {
            tag: each.state
            for tag, each in self._unsettled.items()
            if not (isinstance(each, ResumedDelivery) and each.fresh)
        }

    def resume(self, held: Mapping[bytes, DeliveryState | None], incomplete: bool) -> None:
        """Do for each recovered delivery what its state here, and at the receiver by its map, asks for (3.4.6)."""
        self._streaming = True
        for tag, delivery in list(self._unsettled.items()):
            assert isinstance(delivery, ResumedDelivery)
            if tag not in held and incomplete:
                continue
            remote = held.get(tag)
            action = decide(delivery.state, tag in held, remote)
            if action is Action.RESEND and self.reducing:
                # 2.6.13: nothing new may be sent now, and the peer's map need not be told of it again.
                delivery.fresh = True
                continue
            outcome = delivery.outcome()
            if action is not Action.FORGET:
                delivery.act(action, remote)
                self._queue.append(delivery)
                self._waiting += 1
            if action is Action.FORGET:
                self.drop(delivery)
            if action in _ENDING and not delivery.told:
                delivery.told = True
                self._wire.events.append(DeliveryUpdated(delivery, outcome or delivery.outcome(), True))
        self.wake()

    def opened(self) -> None:
        """Answer an echo that came before our attach left."""
        if self._flow_due:
            self._outflow.want_flow(self)

    def finish_sends(self) -> None:
        """Write the transfers that credit and window allow."""
        while self._queued and self._outflow.windows.remote_incoming_window > 0:
            self.write_transfer()

    def drop_deliveries(self) -> None:
        """Make the session forget the deliveries; ``unsettled`` keeps showing what was in doubt."""
        outgoing = self.session.ledger.outgoing
        for delivery in self._unsettled.values():
            if delivery.id is not None:
                outgoing.pop(delivery.id, None)

    def drop_unfinished(self) -> None:
        """Give up what has not left; the deliveries keep saying how far they came."""
        self._queue.clear()

    # -- parts

    def _unseen(self, delivery_count: int | None) -> int:
        """Return how many of the deliveries counted here the receiver had not counted when it wrote its flow."""
        if delivery_count is None:
            # 2.6.7: it has not seen our attach, so it means the initial value.
            return self._count
        unseen = distance(delivery_count, self.delivery_count)
        # A peer that names a count which never was (proton does before it has seen our attach) means the nearest one.
        return min(max(unseen, 0), self._count)

    def _amid(self) -> bool:
        """Whether a delivery has begun to leave and more of it waits."""
        return bool(self._queue) and self._queue[0].started

    def _check_state(self, state: DeliveryState) -> None:
        """Check that *state* leaves room in a frame for what else a first transfer may say."""
        self._wire.encode(
            Transfer(
                handle=UINT_MAX,
                delivery_id=UINT_MAX,
                delivery_tag=bytes(MAX_TAG),
                message_format=UINT_MAX,
                settled=True,
                more=True,
                rcv_settle_mode=ReceiverSettleMode.SECOND,
                state=state,
                batchable=True,
            )
        )

    def _may_send(self) -> bool:
        """Whether a frame of what waits may leave."""
        if self._streaming and self._starved():
            return False
        return self._count < self._grant or self._amid()

    def _starved(self) -> bool:
        """Whether what has to leave next is a stream that has nothing to give."""
        queue = self._queue
        while queue and queue[0].payload is None:
            queue.popleft()
        return bool(queue) and isinstance(queue[0], OutgoingStream) and queue[0].starved

    def _owes_sends(self) -> bool:
        return (self._waiting > 0 and self._count < self._grant) or self._amid()

    def _make_tag(self) -> bytes:
        unsettled = self._unsettled
        while True:
            tag = self._next_tag.to_bytes(4, "big")
            self._next_tag = (self._next_tag + 1) & MASK
            if tag not in unsettled:
                return tag

    def _write_first(self, delivery: OutgoingDelivery, payload: bytes | memoryview) -> None:
        session = self.session
        assert self.handle is not None
        delivery.started = True
        delivery.id = delivery_id = session.ledger.begin(delivery)
        self._count += 1
        self._waiting -= 1
        transfer = Transfer(
            handle=self.handle,
            delivery_id=delivery_id,
            delivery_tag=delivery.tag,
            message_format=delivery.message_format,
            settled=delivery.settled,
            rcv_settle_mode=delivery.rcv_settle_mode,
            state=delivery.state,
            batchable=delivery.batchable,
        )
        body = transfer.encode()
        if len(payload) + len(body) + FRAME_HEADER_SIZE > self._wire.frame_limit:
            transfer = self._part(delivery, first=True, more=True)
            body = transfer.encode()
            room = self._wire.frame_limit - len(body) - FRAME_HEADER_SIZE
            delivery.offset = room
            self._outflow.write_transfer(transfer, body, memoryview(payload)[:room])
            return
        delivery.payload = None
        self._queue.popleft()
        self._outflow.write_transfer(transfer, body, payload)

    def _write_stream(self, stream: OutgoingStream) -> None:
        """Write a frame of what *stream* has, be it less than a frame takes: its reader waits for it."""
        if stream.aborted and stream.started:
            self._write_aborted(stream)
            return
        first = not stream.started
        if first:
            stream.started = True
            stream.id = self.session.ledger.begin(stream)
            self._count += 1
            self._waiting -= 1
            if stream.settled and self._unsettled.get(stream.tag) is stream:
                del self._unsettled[stream.tag]
        transfer = self._part(stream, first=first, more=True)
        body = transfer.encode()
        chunk = stream.take(self._wire.frame_limit - len(body) - FRAME_HEADER_SIZE)
        if stream.finished and not stream.pending_octets:
            transfer = self._part(stream, first=first, more=False)
            body = transfer.encode()
            stream.payload = None
            self._queue.popleft()
        self._outflow.write_transfer(transfer, body, chunk)

    def _part(self, delivery: OutgoingDelivery, *, first: bool, more: bool) -> Transfer:
        """Return the performative of one frame of *delivery* (2.7.5)."""
        assert self.handle is not None
        if not first:
            return Transfer(handle=self.handle, more=more, state=posting_state(delivery))
        return Transfer(
            handle=self.handle,
            delivery_id=delivery.id,
            delivery_tag=delivery.tag,
            message_format=delivery.message_format,
            settled=delivery.settled,
            more=more,
            rcv_settle_mode=delivery.rcv_settle_mode,
            state=delivery.state,
            resume=isinstance(delivery, OutgoingStream) and delivery.resume,
            aborted=delivery.aborted,
            batchable=delivery.batchable,
        )

    def _write_aborted(self, delivery: OutgoingDelivery) -> None:
        assert self.handle is not None
        aborted = Transfer(handle=self.handle, state=posting_state(delivery), aborted=True)
        delivery.payload = None
        self._queue.popleft()
        self._outflow.write_transfer(aborted, aborted.encode(), b"")

    def _write_continuation(self, delivery: OutgoingDelivery, payload: bytes | memoryview) -> None:
        assert self.handle is not None
        if delivery.aborted:
            self._write_aborted(delivery)
            return
        state = posting_state(delivery)
        if self._continuations is None or self._continuations[0] is not state:
            middle = Transfer(handle=self.handle, more=True, state=state)
            last = Transfer(handle=self.handle, state=state)
            self._continuations = (state, middle, middle.encode(), last, last.encode())
        _, middle, middle_body, last, last_body = self._continuations
        offset = delivery.offset
        rest = len(payload) - offset
        if rest + len(last_body) + FRAME_HEADER_SIZE <= self._wire.frame_limit:
            delivery.payload = None
            self._queue.popleft()
            self._outflow.write_transfer(last, last_body, memoryview(payload)[offset:])
        else:
            room = self._wire.frame_limit - len(middle_body) - FRAME_HEADER_SIZE
            delivery.offset = offset + room
            self._outflow.write_transfer(middle, middle_body, memoryview(payload)[offset : offset + room])

    def _give_back(self) -> None:
        """2.6.7: advance the delivery-count by all credit that is left, and say so."""
        self._drained_due = False
        self._count = max(self._count, self._grant)
        self._want_flow()
        # Told with drain=true; from then on this side does not drain.
        self._outflow.write_updates()
        self._drain = False

    def _want_flow(self) -> None:
        if not self._flow_due:
            self._flow_due = True
            if self.state is LinkState.ATTACHED:
                self._outflow.want_flow(self)


_ENDING = (Action.ABORT, Action.SETTLE, Action.FORGET)
_HUSKS = 32
"""Withdrawn deliveries that the queue of a link may hold whatever else it holds."""

_MIXED = SenderSettleMode.MIXED
_SETTLED = SenderSettleMode.SETTLED
