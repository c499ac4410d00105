"""Deliveries: what was sent or received on a link, until both ends forget it (2.6.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.unsettled import SuspendedDelivery, is_outcome
from amqp.errors import LocalError
from amqp_spec import Received, Role, TransactionalState

if TYPE_CHECKING:
    from amqp.engine.receiver import ReceiverLink
    from amqp.engine.sender import SenderLink
    from amqp_spec import DeliveryState, ReceiverSettleMode

__all__ = ["IncomingDelivery", "OutgoingDelivery"]


class OutgoingDelivery:
    """A message on its way to the peer; made by :meth:`SenderLink.send`."""

    __slots__ = (
        "aborted",
        "batchable",
        "context",
        "id",
        "kept",
        "link",
        "message_format",
        "offset",
        "payload",
        "rcv_settle_mode",
        "remote_settled",
        "remote_state",
        "settled",
        "started",
        "state",
        "tag",
    )

    def __init__(
        self,
        link: SenderLink,
        payload: bytes | memoryview,
        tag: bytes,
        message_format: int,
        settled: bool,
        state: DeliveryState | None,
        rcv_settle_mode: ReceiverSettleMode | None,
        batchable: bool,
    ) -> None:
        self.link = link
        self.payload: bytes | memoryview | None = payload
        """The message while some of it waits; None behind its last frame, or when it was withdrawn."""
        self.tag = tag
        """Names the delivery on its link while either end holds it unsettled; up to 32 octets (2.8.7)."""
        self.message_format = message_format
        self.settled = settled
        """This side has forgotten it: sent settled, settled here, or settled by the peer."""
        self.state = state
        """The state that this side told last."""
        self.rcv_settle_mode = rcv_settle_mode
        self.batchable = batchable
        self.id: int | None = None
        """The delivery-id (2.8.8); None until ``data_to_send`` took its first frame."""
        self.remote_state: DeliveryState | None = None
        """The state that the peer told last."""
        self.remote_settled = False
        """The peer has forgotten it."""
        self.started = False
        """``data_to_send`` took a frame of it."""
        self.aborted = False
        self.kept: bytes | memoryview | None = None
        """The message, on a link with ``recoverable``."""
        self.offset = 0
        """How much of the payload was taken."""
        self.context: object = None
        """A free slot for the driver's own object."""

    @property
    def complete(self) -> bool:
        """Whether ``data_to_send`` took its last frame."""
        return self.started and self.payload is None

    def withdraw(self) -> None:
        """Undo the send: no frame of it leaves, and its credit is free again. Idempotent.

        Raises:
            LocalError: a frame of it has left already.
        """
        if self.started:
            raise LocalError("a part of the delivery has left: abort() takes it back while more of it waits")
        if self.payload is not None:
            self.link.withdraw(self)

    def abort(self) -> None:
        """Take back a delivery whose first frames have left (2.6.14). It counts as settled at both ends.

        Raises:
            LocalError: nothing of it has left (then ``withdraw()`` serves), or all of it has.
        """
        if not self.started:
            raise LocalError("nothing of the delivery has left: withdraw() undoes the send")
        if self.payload is None:
            raise LocalError("the whole delivery has left, so it cannot be aborted")
        self.link.abort(self)

    def settle(self, state: DeliveryState | None = None) -> None:
        """Forget the delivery, telling the peer where it has not forgotten it (2.6.12). Idempotent.

        A delivery of which nothing has left is withdrawn.

        Raises:
            EncodeError: *state* has no encoding.
            LocalError: *state* is larger than the peer takes, or is ``Received``.
        """
        if self.settled:
            return
        link = self.link
        if type(state) is Received:
            raise LocalError("a sender tells Received only where it resumes a delivery (3.4.1)")
        if self.id is None:
            self.withdraw()
            return
        link.session.dispose(Role.SENDER, self.id, True, state)
        self.state = self.state if state is None else state
        link.forget(self)

    def outcome(self) -> DeliveryState | None:
        """Return the terminal state that is known; this side's own holds (3.4.6)."""
        if is_outcome(self.state):
            return self.state
        return self.remote_state if is_outcome(self.remote_state) else None

    def suspend(self) -> SuspendedDelivery | None:
        """Return what it takes to resume the delivery; None for what was posted under a transaction."""
        if type(self.state) is TransactionalState or type(self.remote_state) is TransactionalState:
            return None
        return SuspendedDelivery(
            tag=self.tag,
            state=self.outcome(),
            # What waits whole is still here.
            payload=self.payload if self.kept is None else self.kept,
            message_format=self.message_format,
            fresh=not self.started,
            context=self.context,
        )

    def take_update(self, state: DeliveryState | None, settled: bool) -> bool:
        """Take what the peer's disposition says; tell whether the driver is to know."""
        news = settled or state != self.remote_state
        if state is not None:
            self.remote_state = state
        if settled:
            self.remote_settled = True
            self.link.forget(self)
        return news


class IncomingDelivery:
    """A whole message from the peer, as octets; comes with ``DeliveryReceived``."""

    __slots__ = (
        "context",
        "id",
        "link",
        "local_state",
        "message_format",
        "payload",
        "rcv_settle_mode",
        "remote_settled",
        "settled",
        "state",
        "tag",
    )

    def __init__(
        self,
        link: ReceiverLink,
        id: int,  # noqa: A002  the standard's name, delivery-id
        tag: bytes,
        message_format: int,
        settled: bool,
        state: DeliveryState | None,
        rcv_settle_mode: ReceiverSettleMode,
        payload: bytes,
    ) -> None:
        self.link = link
        self.id = id
        self.tag = tag
        self.message_format = message_format
        self.payload = payload
        """The message's octets, all of its frames joined."""
        self.settled = settled
        """This side holds it no longer: it came settled, or was settled here."""
        self.remote_settled = settled
        """The sender has forgotten it."""
        self.state: DeliveryState | None = state
        """The state that the sender told last."""
        self.local_state: DeliveryState | None = None
        """The state that this side told last."""
        self.rcv_settle_mode = rcv_settle_mode
        """How this one is to be settled: the link's mode, unless the sender asked for ``FIRST`` (2.7.5)."""
        self.context: object = None
        """A free slot for the driver's own object."""

    def update(self, state: DeliveryState, *, settled: bool) -> None:
        """Tell the sender *state*, and where *settled*, forget the delivery (2.7.6).

        Consecutive deliveries with the same state leave as one range. Does nothing where the sender has settled it, or
        the peer took its session away.

        Raises:
            LocalError: it was settled before, or *state* is larger than the peer takes.
            EncodeError: *state* has no encoding.
        """
        self._tell(state, settled)

    def settle(self, state: DeliveryState | None = None) -> None:
        """Tell *state* and forget the delivery; None leaves the state last told, or the source's default (2.7.6).

        As :meth:`update` otherwise.
        """
        self._tell(state, True)

    def _tell(self, state: DeliveryState | None, settled: bool) -> None:
        if self.settled:
            if self.remote_settled:
                return
            raise LocalError(f"delivery {self.id} was settled before")
        link = self.link
        link.session.dispose(Role.RECEIVER, self.id, settled, state)
        if state is not None:
            self.local_state = state
        if settled:
            self.settled = True
            link.forget(self)

    def suspend(self) -> SuspendedDelivery | None:
        """Return what it takes to resume the delivery."""
        return SuspendedDelivery(
            tag=self.tag,
            state=self.local_state if is_outcome(self.local_state) else None,
            payload=self.payload,
            message_format=self.message_format,
            context=self.context,
        )

    def take_update(self, state: DeliveryState | None, settled: bool) -> bool:
        """Take what the peer's disposition says; tell whether the driver is to know.

        It does not know of a delivery of which a part is still to come.
        """
        news = settled or state != self.state
        if state is not None:
            self.state = state
        if settled:
            self.remote_settled = True
            self.link.forget(self)
        return news and not self.link.amid(self)
