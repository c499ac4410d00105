"""The receiving end of a link: credit is granted, deliveries arrive (2.6.7, 2.6.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.engine.assembling import Assembling
from amqp.engine.events import (
    DeliveryReceived,
    DeliveryUpdated,
    Drained,
    FlowReceived,
)
from amqp.engine.faults import LinkFault, SessionFault
from amqp.engine.ledger import NAMINGS
from amqp.engine.resuming import RecoveredDelivery
from amqp.engine.sender import MAX_TAG
from amqp.engine.serial import MASK, distance
from amqp.engine.states import LinkState
from amqp.engine.windows import LinkFlow
from amqp.errors import LocalError
from amqp.options import UINT_MAX, LinkOptions
from amqp_spec import (
    AmqpErrorCondition,
    LinkErrorCondition,
    ReceiverSettleMode,
    SenderSettleMode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from amqp.engine.delivery import IncomingDelivery
    from amqp.engine.session import Session
    from amqp.engine.unsettled import SuspendedLink
    from amqp.engine.wire import Wire
    from amqp_spec import AnySource, AnyTarget, Attach, DeliveryState, Flow, Transfer

__all__ = ["ReceiverLink"]


class ReceiverLink(Assembling):
    """The receiving end of a link. Nothing arrives before ``flow`` grants credit.

    Counts are plain integers from 0 on; only the wire sees serial numbers.
    """

    __slots__ = (
        "_careful",
        "_echo",
        "_flow_properties",
        "_initial",
        "_peak",
        "_slack",
        "available",
    )

    def __init__(
        self, session: Session, wire: Wire, name: str, options: LinkOptions, state: LinkState
    ) -> None:
        super().__init__(session, wire, name, options, state)
        self.available = 0
        """Deliveries that the sender said to have waiting; never below 0 (2.6.7)."""
        self._initial = 0
        self._peak = 0  # the largest credit that was told
        self._slack = 0  # deliveries beyond the limit that are let pass
        self._echo = False
        self._flow_properties: Mapping[str, Any] | None = None
        self._careful = options.streaming  # no transfer is taken for a whole delivery at once

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
        resume: SuspendedLink | None = None,
        credit: int = 0,
    ) -> None:
        """Answer a ``LinkRequested`` with yes (2.6.3), and grant *credit*.

        What is not given is taken from the peer's attach. *options* says all at once (its name is not used); the
        keywords serve without it. *resume* is what this end holds of an earlier attachment (2.6.13); without it a peer
        that asks to resume is told that nothing is.

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
        self._careful = options.streaming
        if resume is not None:
            self.recover(resume)
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
        if flow.properties is not None:
            self._wire.events.append(FlowReceived(self, flow.properties))

    def on_transfer(self, transfer: Transfer, frame: bytes, at: int) -> None:
        """Take a transfer: the whole of a delivery, or a part (2.6.14).

        Raises:
            LinkFault: it breaks a rule of the link.
            SessionFault: its delivery-id is in use.
        """
        if self._current is not None or transfer.more or transfer.aborted or transfer.resume or self._careful:
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

    def recover(self, memory: SuspendedLink) -> None:
        """Hold the deliveries of *memory*, until their sender resumes them or is known to have settled them."""
        super().recover(memory)
        mode = self.rcv_settle_mode
        self._unsettled = {
            tag: RecoveredDelivery(self, each, mode) for tag, each in memory.deliveries.items()
        }

    def map_states(self) -> dict[bytes, DeliveryState | None]:
        """Return what the unsettled map is to say."""
        return {
            tag: each.map_state()
            for tag, each in self._unsettled.items()
            if isinstance(each, RecoveredDelivery)
        }

    def rotate(self, told: Iterable[bytes]) -> None:
        """Let a later map begin with others: what the sender holds no longer stays in it until the sender's is complete."""
        for tag in told:
            self._unsettled[tag] = self._unsettled.pop(tag)

    def resume(self, held: Mapping[bytes, DeliveryState | None], incomplete: bool) -> None:
        """Settle what the sender holds no longer (2.6.13); the rest is for the sender to resume."""
        self._careful = self._careful or self.reducing
        for tag, delivery in list(self._unsettled.items()):
            if tag not in held and not incomplete:
                delivery.settled = delivery.remote_settled = True
                del self._unsettled[tag]
                self._wire.events.append(DeliveryUpdated(delivery, None, True))

    def opened(self) -> None:
        """Send the grant that was kept."""
        remote = self.remote_attach
        assert remote is not None
        if self._grant > self._count or self._flow_due:
            self._flow_due = True
            self._outflow.want_flow(self)

    def finish_sends(self) -> None:
        """Do nothing: this end sends no transfers."""

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
        if tag in self._unsettled and not transfer.resume:
            raise self._in_use(tag)
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

    def _deliver(self, delivery: IncomingDelivery) -> None:
        if not delivery.settled:
            self._unsettled[delivery.tag] = delivery
        self._wire.events.append(DeliveryReceived(delivery))
        if self._drain:
            self._check_drained()

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
