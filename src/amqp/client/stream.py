"""A message that is read while it comes: which piece is there, and whether one has to be waited for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from amqp.client.body import BodyReader
from amqp.client.completion import Completion
from amqp.client.outcomes import OUTCOMES, settled_by_peer
from amqp.errors import Blame, DecodeError, DeliveryAborted, LocalError

if TYPE_CHECKING:
    from amqp.client.receiver import ClientReceiver
    from amqp.engine import IncomingStream
    from amqp.message import Message

READ: Final = 256 * 1024
"""Octets that are taken from the engine at once."""


class StreamReader:
    """The pieces of one message's body, in order. Reading on gives the sender room to send more."""

    __slots__ = ("_arrival", "_incoming", "_parser", "_pieces", "_receiver", "fault", "finished")

    def __init__(self, receiver: ClientReceiver[Any], incoming: IncomingStream) -> None:
        self._receiver = receiver
        self._incoming = incoming
        connection = receiver.connection
        self._parser = BodyReader(incoming.message_format, connection.registry, connection.limits)
        self._pieces: deque[bytes] = deque()
        self._arrival: Completion[None] | None = None
        self.fault: DecodeError | None = None
        """Why the octets are no message, if so."""
        self.finished = False
        """Whether the whole message was read, so that no piece is to come."""

    @property
    def complete(self) -> bool:
        """Whether all of it has come."""
        return self._incoming.complete

    @property
    def aborted(self) -> bool:
        """Whether the sender took it back."""
        return self._incoming.aborted

    @property
    def exhausted(self) -> bool:
        """Whether no piece is left, and none is to come."""
        return self.finished and not self._pieces

    def next(self) -> bytes | None:
        """Return the next piece; None where it has to be waited for, or where ``finished`` says that none comes.

        Raises:
            DecodeError: the octets are no message, or its body is no data.
            DeliveryAborted: the sender took it back amid it.
            SettledByPeer: the sender decided on it, and has it again.
            LinkError, SessionEnded, ConnectionClosed: the link was lost amid it.
            LocalError: an outcome was decided on, and what was unread then is gone.
        """
        while not self._pieces:
            if self.finished or not self._pull():
                return None
        return self._pieces.popleft()

    def head(self) -> Message | None:
        """Return the message without its body; None where it has to be waited for. It raises what :meth:`next` does."""
        while not self._parser.in_body:
            if self.finished or not self._pull():
                return None
        return self._parser.head()

    def arrival(self) -> Completion[None]:
        """Return a completion of the moment when more is there, or something happened to the message."""
        if self._arrival is None or self._arrival.done():
            self._arrival = Completion()
        return self._arrival

    # -- what the receiver tells

    def arrived(self) -> None:
        """Something came, or the message is complete, or it was taken back."""
        if self._arrival is not None:
            self._arrival.resolve(None)

    # -- inside

    def _pull(self) -> bool:
        """Take what the engine has; return whether that was something, or the end."""
        incoming = self._incoming
        if self.fault is not None:
            raise self.fault
        if isinstance(incoming.context, OUTCOMES):
            raise settled_by_peer(incoming.context)
        if incoming.aborted:
            raise DeliveryAborted("the sender took the message back amid it", blame=Blame.REMOTE)
        octets = incoming.read(READ)
        if octets:
            self._receiver.connection.wake()
        elif not incoming.complete:
            self._receiver.check()
            if incoming.settled and not incoming.remote_settled:
                raise LocalError("an outcome was decided on: the rest of the message is not read")
            return False
        try:
            self._pieces += self._parser.push(octets)
            if incoming.complete and not incoming.unread:
                self._parser.finish()
                self.finished = True
        except DecodeError as error:
            self.fault = error
            raise
        return True
