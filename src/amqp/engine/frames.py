"""Cutting the incoming stream into protocol headers and frames (2.2, 2.3)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from amqp.engine.faults import FramingFault
from amqp.engine.headers import HEADER_SIZE
from amqp_spec import ConnectionErrorCondition

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "AMQP_FRAME",
    "FRAME_HEADER_SIZE",
    "PROTOCOL_HEADER",
    "SASL_FRAME",
    "FrameSplitter",
    "channel_head",
]

AMQP_FRAME = 0
SASL_FRAME = 1
PROTOCOL_HEADER = -1
"""The kind that stands for a protocol header, which is no frame."""

FRAME_HEADER_SIZE = 8
_MIN_DOFF = 2

_unpack = Struct(">IBBH").unpack_from


def channel_head(channel: int, kind: int = AMQP_FRAME) -> bytes:
    """Return what follows SIZE in the header of every frame on *channel*: DOFF, TYPE, channel."""
    return bytes((_MIN_DOFF, kind, channel >> 8, channel & 0xFF))


class FrameSplitter:
    """Holds the octets of an unfinished frame, and knows how large a frame may be.

    ``limit`` and ``expect_header`` may be changed while a :meth:`split` is under way: an open or the end of SASL
    changes how the octets behind it are read.
    """

    __slots__ = ("_needed", "_pending", "expect_header", "limit", "offset", "stopped")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.expect_header = True
        self.offset = 0
        """Where in the whole stream the header or frame begins that was yielded last."""
        self.stopped = False
        """Whether nothing that comes is looked at any more."""
        self._pending = bytearray()
        self._needed = HEADER_SIZE

    @property
    def inside(self) -> bool:
        """Whether the stream stands inside a frame or header."""
        return bool(self._pending)

    def take_rest(self) -> bytes:
        """Return and forget the octets behind the header or frame that was yielded last."""
        rest = bytes(self._pending)
        self._pending.clear()
        return rest

    def split(self, data: bytes | bytearray | memoryview) -> Iterator[tuple[int, int, bytes, int]]:
        """Yield (kind, channel, octets, where the body begins) for each whole header or frame.

        Raises:
            FramingFault: the size or the data offset of a frame is illegal. Told as soon as the frame's own header
                is there, so a large size costs nothing.
        """
        pending = self._pending
        if pending:
            pending += data
            if len(pending) < self._needed:
                return
            data = bytes(pending)
            pending.clear()
        elif not isinstance(data, bytes):
            data = bytes(data)
        at = 0
        end = len(data)
        self._needed = FRAME_HEADER_SIZE
        while end - at >= FRAME_HEADER_SIZE and not self.stopped:
            if self.expect_header:
                yield PROTOCOL_HEADER, 0, data[at : at + HEADER_SIZE], HEADER_SIZE
                at += HEADER_SIZE
                self.offset += HEADER_SIZE
                continue
            size, doff, kind, channel = _unpack(data, at)
            body = doff * 4
            if size > self.limit or doff < _MIN_DOFF or body > size:
                raise self._malformed(size, doff)
            if end - at < size:
                self._needed = size
                break
            yield kind, channel, data[at : at + size], body
            at += size
            self.offset += size
        if at < end:
            pending += memoryview(data)[at:]

    def _malformed(self, size: int, doff: int) -> FramingFault:
        if size > self.limit:
            what = f"a frame of {size} octets is larger than the {self.limit} allowed"
        elif size < FRAME_HEADER_SIZE:
            what = f"a frame says it has {size} octets, and its header alone has 8"
        else:
            what = f"a frame of {size} octets has data offset {doff}"
        # 2.3.1, 2.7.1: malformed and oversized frames.
        return FramingFault(ConnectionErrorCondition.FRAMING_ERROR, what, self.offset)
