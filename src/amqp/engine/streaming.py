"""Deliveries in pieces: what is sent as it is made, and read as it comes, never whole in memory (2.6.14)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
from amqp.errors import LocalError

if TYPE_CHECKING:
    from amqp.engine.receiver import ReceiverLink
    from amqp.engine.sender import SenderLink
    from amqp.engine.unsettled import SuspendedDelivery
    from amqp_spec import DeliveryState, ReceiverSettleMode

__all__ = ["CHUNK_COST", "IncomingStream", "OutgoingStream", "flat"]

CHUNK_COST = 64
"""Octets that a part of a delivery costs beside its own, so that many short parts count too."""


class OutgoingStream(OutgoingDelivery):
    """A message that is sent while it is made; made by :meth:`SenderLink.send_stream`.

    The engine sets no bound on what waits: a writer looks at :attr:`pending_octets` after each ``data_to_send``.
    """

    __slots__ = ("_chunks", "_written", "finished", "pending_octets", "resume")

    def __init__(
        self,
        link: SenderLink,
        tag: bytes,
        message_format: int,
        settled: bool,
        state: DeliveryState | None,
        rcv_settle_mode: ReceiverSettleMode | None,
        batchable: bool,
    ) -> None:
        super().__init__(link, b"", tag, message_format, settled, state, rcv_settle_mode, batchable)
        self._chunks: deque[bytes | memoryview] = deque()
        self._written = 0
        self.pending_octets = 0
        """Octets that were written and that ``data_to_send`` has not taken."""
        self.finished = False
        """Whether :meth:`finish` was called."""
        self.resume = False
        """Whether the peer may hold the delivery from an earlier attachment of the link (2.6.13)."""

    @property
    def starved(self) -> bool:
        """Whether no frame of it can be made before the application does something."""
        return not (self.pending_octets or self.finished or self.aborted)

    def write(self, chunk: bytes | memoryview) -> None:
        """Queue the next octets of the message. *chunk* is not copied, so it must not change.

        Raises:
            LocalError: the delivery was finished, aborted or withdrawn; its link is not attached any more; the message
                would be larger than the peer takes. Nothing of *chunk* was taken then.
        """
        if self.finished or self.aborted or self.payload is None:
            raise LocalError("nothing can be written: the delivery was finished, aborted or withdrawn")
        if not self.link.attached:
            raise LocalError(f"link {self.link.name!r} is not attached: {self.link.state.value}")
        if type(chunk) is not bytes:
            chunk = flat(chunk)
        size = len(chunk)
        limit = self.link.max_message_size
        if limit is not None and self._written + size > limit:
            raise LocalError(
                f"the message would have {self._written + size} octets and the peer takes {limit} on this link"
            )
        if size:
            self._chunks.append(chunk)
            self._written += size
            self.pending_octets += size
            self.link.wake()

    def finish(self, chunk: bytes | memoryview = b"") -> None:
        """Queue the last octets of the message; the frame that takes them completes the delivery.

        Raises:
            LocalError: as :meth:`write`.
        """
        self.write(chunk)
        self.finished = True
        self.link.wake()

    def withdraw(self) -> None:
        """As :meth:`OutgoingDelivery.withdraw`."""
        super().withdraw()
        self._clear()

    def abort(self) -> None:
        """As :meth:`OutgoingDelivery.abort`; what waits is dropped."""
        super().abort()
        self._clear()

    def suspend(self) -> SuspendedDelivery | None:
        """Return None: what was taken of a stream is gone."""
        return None

    def fill(self, payload: bytes | memoryview) -> None:
        """Let *payload* be all that waits."""
        self._chunks.clear()
        if payload:
            self._chunks.append(payload)
        self.pending_octets = len(payload)

    def take(self, room: int) -> bytes | memoryview:
        """Return up to *room* octets of what waits, and forget them."""
        chunks = self._chunks
        taken: list[bytes | memoryview] = []
        left = room
        while chunks and left:
            chunk = chunks[0]
            if len(chunk) <= left:
                taken.append(chunks.popleft())
            else:
                view = memoryview(chunk)
                chunk = view[:left]
                chunks[0] = view[left:]
                taken.append(chunk)
            left -= len(chunk)
        self.pending_octets -= room - left
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _clear(self) -> None:
        self._chunks.clear()
        self.pending_octets = 0
        self.link.wake()


class IncomingStream(IncomingDelivery):
    """A message that is read while it comes, on a link attached with ``streaming``; comes with ``DeliveryStarted``.

    ``payload`` stays empty. What is unread holds the session's incoming window, so a slow reader slows the sender down.
    """

    __slots__ = ("_chunks", "_dropping", "_offset", "aborted", "complete", "unread")

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
        super().__init__(link, id, tag, message_format, settled, state, rcv_settle_mode, payload)
        self._chunks: deque[memoryview] = deque()
        self._offset = 0  # how much of the first chunk was read
        self._dropping = False
        self.unread = 0
        """Octets that came and were not read."""
        self.complete = False
        """Whether the last transfer came."""
        self.aborted = False
        """Whether the sender took the delivery back."""

    def read(self, limit: int | None = None) -> bytes:
        """Return what came and was not read, at most *limit* octets, and forget it; empty when there is nothing.

        This gives the peer its session window back, so a flow may wait for ``data_to_send`` afterwards.

        Raises:
            LocalError: *limit* is negative.
        """
        left = self.unread
        if limit is not None:
            if limit < 0:
                raise LocalError(f"limit={limit} is out of range: give octets from 0 on, or None for all")
            left = min(left, limit)
        taken: list[memoryview] = []
        frames = octets = 0
        self.unread -= left
        while left:
            chunk = self._chunks[0]
            end = self._offset + left
            taken.append(chunk[self._offset : end])
            left -= len(taken[-1])
            if end < len(chunk):
                self._offset = end
            else:
                self._chunks.popleft()
                self._offset = 0
                frames += 1
                octets += len(chunk)
        if frames:
            self.link.release(frames, octets)
        return b"".join(taken)

    def suspend(self) -> None:
        """Return None: what was read of a stream is gone."""

    def feed(self, chunk: memoryview) -> bool:
        """Take the octets of a transfer; tell whether they are kept."""
        if self._dropping:
            return False
        self._chunks.append(chunk)
        self.unread += len(chunk)
        return True

    def drop(self) -> None:
        """Forget what is unread, and what is still to come."""
        self._dropping = True
        if self._chunks:
            frames = len(self._chunks)
            octets = sum(map(len, self._chunks))
            self._chunks.clear()
            self._offset = self.unread = 0
            self.link.release(frames, octets)

    def _tell(self, state: DeliveryState | None, settled: bool) -> None:
        super()._tell(state, settled)
        if settled:
            # Who settles wants no more of it, and what nobody reads would hold the window for ever.
            self.drop()


def flat(payload: bytes | memoryview) -> bytes | memoryview:
    """Return a view of single octets."""
    view = memoryview(payload)
    if not view.c_contiguous:
        raise LocalError("the payload is a view with gaps: pass bytes of it")
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")
