"""How the transfers of a receiving link become deliveries: whole ones, parts, streams, resumed ones (2.6.13, 2.6.14)."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from amqp.engine.delivery import IncomingDelivery
from amqp.engine.events import (
    DeliveryAborted,
    DeliveryReadable,
    DeliveryReceived,
    DeliveryStarted,
    DeliveryUpdated,
)
from amqp.engine.faults import LinkFault
from amqp.engine.link import Link
from amqp.engine.resuming import RecoveredDelivery
from amqp.engine.streaming import CHUNK_COST, IncomingStream
from amqp.engine.unsettled import is_outcome
from amqp.errors import LocalError
from amqp_spec import AmqpErrorCondition, LinkErrorCondition, Role, SenderSettleMode, TransactionalState

if TYPE_CHECKING:
    from amqp.engine.session import Session
    from amqp.engine.states import LinkState
    from amqp.engine.wire import Wire
    from amqp.options import LinkOptions
    from amqp_spec import Transfer

__all__ = ["Assembling"]


class Assembling(Link):
    """The part of a receiving link that takes transfers; counts are plain integers from 0 on."""

    __slots__ = (
        "_chunks",
        "_cost",
        "_count",
        "_current",
        "_drain",
        "_flow_due",
        "_grant",
        "_held",
        "_ignoring",
        "_kind",
        "_limit",
        "_posting",
        "_settled_sent",
        "_size",
        "_unsettled",
    )

    def __init__(
        self, session: Session, wire: Wire, name: str, options: LinkOptions, state: LinkState
    ) -> None:
        super().__init__(session, wire, Role.RECEIVER, name, options, state)
        self._count: int = 0  # deliveries that began to arrive, and credit given back
        self._grant = 0  # how far the count may go by the newest grant
        self._limit = (
            0  # how far by any grant that the sender may go by: a lowered one may cross its transfers
        )
        self._unsettled: dict[bytes, IncomingDelivery] = {}
        self._drain = False
        self._flow_due = False
        self._current: IncomingDelivery | None = None  # the delivery of which more is to come
        self._posting: bytes | None = None  # the transaction under which that one is posted (4.4.1)
        self._chunks: list[bytes | memoryview] = []
        self._size = 0
        self._cost = 0
        self._held = 0  # frames of streams that are unread
        self._settled_sent = False  # a transfer of the current delivery said settled
        self._ignoring = False  # a resumed delivery that this end does not know (2.6.13)
        self._kind = self._kind_of(options)

    # -- for deliveries

    def forget(self, delivery: IncomingDelivery) -> None:
        """Settle *delivery* on this side."""
        delivery.settled = True
        if self._unsettled.get(delivery.tag) is delivery:
            del self._unsettled[delivery.tag]
        self.session.ledger.received.pop(delivery.id, None)

    def posting(self, txn_id: bytes) -> bool:
        """Whether a part of a delivery, and no more, was posted under a transaction, on any link of the connection."""
        return txn_id in self._wire.postings

    def amid(self, delivery: IncomingDelivery) -> bool:
        """Whether a part of *delivery* is still to come, so that the driver has not heard of it."""
        return self._current is delivery and not isinstance(delivery, IncomingStream)

    def release(self, frames: int, octets: int) -> None:
        """Give back the room of *frames* with *octets* that were read, unless the link had to give it back before."""
        if self._held:
            self._held -= frames
            cost = octets + frames * CHUNK_COST
            self._cost -= cost
            self._wire.buffered -= cost
            if self._outflow.windows.release(frames):
                self._outflow.want_flow()

    # -- for the session

    def drop_unfinished(self) -> None:
        """Give up the delivery of which a part came."""
        if self._current is not None:
            self.session.ledger.received.pop(self._current.id, None)
            self._current = None
        self._leave_posting()
        self._free_chunks()
        # What is unread of streams can still be read, but holds up the links that are left no longer.
        if self._held and self._outflow.windows.release(self._held):
            self._outflow.want_flow()
        self._held = 0

    # -- parts

    @abstractmethod
    def _begin(self, transfer: Transfer, payload: bytes) -> IncomingDelivery:
        """Check the first transfer of a delivery, and count it."""

    @abstractmethod
    def _deliver(self, delivery: IncomingDelivery) -> None:
        """Tell of a whole delivery."""

    def _check_settled(self, settled: bool) -> None:
        """2.7.5: the settle mode that was agreed binds each delivery."""
        mode = self.snd_settle_mode
        if (mode is SenderSettleMode.SETTLED and not settled) or (
            mode is SenderSettleMode.UNSETTLED and settled
        ):
            how = "settled" if settled else "unsettled"
            raise LinkFault(
                AmqpErrorCondition.INVALID_FIELD,
                f"a delivery came {how} on a link of snd-settle-mode {mode.name.lower()}",
            )

    def _on_part(self, transfer: Transfer, frame: bytes, at: int) -> None:
        """Take a transfer that is not a whole delivery."""
        delivery = self._current
        first = delivery is None
        if first and self.reducing and not transfer.resume:
            raise LinkFault(
                AmqpErrorCondition.NOT_ALLOWED,
                "a new delivery came while an unsettled map is incomplete (2.6.13)",
            )
        if delivery is None:
            delivery = self._current = self._begin(transfer, b"")
            if type(transfer.state) is TransactionalState:
                self._posting = transfer.state.txn_id
                self._wire.postings.enter(self._posting)
            if transfer.resume:
                delivery = self._current = self._rejoin(delivery)
            self._settled_sent = delivery.settled
            if isinstance(delivery, IncomingStream) and not self._ignoring:
                if not delivery.settled:
                    self._unsettled[delivery.tag] = delivery
                self._wire.events.append(DeliveryStarted(delivery))
        else:
            self._check_continuation(delivery, transfer)
        if transfer.settled and not self._settled_sent:
            # 2.7.5: one true makes the whole delivery settled.
            self._settled_sent = delivery.remote_settled = True
            self.forget(delivery)
        if transfer.aborted:
            self._end_part(delivery, aborted=True)
            return
        starved = not first and isinstance(delivery, IncomingStream) and not delivery.unread
        self._keep(delivery, frame, at)
        if starved and isinstance(delivery, IncomingStream) and delivery.unread:
            self._wire.events.append(DeliveryReadable(delivery))
        if not transfer.more:
            self._check_settled(self._settled_sent)
            self._end_part(delivery, aborted=False)

    def _check_continuation(self, delivery: IncomingDelivery, transfer: Transfer) -> None:
        """2.7.5: what a later transfer repeats has to be what the first said."""
        for what, first, later in (
            ("delivery-id", delivery.id, transfer.delivery_id),
            ("delivery-tag", delivery.tag, transfer.delivery_tag),
            ("message-format", delivery.message_format, transfer.message_format),
        ):
            if later is not None and later != first:
                raise LinkFault(
                    AmqpErrorCondition.INVALID_FIELD,
                    f"a transfer with {what} {later!r:.40} came amid the delivery with {first!r:.40}",
                )
        if type(transfer.state) is TransactionalState and transfer.state.txn_id != self._posting:
            # 4.4.1: one that names none goes with the first.
            raise LinkFault(
                AmqpErrorCondition.NOT_ALLOWED,
                f"a transfer of transaction {transfer.state.txn_id!r:.40} came amid a delivery "
                + ("of none" if self._posting is None else f"of {self._posting!r:.40}"),
            )

    def _rejoin(self, delivery: IncomingDelivery) -> IncomingDelivery:
        """Return the delivery of an earlier attachment that *delivery* resumes."""
        # 2.6.13: one that only the source remembers is ignored. Of one that is known all octets are here.
        self._ignoring = True
        known = self._unsettled.get(delivery.tag)
        if known is None:
            return delivery
        if not isinstance(known, RecoveredDelivery) or known.bound:
            raise self._in_use(delivery.tag)
        known.bind(delivery.id, delivery.settled, delivery.state)
        return known

    def _end_resumed(self, delivery: RecoveredDelivery, *, aborted: bool) -> None:
        self._size = 0
        self._ignoring = False
        events = self._wire.events
        if aborted:
            self._limit += 1
            delivery.remote_settled = True
            self.forget(delivery)
            events.append(DeliveryAborted(delivery))
        elif delivery.remote_settled:
            events.append(DeliveryUpdated(delivery, delivery.state, True))
        elif is_outcome(delivery.state):
            events.append(DeliveryUpdated(delivery, delivery.state, False))
            delivery.echo()
        else:
            delivery.catch_up()
        if self._drain:
            self._check_drained()

    def _in_use(self, tag: bytes) -> LinkFault:
        return LinkFault(
            AmqpErrorCondition.NOT_ALLOWED, f"delivery-tag {tag!r} is in use by an unsettled delivery"
        )

    def _keep(self, delivery: IncomingDelivery, frame: bytes, at: int) -> None:
        """Keep the payload of a part, as far as the limits go."""
        length = len(frame) - at
        self._size += length
        limit = self.options.max_message_size
        if limit and self._size > limit:
            raise self._too_large(limit)
        wire = self._wire
        cost = length + CHUNK_COST
        if wire.buffered + cost > wire.max_buffered:
            raise LinkFault(
                AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                f"unfinished deliveries of this connection exceed max_buffered, {wire.max_buffered} octets",
            )
        if self._ignoring:
            return
        if not isinstance(delivery, IncomingStream):
            self._cost += cost
            wire.buffered += cost
            # A view keeps its frame: right for a long part, wasteful for a short one.
            self._chunks.append(memoryview(frame)[at:] if length > at else frame[at:])
        elif length and delivery.feed(memoryview(frame)[at:]):
            self._cost += cost
            wire.buffered += cost
            self._held += 1
            self._outflow.windows.held += 1

    def _end_part(self, delivery: IncomingDelivery, *, aborted: bool) -> None:
        self._leave_posting()
        self._current = None
        if isinstance(delivery, RecoveredDelivery):
            self._end_resumed(delivery, aborted=aborted)
            return
        if isinstance(delivery, IncomingStream):
            self._end_stream(delivery, aborted=aborted)
            return
        payload = b"" if aborted else b"".join(self._chunks)
        self._free_chunks()
        if aborted or self._ignoring:
            self.session.ledger.received.pop(delivery.id, None)
            delivery.settled = delivery.remote_settled = True
        if aborted:
            # Senders differ on whether an aborted delivery took a credit: one more is allowed.
            self._limit += 1
            self._wire.events.append(DeliveryAborted(delivery))
        if aborted or self._ignoring:
            self._ignoring = False
            if self._drain:
                self._check_drained()
            return
        delivery.payload = payload
        self._deliver(delivery)

    def _end_stream(self, stream: IncomingStream, *, aborted: bool) -> None:
        self._size = 0
        if aborted:
            stream.aborted = stream.remote_settled = True
            self.forget(stream)
            stream.drop()
            self._limit += 1
            self._wire.events.append(DeliveryAborted(stream))
        elif not self._ignoring:
            stream.complete = True
            self._wire.events.append(DeliveryReceived(stream))
        self._ignoring = False
        if self._drain:
            self._check_drained()

    def _leave_posting(self) -> None:
        if self._posting is not None:
            self._wire.postings.leave(self._posting)
            self._posting = None

    def _free_chunks(self) -> None:
        self._wire.buffered -= self._cost
        self._cost = self._size = 0
        self._chunks.clear()

    def _kind_of(self, options: LinkOptions) -> type[IncomingDelivery]:
        """Return the class of this link's deliveries."""
        if not options.streaming:
            return IncomingDelivery
        frames = self.session.options.incoming_window
        most = self._wire.max_buffered
        per_frame = self.session.engine.options.max_frame_size + CHUNK_COST
        if frames * per_frame > most:
            # The window is all that slows a sender down amid a delivery (2.5.6), so it has to come before the limit.
            raise LocalError(
                f"streaming=True on a session whose incoming_window is {frames}: unread frames could exceed "
                f"max_buffered, so begin a session (or listen) with an incoming_window of {max(1, most // per_frame)} or less"
            )
        return IncomingStream

    def _too_large(self, limit: int) -> LinkFault:
        return LinkFault(
            LinkErrorCondition.MESSAGE_SIZE_EXCEEDED,
            f"a message has more than the {limit} octets allowed on this link",
        )

    @abstractmethod
    def _check_drained(self) -> None:
        """Tell when a drain is done."""
