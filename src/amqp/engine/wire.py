"""What the engine, its sessions and its links share: the way out, the events, and the names in use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from amqp.engine.faults import local_limit
from amqp.engine.frames import FRAME_HEADER_SIZE
from amqp.engine.numbers import NumberPool
from amqp.engine.postings import Postings
from amqp_spec import Frame, SaslFrame

if TYPE_CHECKING:
    from amqp.engine.events import Event
    from amqp.engine.link import Link
    from amqp.engine.outflow import Outflow
    from amqp.engine.session import Session

__all__ = ["BATCH", "Buffer", "Direction", "FrameHook", "Wire", "symbols"]

Buffer = bytes | memoryview
Direction = Literal["in", "out"]
FrameHook = Callable[[Direction, int, Frame | SaslFrame | None, int], None]
"""Called with direction, channel, performative (None: empty frame) and payload size. Secrets of SASL are blanked."""

BATCH = 1024 * 1024
"""Octets after which one call of ``data_to_send`` takes no further transfer."""

_JOINED = 16 * 1024
"""Payloads from this size on stay views; smaller ones are joined with their neighbours."""


class Wire:
    """The way out of one connection, and the tables that its parts share."""

    __slots__ = (
        "_buffers",
        "_parts",
        "batch",
        "buffered",
        "channel_limit",
        "channels",
        "dirty",
        "events",
        "frame_limit",
        "held",
        "hook",
        "incoming",
        "links",
        "max_buffered",
        "offset",
        "outgoing",
        "pending",
        "postings",
        "sessions",
        "waiting",
    )

    def __init__(
        self, frame_limit: int, channel_limit: int, max_buffered: int, hook: FrameHook | None
    ) -> None:
        self.hook = hook
        self.events: list[Event] = []
        self.frame_limit = frame_limit
        """The largest frame that may be sent now."""
        self.held: list[tuple[int, bytes, Frame, bytes, Buffer]] | None = []
        """Frames that wait for the opens (2.4.1); None once both were exchanged."""
        self.pending = 0
        """Octets that wait to be taken."""
        self.dirty: list[Outflow] = []
        """Sessions with a disposition or a flow to be written."""
        self.waiting: deque[Outflow] = deque()
        """Sessions with a transfer that may be written now."""
        self.batch = BATCH
        self.offset = 0
        """Where in the incoming stream the frame stands that is looked at."""
        self.buffered = 0
        """Octets held of unfinished incoming deliveries."""
        self.max_buffered = max_buffered
        self.postings = Postings()
        self.channels = NumberPool()
        self.channel_limit = channel_limit
        """The highest channel for frames of ours, as far as it is known."""
        self.sessions: dict[Session, None] = {}
        """The sessions that have not ended."""
        self.outgoing: dict[int, Session] = {}
        """Sessions by the channel of our frames."""
        self.incoming: dict[int, Session] = {}
        """Sessions by the channel of the peer's frames."""
        self.links: dict[tuple[str, bool], Link] = {}
        """Links that are not detached, by name and by what this end is; two ends may share a name (2.6.1)."""
        self._parts: list[Buffer] = []
        self._buffers: list[Buffer] = []

    def encode(self, performative: Frame) -> bytes:
        """Encode *performative*, before anything is changed for it.

        Raises:
            EncodeError: a value in it has no encoding.
            LocalError: it is larger than the peer takes.
        """
        body = performative.encode()
        if len(body) + FRAME_HEADER_SIZE > self.frame_limit:
            raise local_limit(performative.NAME, len(body) + FRAME_HEADER_SIZE, self.frame_limit)
        return body

    def write(self, channel: int, head: bytes, performative: Frame, body: bytes) -> None:
        """Queue a frame without payload; *head* is that of the channel, *body* the encoded performative."""
        if self.held is not None:
            self.held.append((channel, head, performative, body, b""))
        else:
            self.write_now(channel, head, performative, body)

    def write_now(self, channel: int, head: bytes, performative: Frame | SaslFrame, body: bytes) -> None:
        """Queue a frame even though the peer's open was not read: open, close and the frames of SASL."""
        if self.hook is not None:
            self.hook("out", channel, performative, 0)
        size = len(body) + FRAME_HEADER_SIZE
        self._parts += (size.to_bytes(4, "big"), head, body)
        self.pending += size

    def write_transfer(
        self, channel: int, head: bytes, performative: Frame, body: bytes, payload: Buffer
    ) -> None:
        """Queue a frame with *payload*."""
        if self.held is not None:
            self.held.append((channel, head, performative, body, payload))
            return
        if self.hook is not None:
            self.hook("out", channel, performative, len(payload))
        length = len(payload)
        size = len(body) + length + FRAME_HEADER_SIZE
        parts = self._parts
        if length < _JOINED:
            parts += (size.to_bytes(4, "big"), head, body, payload)
        else:
            parts += (size.to_bytes(4, "big"), head, body)
            self._buffers += (b"".join(parts), payload)
            parts.clear()
        self.pending += size

    def write_raw(self, octets: bytes) -> None:
        """Queue *octets* as they are: a protocol header or an empty frame."""
        self._parts.append(octets)
        self.pending += len(octets)

    def release_held(self) -> None:
        """Queue what waited for the opens."""
        held = self.held or []
        self.held = None
        for channel, head, performative, body, payload in held:
            if channel in self.outgoing:
                self.write_transfer(channel, head, performative, body, payload)

    def flush(self, limit: int) -> None:
        """Write the dispositions and flows that wait, then transfers until *limit* octets are pending.

        Sessions take turns frame by frame, and in each session its links (2.6.14 lets deliveries on different links
        interleave). Nothing leaves before the opens, so that what waits can still be withdrawn.
        """
        if self.held is not None:
            return
        if self.dirty:
            dirty, self.dirty = self.dirty, []
            for outflow in dirty:
                outflow.write_updates()
        waiting = self.waiting
        while waiting and self.pending < limit:
            outflow = waiting.popleft()
            if outflow.write_transfers(limit if not waiting else self.pending + 1):
                waiting.append(outflow)

    def take(self) -> list[Buffer]:
        """Return what waits, few buffers for many frames, and forget it."""
        if self._parts:
            self._buffers.append(b"".join(self._parts))
            self._parts.clear()
        buffers, self._buffers = self._buffers, []
        self.pending = 0
        return buffers

    def discard(self) -> None:
        """Forget what waits to be taken."""
        self.take()


def symbols(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the value of a field that holds several symbols."""
    return None if names is None else tuple(names)
