"""A received message and what is done with it."""

# The functions at the end belong to the class, and are not in it because applications get its objects.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.client.outcomes import ACCEPTED, OUTCOMES, RELEASED, UNDECODABLE
from amqp.errors import DecodeError, LocalError
from amqp.message import Message
from amqp_spec import ReceiverSettleMode

if TYPE_CHECKING:
    from typing import Any

    from amqp.client.completion import Completion
    from amqp.client.outcomes import Told
    from amqp.client.receiver import ClientReceiver
    from amqp.engine import IncomingDelivery


class ClientDelivery:
    """One message as it came. Nothing of it is decoded before somebody looks."""

    __slots__ = ("_incoming", "_message", "_receiver", "_settling")

    def __init__(self, receiver: ClientReceiver[Any], incoming: IncomingDelivery) -> None:
        self._receiver = receiver
        self._incoming = incoming
        self._message: Message | None = None
        self._settling: Completion[None] | None = None

    @property
    def message(self) -> Message:
        """The message. Its sections are decoded when they are looked at, with the connection's registry.

        Raises:
            DecodeError: the octets are no message (3.2). ``raw`` holds them; the link and the connection live, and
                the delivery still is to be settled.
        """
        if self._message is None:
            incoming = self._incoming
            self._message = Message.decode(
                incoming.payload, format=incoming.message_format, registry=self._receiver.connection.registry
            )
        return self._message

    @property
    def raw(self) -> bytes:
        """The octets of the message as they came."""
        return self._incoming.payload

    @property
    def tag(self) -> bytes:
        """The delivery-tag, chosen by the sender (2.8.7)."""
        return self._incoming.tag

    @property
    def format(self) -> int:
        """The message-format (2.8.11); 0 is the format that ``message`` reads."""
        return self._incoming.message_format

    @property
    def settled(self) -> bool:
        """Whether this side holds the delivery no longer: it came settled, or was settled here."""
        return self._incoming.settled

    @property
    def outcome(self) -> Told | None:
        """The outcome that was decided on here; None while there is none, or where the delivery came settled."""
        state = self._incoming.local_state
        return state if isinstance(state, OUTCOMES) else None

    def _decide(self, outcome: Told) -> Completion[None] | None:
        incoming = self._incoming
        if incoming.remote_settled:
            return None
        self._receiver.check()
        if incoming.settled or self._settling is not None:
            raise LocalError(f"settled before, as {incoming.local_state!r}: each delivery is settled once")
        if self._receiver.link.rcv_settle_mode is ReceiverSettleMode.FIRST:
            incoming.settle(outcome)
            self._receiver.connection.wake()
            return None
        incoming.update(outcome, settled=False)
        self._settling = self._receiver.settling(self, incoming)
        self._receiver.connection.wake()
        return self._settling

    def _accept_or_modify(self) -> None:
        if self._incoming.settled or self._settling is not None or self._receiver.failure is not None:
            return
        self._decide(ACCEPTED if self._decodes() else UNDECODABLE)

    def _decodes(self) -> bool:
        try:
            _ = self.message
        except DecodeError:
            return False
        return True

    def __repr__(self) -> str:
        state = self._incoming.local_state
        undecided = "settled by the sender" if self._incoming.settled else "no outcome yet"
        told = undecided if state is None else repr(state)
        return f"<{type(self).__name__} tag={self.tag!r} {len(self.raw)} octets, {told}>"


# What the client layer does with a delivery. It is no method: those are for applications.


def decide(delivery: ClientDelivery, outcome: Told) -> Completion[None] | None:
    """Tell the sender *outcome*; return what to wait for in mode second, None where nothing is.

    A delivery that came settled needs no outcome, and gets none.

    Raises:
        LinkError, SessionEnded, ConnectionClosed: what it came on is gone: the peer delivers it again, or not.
        LocalError: an outcome was decided on before.
        EncodeError: *outcome* has no encoding.
    """
    return delivery._decide(outcome)


def accept_or_modify(delivery: ClientDelivery) -> None:
    """Accept the delivery where its message can be read, else hand it back as undeliverable here."""
    delivery._accept_or_modify()


def release(delivery: ClientDelivery) -> None:
    """Give a delivery that nobody has seen back to its sender, unless it came settled."""
    if not delivery._incoming.settled:
        delivery._incoming.settle(RELEASED)
