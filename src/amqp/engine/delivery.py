"""Deliveries: what was sent or received on a link, until both ends forget it (2.6.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amqp.engine.receiver import ReceiverLink
    from amqp.engine.sender import SenderLink
    from amqp_spec import DeliveryState

__all__ = ["IncomingDelivery", "OutgoingDelivery"]


class OutgoingDelivery:
    """A message on its way to the peer; made by :meth:`SenderLink.send`."""

    __slots__ = ("context", "id", "link", "message_format", "remote_settled", "remote_state", "settled", "started", "state", "tag")

    link: SenderLink
    tag: bytes
    """Names the delivery on its link while either end holds it unsettled; up to 32 octets (2.8.7)."""
    id: int | None
    """The delivery-id (2.8.8); None until its first frame was taken by ``data_to_send``."""
    message_format: int
    settled: bool
    """This side has forgotten it: sent settled, settled here, or settled by the peer."""
    state: DeliveryState | None
    """The state that this side told last."""
    remote_state: DeliveryState | None
    """The state that the peer told last."""
    remote_settled: bool
    """The peer has forgotten it."""
    started: bool
    """A frame of it was taken by ``data_to_send``."""
    context: object
    """A free slot for the driver's own object."""

    @property
    def complete(self) -> bool:
        """Whether the last frame of it was taken by ``data_to_send``."""
        raise NotImplementedError

    def withdraw(self) -> None:
        """Undo the send: no frame of it leaves, and its credit is free again.

        Raises:
            LocalError: a frame of it has left already.
        """
        raise NotImplementedError

    def abort(self) -> None:
        """Take back a delivery whose first frames have left (2.6.14). It counts as settled at both ends.

        Raises:
            LocalError: nothing of it has left (then ``withdraw()`` serves), or all of it has.
        """
        raise NotImplementedError

    def settle(self, state: DeliveryState | None = None) -> None:
        """Forget the delivery, telling the peer where it has not forgotten it (2.6.12).

        Does nothing where it is settled already, or its session is gone.
        """
        raise NotImplementedError


class IncomingDelivery:
    """A whole message from the peer, as octets; comes with ``DeliveryReceived``."""

    __slots__ = ("context", "id", "link", "local_state", "message_format", "payload", "remote_settled", "settled", "state", "tag")

    link: ReceiverLink
    id: int
    tag: bytes
    message_format: int
    payload: bytes
    """The message's octets, all of its frames joined."""
    settled: bool
    """This side holds it no longer: it came settled, or was settled here."""
    remote_settled: bool
    """The sender has forgotten it."""
    state: DeliveryState | None
    """The state that the sender told last."""
    local_state: DeliveryState | None
    """The state that this side told last."""
    context: object
    """A free slot for the driver's own object."""

    def update(self, state: DeliveryState, *, settled: bool) -> None:
        """Tell the sender *state*, and where *settled*, forget the delivery (2.7.6).

        Consecutive deliveries with the same state leave as one range. Does nothing where the delivery came settled,
        or the peer took its session away.

        Raises:
            LocalError: it was settled before.
        """
        raise NotImplementedError

    def settle(self, state: DeliveryState | None = None) -> None:
        """Tell *state* and forget the delivery; None leaves the state last told, or the source's default (2.7.6).

        Raises:
            LocalError: it was settled before.
        """
        raise NotImplementedError
