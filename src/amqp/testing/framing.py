"""Cuts a stream of octets into headers and frames (2.2, 2.3, 5.3.1), and makes them: for the tests alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from amqp.testing.octets import Malformed, decode, decode_all, encode
from amqp.testing.plain import Composite, described, named, plain, plain_fields, show, typed_form
from amqp.testing.table import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from amqp.testing.views import Link, Session

__all__ = [
    "Bad",
    "Frame",
    "FrameReader",
    "Gone",
    "Item",
    "ProtocolHeader",
    "content",
    "frame_octets",
    "make_frame",
    "message_octets",
]

_PROTOCOLS: Final = {0: "AMQP", 2: "TLS", 3: "SASL"}
_LARGEST: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProtocolHeader:
    """The 8 octets in front of a layer (2.2)."""

    octets: bytes

    @property
    def protocol(self) -> int:
        """0 is AMQP, 2 TLS, 3 SASL."""
        return self.octets[4]

    def __str__(self) -> str:
        identity, *version = self.octets[4:]
        return f"header {_PROTOCOLS.get(identity, identity)} {'.'.join(map(str, version))}"


@dataclass(slots=True)
class Frame:
    """A frame with its performative; one without a body has the name ``empty``."""

    name: str
    fields: dict[str, Any]
    """The fields that are present, in plain Python."""
    channel: int = 0
    payload: bytes = b""
    size: int = 8
    """Octets of the whole frame."""
    sasl: bool = False
    octets: bytes = field(default=b"", repr=False)
    session: Session | None = field(default=None, repr=False, compare=False)
    """The session that it came or went on, as the peer saw it then."""
    link: Link | None = field(default=None, repr=False, compare=False)
    """The link that it names."""

    def __getitem__(self, name: str) -> Any:
        """Return a field, or what its absence means; KeyError where the performative has no such field."""
        if name in self.fields:
            return self.fields[name]
        declared = FORMS[self.name].field(name)
        return named(declared.type, declared.default)

    @property
    def sections(self) -> list[Any]:
        """The sections of a message that is the whole payload.

        Raises:
            Malformed: the payload is something else.
        """
        return [plain(value) for value in decode_all(self.payload)]

    @property
    def body(self) -> Any:
        """The body of a message that is the whole payload: joined data, the value, or the items of sequences.

        Raises:
            Malformed: the payload is something else.
        """
        return content(self.payload)

    def __str__(self) -> str:
        place = "sasl" if self.sasl else f"channel {self.channel}"
        if self.name == "empty":
            return f"{place}: empty frame"
        fields = ", ".join(
            f"{name}={'***' if name in ('initial_response', 'response') else show(value)}"
            for name, value in self.fields.items()
        )
        payload = f" + {len(self.payload)} octets of payload" if self.payload else ""
        return f"{place}: {self.name}({fields}){payload}"


@dataclass(frozen=True, slots=True)
class Bad:
    """Octets that are no frame."""

    octets: bytes
    why: str

    def __str__(self) -> str:
        return f"{len(self.octets)} octets that are no frame: {self.why}: {self.octets[:64].hex(' ')}"


@dataclass(frozen=True, slots=True)
class Gone:
    """The end of the stream."""

    why: str = "end of the stream"

    def __str__(self) -> str:
        return self.why


Item = ProtocolHeader | Frame | Bad | Gone


def content(payload: bytes) -> Any:
    """Return the body of the message that *payload* is; see :attr:`Frame.body`."""
    sections = [each for each in map(plain, decode_all(payload)) if isinstance(each, Composite)]
    for section in sections:
        if section.name == "amqp-value":
            return section["value"]
    if any(section.name == "amqp-sequence" for section in sections):
        return [item for section in sections if section.name == "amqp-sequence" for item in section["value"]]
    return b"".join(section["value"] for section in sections if section.name == "data")


class FrameReader:
    """Takes octets in any pieces, gives what they are."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._broken = False

    def feed(self, octets: bytes) -> Iterator[Item]:
        """Yield what is complete; behind the first :class:`Bad` nothing more is read."""
        self._waiting += octets
        while not self._broken:
            item = self._next()
            if item is None:
                return
            self._broken = isinstance(item, Bad) and item.why.startswith("size")
            yield item

    @property
    def rest(self) -> bytes:
        """What is not complete."""
        return bytes(self._waiting)

    def _next(self) -> Item | None:
        waiting = self._waiting
        if len(waiting) < 8:
            return None
        if waiting.startswith(b"AMQP"):
            return ProtocolHeader(self._take(8))
        size = int.from_bytes(waiting[:4], "big")
        if not 8 <= size <= _LARGEST:
            return Bad(self._take(len(waiting)), f"size {size} is outside of 8 to {_LARGEST}")
        return None if len(waiting) < size else _read(self._take(size))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken


def _read(octets: bytes) -> Item:
    start, kind, channel = 4 * octets[4], octets[5], int.from_bytes(octets[6:8], "big")
    if not 8 <= start <= len(octets):
        return Bad(octets, f"doff {octets[4]} is outside of the frame")
    if kind not in (0, 1):
        return Bad(octets, f"frame type {kind} is neither AMQP nor SASL")
    frame = Frame("empty", {}, channel if kind == 0 else 0, size=len(octets), sasl=kind == 1, octets=octets)
    if start == len(octets):
        return frame if kind == 0 else Bad(octets, "a SASL frame without a body")
    try:
        value, end = decode(octets, start)
        form, inner = described(value) if value.type == "described" else (None, value)
        if form is None or not (form.code < 0x19 if kind == 0 else 0x40 <= form.code < 0x45):
            return Bad(octets, f"its body is {show(plain(value))}")
        frame.name, frame.fields = form.name, plain_fields(form, inner)
    except Malformed as error:
        return Bad(octets, str(error))
    frame.payload = octets[end:]
    if frame.payload and frame.name != "transfer":
        return Bad(octets, f"{len(frame.payload)} octets follow behind {frame.name}")
    return frame


def make_frame(
    name: str, fields: Mapping[str, Any], *, channel: int = 0, payload: bytes = b"", wide: bool = False
) -> Frame:
    """Return the frame of a performative, with its octets.

    Raises:
        Malformed: a value cannot be of its field's type.
        TypeError: the performative has no such field.
    """
    sasl = name.startswith("sasl-")
    value = typed_form(name, fields)
    octets = frame_octets(encode(value, wide=wide) + payload, channel=channel, kind=int(sasl))
    present = plain_fields(FORMS[name], value.value[1])
    return Frame(name, present, channel, payload, len(octets), sasl, octets)


def frame_octets(
    body: bytes = b"",
    *,
    channel: int = 0,
    kind: int = 0,
    extended: bytes = b"",
    size: int | None = None,
    doff: int | None = None,
) -> bytes:
    """Return the octets of a frame; *size* and *doff* say something else than what is true."""
    true_size = 8 + len(extended) + len(body)
    head = (true_size if size is None else size).to_bytes(4, "big")
    head += bytes((2 + len(extended) // 4 if doff is None else doff, kind)) + channel.to_bytes(2, "big")
    return head + extended + body


def message_octets(
    body: Any = b"",
    *,
    header: Mapping[str, Any] | None = None,
    delivery_annotations: Mapping[Any, Any] | None = None,
    message_annotations: Mapping[Any, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    application_properties: Mapping[str, Any] | None = None,
    footer: Mapping[Any, Any] | None = None,
) -> bytes:
    """Return the octets of a message: bytes as *body* are one data section, anything else is an amqp-value.

    Raises:
        Malformed: a value cannot be of its field's type.
        TypeError: a section has no such field.
    """
    sections = (
        ("header", header),
        ("delivery-annotations", _wrapped(delivery_annotations)),
        ("message-annotations", _wrapped(message_annotations)),
        ("properties", properties),
        ("application-properties", _wrapped(application_properties)),
        ("data" if isinstance(body, bytes) else "amqp-value", {"value": body}),
        ("footer", _wrapped(footer)),
    )
    return b"".join(encode(typed_form(name, fields)) for name, fields in sections if fields is not None)


def _wrapped(value: Mapping[Any, Any] | None) -> dict[str, Any] | None:
    return None if value is None else {"value": value}
