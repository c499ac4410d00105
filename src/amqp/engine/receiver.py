"""The receiving end of a link: credit is granted, deliveries arrive (2.6.7, 2.6.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.engine.delivery import IncomingDelivery
from amqp.engine.events import (
    DeliveryAborted,
    DeliveryReadable,
    DeliveryReceived,
    DeliveryStarted,
    Drained,
)
from amqp.engine.faults import LinkFault, SessionFault
from amqp.engine.ledger import NAMINGS
from amqp.engine.link import Link
from amqp.engine.sender import MAX_TAG
from amqp.engine.serial import MASK, distance
from amqp.engine.states import LinkState
from amqp.engine.streaming import CHUNK_COST, IncomingStream
from amqp.engine.windows import LinkFlow
from amqp.errors import LocalError
from amqp.options import UINT_MAX, LinkOptions
from amqp_spec import (
    AmqpErrorCondition,
    LinkErrorCondition,
    ReceiverSettleMode,
    Role,
    SenderSettleMode,
    TransactionalState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amqp.engine.session import Session
    from amqp.engine.wire import Wire
    from amqp_spec import AnySource, AnyTarget, Attach, Flow, Transfer

__all__ = ["ReceiverLink"]


class ReceiverLink(Link):
    """The receiving end of a link. Nothing arrives before ``flow`` grants credit.

    Counts are plain integers from 0 on; only the wire sees serial numbers.
    """

    __slots__ = (
        "_chunks",
        "_cost",
        "_count",
        "_current",
        "_drain",
        "_echo",
        "_flow_due",
        "_flow_properties",
        "_grant",
        "_held",
        "_ignoring",
        "_initial",
        "_kind",
        "_limit",
        "_peak",
        "_posting",
        "_reads",
        "_settled_sent",
        "_size",
        "_slack",
        "_unsettled",
        "available",
    )

    def __init__(
        self, session: Session, wire: Wire, name: str, options: LinkOptions, state: LinkState
    ) -> None:
        super().__init__(session, wire, Role.RECEIVER, name, options, state)
        self.available = 0
        """Deliveries that the sender said to have waiting; never below 0 (2.6.7)."""
        self._initial = 0
        self._count = 0  # deliveries that began to arrive, and credit given back
        self._grant = 0  # how far the count may go by the newest grant
        self._limit = (
            0  # how far by any grant that the sender may go by: a lowered one may cross its transfers
        )
        self._peak = 0  # the largest credit that was told
        self._slack = 0  # deliveries beyond the limit that are let pass
        self._unsettled: dict[bytes, IncomingDelivery] = {}
        self._drain = False
        self._echo = False
        self._flow_due = False
        self._flow_properties: Mapping[str, Any] | None = None
        self._current: IncomingDelivery | None = None  # the delivery of which more is to come
        self._posting: bytes | None = None  # the transaction under which that one is posted (4.4.1)
        self._chunks: list[bytes | memoryview] = []
        self._size = 0
        self._cost = 0
        self._held = 0  # frames of streams that are unread
        self._settled_sent = False  # a transfer of the current delivery said settled
        self._ignoring = False  # a resumed delivery that this end does not know (2.6.13)
        self._kind = self._kind_of(options)
        self._reads = options.streaming  # deliveries are streams

    # -- for the application

    @property
    def credit(self) -> int:
        """Deliveries that were granted and have not begun to arrive; a grant counts from the call of ``flow``."""
        return max(0, self._grant - self._count)

    @property
    def drain(self) -> bool:
        """Whether a drain was asked for and ``Drained`` has not come."""
        return self._drain

    @property
    def delivery_count(self) -> int:
        """The delivery-count (2.6.7), a serial number."""
        return (self._initial + self._count) & MASK

    @property
    def unsettled(self) -> Mapping[bytes, IncomingDelivery]:
        """The complete deliveries that this side holds unsettled, by tag, in the order received."""
        return self._unsettled

    def accept(
        self,
        options: LinkOptions | None = None,
        *,
        source: AnySource | None = None,
        target: AnyTarget | None = None,
        rcv_settle_mode: ReceiverSettleMode | None = None,
        max_message_size: int | None = None,
        offered_capabilities: Sequence[str] | None = None,
        properties: Mapping[str, Any] | None = None,
        streaming: bool = False,
        credit: int = 0,
    ) -> None:
        """Answer a ``LinkRequested`` with yes (2.6.3), and grant *credit*.

        What is not given is taken from the peer's attach. *options* says all at once (its name is not used); the
        keywords serve without it.

        Raises:
            LocalError: the link was answered before, or this side asked for it; no target is known; no handle is free;
                the attach is larger than the peer takes; *credit* is not in 0 to 2^32-1; with *streaming*, the
                incoming-window of the session allows more octets than ``max_buffered``.
            EncodeError: an argument has no encoding.
        """
        if not self._may_answer():
            return
        _check_credit(credit)
        remote = self.remote_attach
        assert remote is not None
        if options is None:
            options = LinkOptions(
                name=self.name,
                source=source,
                target=target,
                snd_settle_mode=remote.snd_settle_mode,
                # 2.7.3: the sender's wish, which this side can fulfil whatever it is.
                rcv_settle_mode=remote.rcv_settle_mode if rcv_settle_mode is None else rcv_settle_mode,
                max_message_size=max_message_size,
                offered_capabilities=offered_capabilities,
                properties=properties,
                streaming=streaming,
            )
        self._kind = self._kind_of(options)
        self._reads = options.streaming
        self._grant = self._count + credit
        self._answer(options)

    def flow(
        self,
        credit: int | None = None,
        *,
        drain: bool = False,
        echo: bool = False,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Grant *credit* deliveries from now on, in place of what was granted before (2.6.7); None leaves it.

        With *drain* the sender uses the credit up or gives it back: ``Drained`` follows. With *echo* it tells its state.
        Before the peer has answered the attach the grant is kept, and sent when the link is up. Several calls before
        ``data_to_send`` leave as one frame.

        Raises:
            LocalError: *credit* is not in 0 to 2^32-1.
        """
        if credit is not None:
            _check_credit(credit)
        if self._flow_due and (drain is not self._drain or self._flow_properties is not None):
            # What was asked before means something else than what is asked now.
            self._outflow.write_updates()
        if credit is not None:
            self._grant = self._count + credit
        self._drain = drain
        self._echo = self._echo or echo
        self._flow_properties = properties
        self._want_flow()

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
        return self._current is delivery and not self._reads

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

    def on_request(self, attach: Attach) -> None:
        """Take the attach of a sender."""
        super().on_request(attach)
        self.rcv_settle_mode = attach.rcv_settle_mode

    def on_flow(self, flow: Flow) -> None:
        """Take a flow of the sender: where its delivery-count is, how much it has waiting (2.6.7)."""
        if flow.delivery_count is not None:
            ahead = distance(self.delivery_count, flow.delivery_count)
            # It never goes back; a sender that counts at the end of a delivery may seem to.
            if ahead > 0:
                self._count += ahead
        if flow.available is not None:
            self.available = flow.available
        if self._drain:
            self._check_drained()
        if flow.echo:
            self._want_flow()

    def on_transfer(self, transfer: Transfer, frame: bytes, at: int) -> None:
        """Take a transfer: the whole of a delivery, or a part (2.6.14).

        Raises:
            LinkFault: it breaks a rule of the link.
            SessionFault: its delivery-id is in use.
        """
        if self._current is not None or transfer.more or transfer.aborted or transfer.resume or self._reads:
            self._on_part(transfer, frame, at)
            return
        if self.snd_settle_mode is not _MIXED:
            self._check_settled(bool(transfer.settled))
        limit = self.options.max_message_size
        if limit and len(frame) - at > limit:
            raise self._too_large(limit)
        self._deliver(self._begin(transfer, frame[at:]))

    def write_flow(self) -> None:
        """Write our state as the receiver (2.7.4)."""
        if not self._flow_due or self.state is not LinkState.ATTACHED:
            return
        self._flow_due = False
        properties, self._flow_properties = self._flow_properties, None
        echo, self._echo = self._echo, False
        self._limit = max(self._limit, self._grant)
        credit = self.credit
        # 2.6.7: a renewed credit counts from our delivery-count, but RabbitMQ 3.10 forgets what its queue has on the
        # way at that moment, and goes beyond. That is no more than we told it before.
        self._slack, self._peak = self._peak, max(self._peak, credit)
        self._outflow.write_flow(
            LinkFlow(
                self.handle,
                self.delivery_count,
                credit,
                None,
                self._drain,
                echo,
                properties,
            )
        )

    def opened(self) -> None:
        """Send the grant that was kept."""
        remote = self.remote_attach
        assert remote is not None
        if self._grant > self._count or self._flow_due:
            self._flow_due = True
            self._outflow.want_flow(self)

    def finish_sends(self) -> None:
        """Do nothing: this end sends no transfers."""

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

    def drop_deliveries(self) -> None:
        """Make the session forget the deliveries; ``unsettled`` keeps showing what was in doubt."""
        received = self.session.ledger.received
        for delivery in self._unsettled.values():
            received.pop(delivery.id, None)

    # -- parts

    def _take_remote(self, attach: Attach) -> None:
        super()._take_remote(attach)
        if attach.initial_delivery_count is None:
            # 2.7.3: a sender must say where it starts.
            raise LinkFault(
                AmqpErrorCondition.INVALID_FIELD,
                "attach.initial-delivery-count is missing from a sender's attach",
            )
        self._initial = attach.initial_delivery_count

    def _begin(self, transfer: Transfer, payload: bytes) -> IncomingDelivery:
        """Check the first transfer of a delivery, and count it."""
        delivery_id = transfer.delivery_id
        tag = transfer.delivery_tag
        if delivery_id is None or tag is None:
            raise LinkFault(
                AmqpErrorCondition.INVALID_FIELD,
                "the first transfer of a delivery names no delivery-id or no delivery-tag",
            )
        if len(tag) > MAX_TAG:
            raise LinkFault(
                AmqpErrorCondition.INVALID_FIELD,
                f"transfer.delivery-tag has {len(tag)} octets, and {MAX_TAG} is the most",
            )
        if self._count >= self._limit + self._slack:
            raise LinkFault(
                LinkErrorCondition.TRANSFER_LIMIT_EXCEEDED, "a delivery came for which no credit was granted"
            )
        if tag in self._unsettled:
            raise LinkFault(
                AmqpErrorCondition.NOT_ALLOWED, f"delivery-tag {tag!r} is in use by an unsettled delivery"
            )
        session = self.session
        if delivery_id in session.ledger.received:
            raise SessionFault(
                AmqpErrorCondition.NOT_ALLOWED,
                f"delivery-id {delivery_id} is in use by an unsettled delivery",
            )
        mode = transfer.rcv_settle_mode
        if mode is None or mode is self.rcv_settle_mode:
            mode = self.rcv_settle_mode
        elif mode is ReceiverSettleMode.SECOND and not transfer.settled:
            raise LinkFault(
                AmqpErrorCondition.INVALID_FIELD,
                "transfer.rcv-settle-mode is second on a link attached with first",
            )
        self._count += 1
        delivery = self._kind(
            self,
            delivery_id,
            tag,
            transfer.message_format or 0,
            bool(transfer.settled),
            transfer.state,
            mode,
            payload,
        )
        if not delivery.settled:
            ledger = session.ledger
            ledger.received[delivery_id] = delivery
            ledger.spare += NAMINGS
        return delivery

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

    def _deliver(self, delivery: IncomingDelivery) -> None:
        if not delivery.settled:
            self._unsettled[delivery.tag] = delivery
        self._wire.events.append(DeliveryReceived(delivery))
        if self._drain:
            self._check_drained()

    def _on_part(self, transfer: Transfer, frame: bytes, at: int) -> None:
        """Take a transfer that is not a whole delivery."""
        delivery = self._current
        first = delivery is None
        if delivery is None:
            delivery = self._current = self._begin(transfer, b"")
            if type(transfer.state) is TransactionalState:
                self._posting = transfer.state.txn_id
                self._wire.postings.enter(self._posting)
            # 2.6.13: a delivery that only the source remembers is ignored.
            self._ignoring = transfer.resume
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
                f"max_buffered, so begin a session with an incoming_window of {max(1, most // per_frame)} or less"
            )
        return IncomingStream

    def _too_large(self, limit: int) -> LinkFault:
        return LinkFault(
            LinkErrorCondition.MESSAGE_SIZE_EXCEEDED,
            f"a message has more than the {limit} octets allowed on this link",
        )

    def _check_drained(self) -> None:
        if self._count >= self._grant and not self._flow_due:
            self._drain = False
            self._wire.events.append(Drained(self))

    def _want_flow(self) -> None:
        if not self._flow_due:
            self._flow_due = True
            if self.state is LinkState.ATTACHED:
                self._outflow.want_flow(self)


_MIXED = SenderSettleMode.MIXED


def _check_credit(credit: int) -> None:
    if not 0 <= credit <= UINT_MAX:
        raise LocalError(f"credit={credit} is out of range: give a number from 0 to {UINT_MAX}")
