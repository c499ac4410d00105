"""A received message and what is done with it."""

# The functions at the end belong to the class, and are not in it because applications get its objects.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.checks import check_int, wrong_type
from amqp.client.completion import Completion
from amqp.client.outcomes import ACCEPTED, OUTCOMES, RELEASED, UNDECODABLE, Told, settled_by_peer
from amqp.errors import DecodeError, LocalError, SettledByPeer
from amqp.message import Message
from amqp.options import UINT_MAX
from amqp_spec import Data, Error, Received, ReceiverSettleMode, Rejected, TransactionalState

if TYPE_CHECKING:
    from typing import Any

    from amqp.client.receiver import ClientReceiver
    from amqp.client.stream import StreamReader
    from amqp.client.transaction import ClientTransaction
    from amqp.engine import IncomingDelivery


class ClientDelivery:
    """One message as it came. Nothing of it is decoded before somebody looks."""

    __slots__ = ("_incoming", "_message", "_receiver", "_settling", "_stream")

    def __init__(self, receiver: ClientReceiver[Any], incoming: IncomingDelivery) -> None:
        self._receiver = receiver
        self._incoming = incoming
        self._message: Message | None = None
        self._settling: Completion[None] | None = None
        self._stream: StreamReader | None = None

    @property
    def message(self) -> Message:
        """The message. Its sections are decoded when they are looked at, with the connection's registry.

        Raises:
            DecodeError: the octets are no message (3.2). ``raw`` holds them; the link and the connection live, and
                the delivery still is to be settled.
            LocalError: the receiver was opened with ``streaming``, and nobody has waited for ``head()``.
        """
        if self._message is None:
            if self._stream is not None:
                raise LocalError("this message is read while it comes: wait for head() or chunks()")
            incoming, connection = self._incoming, self._receiver.connection
            self._message = Message.decode(
                incoming.payload,
                format=incoming.message_format,
                registry=connection.registry,
                limits=connection.limits,
            )
        return self._message

    @property
    def raw(self) -> bytes:
        """The octets of the message as they came; none where the receiver was opened with ``streaming``."""
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
    def aborted(self) -> bool:
        """Whether the sender took the message back while it came (2.6.14); only where the receiver streams."""
        return self._stream is not None and self._stream.aborted

    @property
    def settled(self) -> bool:
        """Whether this side holds the delivery no longer: it came settled, or was settled here."""
        return self._incoming.settled or self._receiver.is_held(self)

    @property
    def outcome(self) -> Told | None:
        """The outcome that was decided on here; None while there is none, or where the delivery came settled."""
        held = self._receiver.held_outcome(self)
        state = self._incoming.local_state if held is None else held
        if taken_back(self) is not None:
            return None
        if type(state) is TransactionalState:
            state = state.outcome
        return state if isinstance(state, OUTCOMES) else None

    @property
    def error(self) -> SettledByPeer | None:
        """Why no outcome can be told any more: the sender settled the delivery first, and has the message again.

        None while that is not so. A consumer time-out of RabbitMQ does it. It is never so of a delivery that came settled.
        """
        outcome = taken_back(self)
        return None if outcome is None else settled_by_peer(outcome)

    @property
    def fault(self) -> DecodeError | None:
        """Why the octets are no message, or None where they are, as far as ``message`` was looked at (3.2).

        Its structure is looked at here. A fault inside a section counts once a property has run into it.
        """
        if self._stream is not None:
            return self._stream.fault
        try:
            return self.message.fault
        except DecodeError as error:
            return error

    def _decide(self, outcome: Told, transaction: ClientTransaction | None = None) -> Completion[None] | None:
        incoming = self._incoming
        if incoming.settled:
            self._check_taken_back()
            if incoming.remote_settled:
                return None
        receiver = self._receiver
        if receiver.failure is not None:
            receiver.check()
        if incoming.settled or self._settling is not None or (receiver.batched and receiver.is_held(self)):
            raise LocalError(f"settled before, as {incoming.local_state!r}: each delivery is settled once")
        if transaction is None and type(incoming.state) is TransactionalState:
            # 4.4.2: what was acquired in a transaction is retired in it.
            transaction = receiver.connection.transactions.get(incoming.state.txn_id)
        if transaction is not None:
            self._retire(outcome, transaction)
            return None
        if receiver.link.rcv_settle_mode is ReceiverSettleMode.FIRST:
            if receiver.batched:
                receiver.settle_in_batch(self, incoming, outcome)
            else:
                incoming.settle(outcome)
                receiver.connection.wake()
            return None
        incoming.update(outcome, settled=False)
        self._settling = self._receiver.settling(self, incoming)
        self._receiver.connection.wake()
        return self._settling

    def _retire(self, outcome: Told, transaction: ClientTransaction) -> None:
        incoming, receiver = self._incoming, self._receiver
        transaction.check_session(receiver.session)
        settled = receiver.link.rcv_settle_mode is ReceiverSettleMode.FIRST
        transaction.retire(self, incoming, outcome, settled=settled)
        if not settled:
            # It is settled behind the discharge, and nobody waits for that here.
            self._settling = Completion()
        receiver.connection.wake()

    def _check_taken_back(self) -> None:
        error = self.error
        if error is not None:
            raise error

    def _accept_or_modify(self) -> None:
        if self.settled or self._settling is not None or self._receiver.failure is not None:
            return
        self._decide(self._default_outcome())

    def _default_outcome(self) -> Told:
        if self._stream is not None and self._stream.fault is None and not self._stream.finished:
            # Who did not read it to its end has not taken it.
            return RELEASED
        # F29: what cannot be read is nobody's to accept by default.
        return ACCEPTED if self.fault is None else UNDECODABLE

    def _head(self) -> Message | None:
        if self._stream is not None and (self._message is None or not self._stream.finished):
            self._message = self._stream.head()
        return self.message if self._stream is None else self._message

    def _next_piece(self) -> bytes | None:
        return None if self._stream is None else self._stream.next()

    def _is_read(self) -> bool:
        """Whether no piece is to come: it came whole, or was read to its end."""
        return self._stream is None or self._stream.exhausted

    def _arrival(self) -> Completion[None]:
        assert self._stream is not None
        return self._stream.arrival()

    def _whole_body(self) -> list[bytes] | None:
        """Return the pieces of a message that has come whole, None where they come one by one."""
        if self._stream is not None:
            return None
        sections = [section.value for section in self.message.sections if isinstance(section, Data)]
        if not sections:
            raise LocalError("the body is no data, so it has no pieces: look at message.body")
        return [piece for piece in sections if piece]

    def _progress(self, section_number: int, section_offset: int) -> None:
        incoming = self._incoming
        self._check_taken_back()
        if incoming.remote_settled:
            return
        self._receiver.check()
        if self.settled or self._settling is not None:
            raise LocalError(f"settled before, as {self.outcome!r}: nothing more can be told of it")
        check_int("section_number", section_number, 0, UINT_MAX)
        check_int("section_offset", section_offset, 0, 0xFFFF_FFFF_FFFF_FFFF)
        incoming.update(Received(section_number=section_number, section_offset=section_offset), settled=False)
        self._receiver.connection.wake()

    def __repr__(self) -> str:
        held = self._receiver.held_outcome(self)
        state = self._incoming.local_state if held is None else held
        undecided = "settled by the sender" if self._incoming.settled else "no outcome yet"
        told = undecided if state is None else repr(state)
        return f"<{type(self).__name__} tag={self.tag!r} {len(self.raw)} octets, {told}>"


# What the client layer does with a delivery. It is no method: those are for applications.


def rejected(error: object) -> Rejected:
    """Return the outcome of ``reject(error)``.

    Raises:
        LocalError: *error* is neither an ``Error`` nor None.
    """
    if error is not None and not isinstance(error, Error):
        raise wrong_type("reject", error, 'an amqp.Error(condition="...", description="...") or None')
    return Rejected(error=error)


def decide(delivery: ClientDelivery, outcome: Told) -> Completion[None] | None:
    """Tell the sender *outcome*; return what to wait for in mode second, None where nothing is.

    A delivery that came settled needs no outcome, and gets none.

    Raises:
        LinkError, SessionEnded, ConnectionClosed: what it came on is gone: the peer delivers it again, or not.
        LocalError: an outcome was decided on before.
        EncodeError: *outcome* has no encoding.
    """
    return delivery._decide(outcome)


def reopen(delivery: ClientDelivery) -> None:
    """Let an outcome be decided on anew: the transaction that the last was told in was rolled back."""
    delivery._settling = None


def accept_or_modify(delivery: ClientDelivery) -> None:
    """Accept the delivery where its message can be read, else hand it back as undeliverable here."""
    delivery._accept_or_modify()


def tell(delivery: ClientDelivery, outcome: Told) -> None:
    """Tell the sender an outcome that was decided on before, unless it has taken the delivery back meanwhile."""
    if taken_back(delivery) is None:
        delivery._incoming.settle(outcome)


def stream(delivery: ClientDelivery, reader: StreamReader) -> None:
    """Have *delivery* read while it comes."""
    delivery._stream = reader


def stream_of(delivery: ClientDelivery) -> StreamReader | None:
    """Return what reads *delivery* while it comes, if something does."""
    return delivery._stream


def remember(delivery: ClientDelivery) -> None:
    """Let the engine's delivery lead to this one, for the case that the sender settles it."""
    delivery._incoming.context = delivery


def taken_back(delivery: ClientDelivery) -> Told | None:
    """Return the outcome by which the sender settled a delivery that had none from this side; None where it did not."""
    context = delivery._incoming.context
    return context if isinstance(context, OUTCOMES) else None


def release(delivery: ClientDelivery) -> None:
    """Give a delivery that nobody has seen back to its sender, unless it came settled."""
    if not delivery._incoming.settled:
        delivery._incoming.settle(RELEASED)
