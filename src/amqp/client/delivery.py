"""A received message and what is done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.client.outcomes import ACCEPTED, OUTCOMES, UNDECODABLE
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

    __slots__ = ("_message", "_settling", "incoming", "receiver")

    def __init__(self, receiver: ClientReceiver[Any], incoming: IncomingDelivery) -> None:
        self.receiver = receiver
        self.incoming = incoming
        self._message: Message | None = None
        self._settling: Completion[None] | None = None

    @property
    def message(self) -> Message:
        """The message. Its sections are decoded when they are looked at.

        Raises:
            DecodeError: the octets are no message (3.2). ``raw`` holds them; the link and the connection live, and
                the delivery still is to be settled.
        """
        if self._message is None:
            incoming = self.incoming
            self._message = Message.decode(incoming.payload, format=incoming.message_format)
        return self._message

    @property
    def raw(self) -> bytes:
        """The octets of the message as they came."""
        return self.incoming.payload

    @property
    def tag(self) -> bytes:
        """The delivery-tag, chosen by the sender (2.8.7)."""
        return self.incoming.tag

    @property
    def format(self) -> int:
        """The message-format (2.8.11); 0 is the format that ``message`` reads."""
        return self.incoming.message_format

    @property
    def settled(self) -> bool:
        """Whether this side holds the delivery no longer: it came settled, or was settled here."""
        return self.incoming.settled

    @property
    def outcome(self) -> Told | None:
        """The outcome that was decided on here; None while there is none, or where the delivery came settled."""
        state = self.incoming.local_state
        return state if isinstance(state, OUTCOMES) else None

    def decide(self, outcome: Told) -> Completion[None] | None:
        """Tell the sender *outcome*; return what to wait for in mode second, None where nothing is.

        A delivery that came settled needs no outcome, and gets none.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: what it came on is gone: the peer delivers it again, or not.
            LocalError: an outcome was decided on before.
        """
        incoming = self.incoming
        if incoming.remote_settled:
            return None
        self.receiver.check()
        if incoming.settled or self._settling is not None:
            raise LocalError(f"settled before, as {incoming.local_state!r}: each delivery is settled once")
        if self.receiver.link.rcv_settle_mode is ReceiverSettleMode.FIRST:
            incoming.settle(outcome)
            self.receiver.connection.wake()
            return None
        incoming.update(outcome, settled=False)
        self._settling = self.receiver.settling(self)
        self.receiver.connection.wake()
        return self._settling

    def accept_or_modify(self) -> None:
        """Accept the delivery where its message can be read, else hand it back as undeliverable here."""
        if self.incoming.settled or self._settling is not None or self.receiver.failure is not None:
            return
        self.decide(ACCEPTED if self._decodes() else UNDECODABLE)

    def _decodes(self) -> bool:
        try:
            _ = self.message
        except DecodeError:
            return False
        return True

    def __repr__(self) -> str:
        state = self.incoming.local_state
        undecided = "settled by the sender" if self.incoming.settled else "no outcome yet"
        told = undecided if state is None else repr(state)
        return f"<{type(self).__name__} tag={self.tag!r} {len(self.raw)} octets, {told}>"
