"""The other end of a connection, written by hand from the standard: it shares nothing with what is generated.

Values are read by the high half of their constructors (1.2) and written in their widest forms. An erratum is told to
it in words of its own: other descriptors, fields in other places, other constructors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack, unpack_from
from typing import Any, NamedTuple

HEADER = b"AMQP\x00\x01\x00\x00"
NAMES = ("open", "begin", "attach", "flow", "transfer", "disposition", "detach", "end", "close")

UNSIGNED = frozenset((0x43, 0x44, 0x50, 0x52, 0x53, 0x60, 0x70, 0x80))
SIGNED = frozenset((0x51, 0x54, 0x55, 0x61, 0x71, 0x81, 0x83))
WIDTHS = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}


class Told(NamedTuple):
    """A described value."""

    descriptor: Any
    value: Any


class Frame(NamedTuple):
    """A frame that came."""

    name: str
    channel: int
    fields: list[Any]
    payload: bytes

    def at(self, position: int) -> Any:
        """Return a field by its place, counted from 0; what is left out at the end is null."""
        return self.fields[position] if position < len(self.fields) else None


# Writing: each takes the widest form, which no erratum can take away. ---------------------------------------------

NULL = b"\x40"


def boolean(value: bool) -> bytes:
    return b"\x56\x01" if value else b"\x56\x00"


def ubyte(value: int) -> bytes:
    return pack(">BB", 0x50, value)


def ushort(value: int) -> bytes:
    return pack(">BH", 0x60, value)


def uint(value: int) -> bytes:
    return pack(">BI", 0x70, value)


def ulong(value: int) -> bytes:
    return pack(">BQ", 0x80, value)


def binary(value: bytes) -> bytes:
    return pack(">BI", 0xB0, len(value)) + value


def string(value: str) -> bytes:
    return pack(">BI", 0xB1, len(value.encode())) + value.encode()


def symbol(value: str) -> bytes:
    return pack(">BI", 0xB3, len(value)) + value.encode("ascii")


def told(code: int, *fields: bytes) -> bytes:
    """A described list."""
    body = b"".join(fields)
    return b"\x00" + ulong(code) + pack(">BII", 0xD0, len(body) + 4, len(fields)) + body


# Reading -------------------------------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Reads values, and remembers which constructors it met."""

    unsigned: frozenset[int] = UNSIGNED
    met: set[int] = field(default_factory=set)

    def value(self, data: bytes, at: int) -> tuple[Any, int]:
        code = data[at]
        at += 1
        if code == 0:
            descriptor, at = self.value(data, at)
            inner, at = self.value(data, at)
            return Told(descriptor, inner), at
        self.met.add(code)
        return self.of(code, data, at)

    def of(self, code: int, data: bytes, at: int) -> tuple[Any, int]:
        high = code >> 4
        if high in WIDTHS:
            end = at + WIDTHS[high]
            return self.fixed(code, data[at:end]), end
        size, start = (data[at], at + 1) if high % 2 == 0 else (unpack_from(">I", data, at)[0], at + 4)
        assert start + size <= len(data), "a size beyond the frame"
        octets = data[start : start + size]
        if high in (0xA, 0xB):
            return self.text(code, octets), start + size
        return self.items(code, octets, 1 if high % 2 == 0 else 4), start + size

    def fixed(self, code: int, octets: bytes) -> Any:
        plain: dict[int, Any] = {0x40: None, 0x41: True, 0x42: False, 0x45: []}
        if code in plain:
            return plain[code]
        if code == 0x56:
            return octets == b"\x01"
        if code in self.unsigned:
            return int.from_bytes(octets, "big")
        assert code in SIGNED or code in (0x72, 0x73, 0x74, 0x82, 0x84, 0x94, 0x98), (
            f"constructor 0x{code:02x}"
        )
        return int.from_bytes(octets, "big", signed=True) if code in SIGNED else octets

    def text(self, code: int, octets: bytes) -> Any:
        return octets if code & 0xF == 0 else octets.decode({1: "utf-8", 3: "ascii"}[code & 0xF])

    def items(self, code: int, octets: bytes, width: int) -> list[Any]:
        count, at = int.from_bytes(octets[:width], "big"), width
        found: list[Any] = []
        array = code >> 4 in (0xE, 0xF)
        inner = octets[at] if array else 0
        at += array
        for _ in range(count):
            item, at = self.of(inner, octets, at) if array else self.value(octets, at)
            found.append(item)
        assert at == len(octets), "octets behind the last item"
        return found


# Answering -----------------------------------------------------------------------------------------------------------


@dataclass
class RawPeer:
    """A container with a sink and a source, which answers every frame at once.

    ``codes`` are descriptors that differ from the standard's; ``answers`` the fields, written, of the open and the
    close, the source of attaches, and the state of dispositions, where they are not the plain ones.
    """

    codes: dict[str, int] = field(default_factory=dict)
    open: list[bytes] = field(default_factory=lambda: [string("raw"), NULL, uint(65536), ushort(9)])
    source: bytes = told(0x28, string("q"))
    state: bytes = told(0x24)
    message: bytes = b"\x00\x53\x77\xa1\x02hi"
    reader: Reader = field(default_factory=Reader)
    got: list[Frame] = field(default_factory=list)
    _pending: bytes = b""
    _started: bool = False
    _handles: dict[int, tuple[int, bool]] = field(default_factory=dict)  # engine's handle: ours, engine sends

    def code(self, name: str) -> int:
        return self.codes.get(name, 0x10 + NAMES.index(name))

    def receive(self, data: bytes) -> bytes:
        """Take octets and return the answer to them."""
        self._pending += data
        out = b""
        if not self._started and len(self._pending) >= 8:
            assert self._pending[:8] == HEADER
            self._pending, self._started, out = self._pending[8:], True, HEADER
        while len(self._pending) >= 8 and len(self._pending) >= (size := unpack_from(">I", self._pending)[0]):
            whole, self._pending = self._pending[:size], self._pending[size:]
            out += self._answer(self._frame(whole))
        return out

    def named(self, name: str) -> list[Frame]:
        """Return the frames of that name that came."""
        return [frame for frame in self.got if frame.name == name]

    def _frame(self, data: bytes) -> Frame:
        _, doff, kind, channel = unpack_from(">IBBH", data)
        assert (doff, kind) == (2, 0)
        value, end = self.reader.value(data, 8)
        names = {self.code(name): name for name in NAMES}
        assert isinstance(value, Told)
        assert value.descriptor in names, f"descriptor {value.descriptor!r}"
        frame = Frame(names[value.descriptor], channel, value.value, data[end:])
        self.got.append(frame)
        return frame

    def _send(self, name: str, channel: int, *fields: bytes, payload: bytes = b"") -> bytes:
        body = told(self.code(name), *fields) + payload
        return pack(">IBBH", len(body) + 8, 2, 0, channel) + body

    def _answer(self, frame: Frame) -> bytes:
        channel = frame.channel
        if frame.name == "open":
            return self._send("open", 0, *self.open)
        if frame.name == "begin":
            return self._send("begin", channel, ushort(channel), uint(0), uint(100), uint(100))
        if frame.name == "attach":
            return self._attach(frame)
        if frame.name == "flow":
            return self._deliver(frame)
        if frame.name == "transfer":
            first = uint(frame.at(1))
            return self._send("disposition", channel, boolean(True), first, first, boolean(True), self.state)
        if frame.name == "detach":
            return self._send("detach", channel, uint(self._handles[frame.at(0)][0]), boolean(True))
        return self._send(frame.name, channel) if frame.name in ("end", "close") else b""

    def _attach(self, frame: Frame) -> bytes:
        name, handle, receives = frame.at(0), frame.at(1), frame.at(2)
        own = handle + 5
        self._handles[handle] = own, not receives
        start = uint(0) if receives else NULL
        out = self._send(
            "attach",
            frame.channel,
            *(string(name), uint(own), boolean(not receives), ubyte(2), ubyte(0)),
            *(self.source, told(0x29, string("q")), NULL, NULL, start),
        )
        if receives:
            return out
        return out + self._send(
            "flow", frame.channel, *(uint(n) for n in (0, 100, 0, 100)), uint(own), uint(0), uint(10)
        )

    def _deliver(self, frame: Frame) -> bytes:
        """Send a message to a link of the engine's that grants credit."""
        own, sends = self._handles.get(frame.at(4), (0, True))
        if sends or not frame.at(6):
            return b""
        fields = (uint(own), uint(0), binary(b"t"), uint(0), boolean(False))
        return self._send("transfer", frame.channel, *fields, payload=self.message)
