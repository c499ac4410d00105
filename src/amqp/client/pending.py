"""One message on its way: from ``submit`` to the outcome, or to the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from amqp.client.completion import Completion
from amqp.errors import (
    AmqpFault,
    ConnectionClosed,
    DeliveryNotAccepted,
    InDoubt,
    NotSent,
    SendError,
)

if TYPE_CHECKING:
    from amqp.client.sender import ClientSender
    from amqp.client.transaction import ClientTransaction
    from amqp.engine import OutgoingDelivery
    from amqp_spec import Accepted, DeliveryState, Outcome

_SendError = TypeVar("_SendError", bound=SendError)


class Held(NamedTuple):
    """A message that waits at this side, for credit or for room."""

    payload: bytes
    message_format: int
    settled: bool
    tag: bytes | None
    stream: bool = False
    """Whether the payload is only the first octets of the message."""


class Pending(Completion["Accepted | None"]):
    """The fate of one submitted message.

    It ends with ``Accepted``; with None, where the message was sent settled and so has no outcome, once its last
    octet was handed to the transport; or with an error: ``MessageRejected``, ``MessageReleased``,
    ``MessageModified``, ``NotSent`` or ``InDoubt``. An error that nobody asked for is raised by ``close()``.
    """

    __slots__ = ("_departed", "delivery", "held", "looked_at", "sender", "transaction")

    def __init__(self, sender: ClientSender) -> None:
        # For each message: what Completion.__init__ does, without the call.
        self._done = False
        self._value = None
        self._error = None
        self._callbacks = None
        self.sender = sender
        self.delivery: OutgoingDelivery | None = None
        """The engine's delivery; None while the message waits for credit."""
        self.held: Held | None = None
        """What waits for credit; None once it was given to the engine."""
        self.transaction: ClientTransaction | None = None
        """The transaction that the message is posted in."""
        self.looked_at = False
        """Whether somebody has seen, or does not want to see, how it ended."""
        self._departed: Completion[None] | None = None

    @property
    def tag(self) -> bytes | None:
        """The delivery-tag (2.8.7); None while the message waits for credit."""
        return None if self.delivery is None else self.delivery.tag

    @property
    def outcome(self) -> Outcome | None:
        """The outcome that the peer told (3.4), whichever it is; None while there is none. Looking raises nothing."""
        if isinstance(self._error, DeliveryNotAccepted):
            self._look()
            return self._error.outcome
        return self._value

    @property
    def state(self) -> DeliveryState | None:
        """The state that the peer told last, whichever it is, such as ``Received`` on the way to an outcome (3.4.1)."""
        return None if self.delivery is None else self.delivery.remote_state

    def abort(self) -> bool:
        """Take the message back; it then is ``NotSent``. See the front ends."""
        return self.sender.abort(self)

    def result(self) -> Accepted | None:
        """Return ``Accepted`` (None: it was sent settled), or raise what became of the message.

        Raises:
            DeliveryNotAccepted: the peer decided otherwise; the subclass and ``outcome`` tell how.
            NotSent: no octet of it left: sending it again cannot duplicate it.
            InDoubt: it left and no outcome came.
            LocalError: its fate is not known yet.
        """
        if self._done and self._error is None:
            self.looked_at = True
            return self._value
        self._look()
        return super().result()

    def exception(self) -> SendError | None:
        """Return the error that :meth:`result` would raise, or None where it was accepted, or is not done yet."""
        self._look()
        return self._error if isinstance(self._error, SendError) else None

    def departed(self) -> Completion[None]:
        """Return a completion of the moment when the message is given to the engine, or has failed."""
        if self._departed is None:
            self._departed = Completion()
            if self.held is None or self._done:
                self._departed.resolve(None)
        return self._departed

    def depart(self) -> None:
        """Note that the message waits no longer: the engine has it, or it failed."""
        self.held = None
        if self._departed is not None:
            self._departed.resolve(None)

    def _look(self) -> None:
        if self._done and not self.looked_at:
            self.looked_at = True
            if self._error is not None:
                self.sender.connection.unseen.discard(self)

    def __str__(self) -> str:
        if not self._done:
            state = "waiting for credit" if self.held is not None else "no outcome yet"
        else:
            known = self._error or self._value
            state = "sent settled, without an outcome" if known is None else repr(known)
        return state

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def not_sent(cause: BaseException) -> NotSent:
    """Return the error for a message of which no octet left, because of *cause*."""
    return _because(NotSent, "the message was not sent", cause)


def in_doubt(cause: BaseException) -> InDoubt:
    """Return the error for a message that left, and of which no outcome can come any more because of *cause*."""
    return _because(InDoubt, "the message was sent, and its outcome will not be known", cause)


def _because(kind: type[_SendError], text: str, cause: BaseException) -> _SendError:
    if isinstance(cause, AmqpFault):
        named = cause.peer if isinstance(cause, ConnectionClosed) else ""
        error = kind(
            f"{text}: {named}{': ' if named else ''}{cause.description}",
            scope=cause.scope,
            blame=cause.blame,
            condition=cause.condition,
            info=cause.info,
        )
    else:
        error = kind(f"{text}: {str(cause) or type(cause).__name__}")
    error.__cause__ = cause
    return error
