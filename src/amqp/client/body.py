"""The body of a message in pieces: the octets that are sent for one, and what they are where they come (3.2.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from amqp.checks import check_instance, check_int
from amqp.errors import DecodeError, EncodeError, LocalError
from amqp.message import Message
from amqp.options import UINT_MAX
from amqp_spec import (
    DEFAULT_LIMITS,
    AmqpSequence,
    AmqpValue,
    Data,
    Footer,
    Header,
    peek_descriptor,
    skip_value,
)

if TYPE_CHECKING:
    from amqp_spec import Limits, Registry

__all__ = ["BodyReader", "BodyWriter"]

MAX_HEAD: Final = 1024 * 1024
"""Octets that the sections before the body of a message in pieces may have in all, and those behind it."""

_BINARY_8: Final = 0xA0
_BINARY_32: Final = 0xB0
_DATA: Final = bytes((0x00, 0x53, Data.DESCRIPTOR, _BINARY_32))
_BODY: Final = (Data.DESCRIPTOR, AmqpSequence.DESCRIPTOR, AmqpValue.DESCRIPTOR)


class BodyWriter:
    """Writes a message whose body comes in pieces: each as a data section, or all as one whose size is known (3.2.6).

    Args:
        message: what stands beside the body; it has none itself.
        durable: whether ``header.durable`` is set where it is not.
        size: the octets of the whole body, 0 to 2^32-1, to make it one data section; None makes one of each piece.

    Raises:
        EncodeError: *message* has a body, or a value that has no encoding.
        LocalError: *size* is of another type or out of its range.
    """

    __slots__ = ("_empty", "_left", "_tail", "head")

    def __init__(self, message: Message | None, *, durable: bool, size: int | None = None) -> None:
        if size is not None:
            check_int("size", size, 0, UINT_MAX)
        sections = () if message is None else message.sections
        if any(isinstance(section, Data | AmqpSequence | AmqpValue) for section in sections):
            raise EncodeError("the body is given in pieces, so the message may have none", "message")
        header = None if message is None else message.header
        if durable and (header is None or not header.durable):
            header = Header(durable=True) if header is None else replace(header, durable=True)
        before = [section.encode() for section in sections if not isinstance(section, Header | Footer)]
        self._tail = b"".join([section.encode() for section in sections if isinstance(section, Footer)])
        self._empty = size is None
        self._left = size
        """Octets of the body that are to come, where it is one section."""
        section = b"" if size is None else _DATA + size.to_bytes(4, "big")
        self.head = b"".join([b"" if header is None else header.encode(), *before, section])
        """What stands before the body."""

    @property
    def size(self) -> int:
        """The octets that are to be written, as far as that is known: of the body, where its size was given."""
        return len(self.head) + (self._left or 0) + len(self._tail)

    def section(self, piece: bytes | bytearray | memoryview) -> bytes:
        """Return a piece of the body; an empty one is nothing.

        Raises:
            LocalError: *piece* is not bytes-like, or goes beyond the size of the body.
        """
        check_instance("chunks", piece, (bytes, bytearray, memoryview), "pieces that are bytes-like")
        if not len(piece):
            return b""
        if self._left is None:
            self._empty = False
            return Data(bytes(piece)).encode()
        octets = bytes(piece)
        if len(octets) > self._left:
            raise LocalError(
                f"the pieces have {len(octets) - self._left} octets more than size= says, or more"
            )
        self._left -= len(octets)
        return octets

    def end(self) -> bytes:
        """Return what stands behind the pieces: the footer, or a body where there was none.

        Raises:
            LocalError: the pieces were less than the size of the body.
        """
        if self._left:
            raise LocalError(f"the pieces have {self._left} octets less than size= says")
        return (Data(b"").encode() if self._empty else b"") + self._tail


class BodyReader:
    """Takes the octets of a message as they come, and gives those of its data sections at once.

    What stands before and behind the body is kept, up to ``MAX_HEAD`` octets of each.
    """

    __slots__ = ("_format", "_head", "_kept", "_left", "_limits", "_registry", "_tail", "in_body")

    def __init__(self, message_format: int, registry: Registry, limits: Limits = DEFAULT_LIMITS) -> None:
        self._format = message_format
        self._registry = registry
        self._limits = limits
        self._kept = b""  # what is not understood before more comes
        self._left: int = 0  # octets of the current data section that are to come
        self._head = b""
        self._tail = b""
        self.in_body = False
        """Whether the body has begun, so that all sections before it are known."""

    def push(self, octets: bytes) -> list[bytes]:
        """Take the next octets; return the pieces of the body in them.

        Raises:
            DecodeError: they are no message, or its body is no data, which has no pieces.
        """
        pieces: list[bytes] = []
        data = self._kept + octets if self._kept else octets
        at, end = 0, len(data)
        while at < end:
            if self._left:
                stop = min(end, at + self._left)
                pieces.append(data[at:stop])
                self._left -= stop - at
                at = stop
                continue
            following = self._section(data, at, end)
            if following is None:
                break
            at = following
        self._kept = data[at:]
        if len(self._kept) > MAX_HEAD:
            raise DecodeError(f"a section beside the body has more than {MAX_HEAD} octets", 0, "message")
        return pieces

    def finish(self) -> None:
        """Say that no more octets come.

        Raises:
            DecodeError: the message ends in the middle of a section, or has no body.
        """
        if self._left or self._kept:
            raise DecodeError("the message ends in the middle of a section", 0, "message")
        self.head()

    def head(self) -> Message:
        """Return the message without its body: what stands before it and, as far as it came, behind it.

        Raises:
            DecodeError: its sections are not those of a message (3.2), or there is no body.
        """
        body = Data(b"").encode() if self.in_body else b""
        octets = self._head + body + self._tail
        return Message.decode(octets, format=self._format, registry=self._registry, limits=self._limits)

    def _section(self, data: bytes, at: int, end: int) -> int | None:
        """Take what begins at *at*; return what follows, or None where more has to come first."""
        try:
            code, value_at = peek_descriptor(data, at, end)
            following = end if code in _BODY else skip_value(data, value_at, end)
        except DecodeError:
            # A section begins with the constructor of a described value (1.3): nothing mends other octets.
            if data[at] != 0:
                raise
            return None
        if code == Data.DESCRIPTOR:
            return self._data(data, value_at, end)
        if code in _BODY:
            raise DecodeError("the body is no data, so it does not come in pieces", at, "message")
        self._keep(data[at:following])
        return following

    def _data(self, data: bytes, at: int, end: int) -> int | None:
        if self._tail:
            raise DecodeError("a data section behind the footer", at, "message")
        self.in_body = True
        code = data[at] if at < end else None
        if code == _BINARY_8 and at + 1 < end:
            self._left = data[at + 1]
            return at + 2
        if code == _BINARY_32 and at + 4 < end:
            self._left = int.from_bytes(data[at + 1 : at + 5], "big")
            return at + 5
        if code not in (None, _BINARY_8, _BINARY_32):
            raise DecodeError("a data section holds binary", at, "message")
        return None

    def _keep(self, section: bytes) -> None:
        if self.in_body:
            self._tail += section
        else:
            self._head += section
        if len(self._head) > MAX_HEAD or len(self._tail) > MAX_HEAD:
            raise DecodeError(f"the sections beside the body have more than {MAX_HEAD} octets", 0, "message")
