"""A message: its sections, what its body means, and a decoding that waits until somebody looks (3.2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack, cast

from amqp.checks import check_octets
from amqp.errors import DecodeError, EncodeError
from amqp_spec import (
    DEFAULT_REGISTRY,
    SECTION_ORDER,
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Error,
    Footer,
    Header,
    MessageAnnotations,
    Properties,
    Registry,
    Section,
    decode_section,
    peek_descriptor,
    skip_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_SECTIONS", "Message"]

MAX_SECTIONS: Final = 10_000
"""A message of more sections is refused: each costs memory that its few octets do not show."""

Buffer = bytes | bytearray | memoryview
BodySection = Data | AmqpSequence | AmqpValue

_MAX_FORMAT: Final = 0xFFFF_FFFF
_LONG: Final = 1 << 63
_BODY: Final = frozenset({Data.DESCRIPTOR, AmqpSequence.DESCRIPTOR, AmqpValue.DESCRIPTOR})
_REPEATABLE: Final = frozenset({Data.DESCRIPTOR, AmqpSequence.DESCRIPTOR})
# The three kinds of body share a place in the order, so that a second kind is seen as out of order.
_PLACE: Final = {
    code: SECTION_ORDER.index(Data.DESCRIPTOR) if code in _BODY else place
    for place, code in enumerate(SECTION_ORDER)
}


# The argument that stands for each section.
_NAMES: Final = {
    Header.DESCRIPTOR: "header",
    DeliveryAnnotations.DESCRIPTOR: "delivery_annotations",
    MessageAnnotations.DESCRIPTOR: "message_annotations",
    Properties.DESCRIPTOR: "properties",
    ApplicationProperties.DESCRIPTOR: "application_properties",
    **dict.fromkeys(_BODY, "body"),
    Footer.DESCRIPTOR: "footer",
}


class _Changes(TypedDict, total=False):
    """What :meth:`Message.replace` takes: the arguments of the class."""

    body: object
    header: Header | None
    delivery_annotations: Mapping[Any, Any] | None
    message_annotations: Mapping[Any, Any] | None
    properties: Properties | None
    application_properties: Mapping[str, Any] | None
    footer: Mapping[Any, Any] | None
    format: int


# Attributes that are what the argument of their name was.
_CHANGEABLE: Final = ("format", *(name for name in dict.fromkeys(_NAMES.values()) if name != "body"))


class _Unread(Enum):
    """Marks a section that nobody has looked at yet; None means that the message has no such section."""

    UNREAD = 0


_UNREAD: Final = _Unread.UNREAD
_UnreadType = Literal[_Unread.UNREAD]


class Message:
    """A message of the standard format (3.2). It does not change: to alter one, build another.

    Args:
        body: bytes-like for one data section; a ``Data``, an ``AmqpValue`` or an ``AmqpSequence`` to say which
            section is meant; a list or tuple of several ``Data`` or several ``AmqpSequence``; any other value
            becomes an amqp-value. None is a message without a body, which cannot be sent: an amqp-value of null
            is ``AmqpValue(None)``.
        header: how to transfer the message: durable, priority, ttl (3.2.1).
        delivery_annotations: for the next hop only (3.2.2). String keys become symbols, integer keys ulongs.
        message_annotations: for the infrastructure, carried along (3.2.3). Keys as above.
        properties: the standard properties, such as ``message_id`` and ``subject`` (3.2.4).
        application_properties: the application's own: string keys, simple values (3.2.5).
        footer: what can only be said once the message is complete, such as a checksum (3.2.9).
        format: the message-format of the delivery (2.8.11); 0 is the format of this class.

    Raises:
        EncodeError: the body mixes kinds of sections, or a section is of another class than it should be, the body is
            a ``decimal.Decimal`` or an int beyond a long, which have no type of their own, *format* is no int
            from 0 to 2^32-1, *properties* have a content-encoding that the standard forbids (3.2.4), or the
            delivery-annotation ``rejected`` is no :class:`Error` (3.2.2).
    """

    __slots__ = (
        "_application_properties",
        "_body",
        "_delivery_annotations",
        "_fault",
        "_footer",
        "_format",
        "_header",
        "_message_annotations",
        "_properties",
        "_raw",
        "_registry",
        "_spans",
    )

    _raw: bytes | None
    _fault: DecodeError | None
    _registry: Registry
    _spans: tuple[tuple[int, int, int], ...]
    _header: Header | _UnreadType | None
    _delivery_annotations: DeliveryAnnotations | _UnreadType | None
    _message_annotations: MessageAnnotations | _UnreadType | None
    _properties: Properties | _UnreadType | None
    _application_properties: ApplicationProperties | _UnreadType | None
    _body: tuple[BodySection, ...] | _UnreadType
    _footer: Footer | _UnreadType | None

    def __init__(
        self,
        body: object = None,
        *,
        header: Header | None = None,
        delivery_annotations: Mapping[Any, Any] | None = None,
        message_annotations: Mapping[Any, Any] | None = None,
        properties: Properties | None = None,
        application_properties: Mapping[str, Any] | None = None,
        footer: Mapping[Any, Any] | None = None,
        format: int = 0,  # noqa: A002 - the standard's and the constructor's documented name
    ) -> None:
        if header is not None:
            _check_class(header, Header, "header")
        if properties is not None:
            _check_class(properties, Properties, "properties")
        if type(format) is not int or not 0 <= format <= _MAX_FORMAT:
            raise EncodeError(f"expected an int from 0 to {_MAX_FORMAT}, found {format!r:.40}", "format")
        self._raw = None
        self._fault = None
        self._spans = ()
        self._format = format
        self._registry = DEFAULT_REGISTRY
        self._header = header
        self._delivery_annotations = (
            None if delivery_annotations is None else DeliveryAnnotations(delivery_annotations)
        )
        self._message_annotations = (
            None if message_annotations is None else MessageAnnotations(message_annotations)
        )
        self._properties = properties
        self._application_properties = (
            None if application_properties is None else ApplicationProperties(application_properties)
        )
        self._body = _body_sections(body)
        if properties is not None and properties.content_encoding is not None:
            _check_content_encoding(properties.content_encoding, self._body)
        if delivery_annotations is not None and "rejected" in delivery_annotations:
            _check_rejected(delivery_annotations["rejected"])
        self._footer = None if footer is None else Footer(footer)

    @classmethod
    def decode(
        cls,
        data: Buffer,
        *,
        format: int = 0,  # noqa: A002 - as above
        registry: Registry = DEFAULT_REGISTRY,
    ) -> Message:
        """Read a whole message. Only its structure is walked now; a section is decoded when it is looked at.

        Described values in it come as the classes of *registry*, and all others as ``Described``.

        Raises:
            TypeError: *data* is not bytes-like.
            DecodeError: *data* ends in the middle of a section, holds something else than sections, has them out
                of order or twice, more than ``MAX_SECTIONS`` of them, or no body (3.2). A fault inside a section
                is raised by the property that reads it.
        """
        if type(data) is not bytes:
            check_octets("Message.decode", data)
        message = cls.__new__(cls)
        message._raw = data if isinstance(data, bytes) else bytes(data)
        message._spans = _walk(message._raw)
        message._fault = None
        message._format = format
        message._registry = registry
        message._header = message._properties = message._footer = _UNREAD
        message._delivery_annotations = message._message_annotations = _UNREAD
        message._application_properties = message._body = _UNREAD
        return message

    def encode(self, *, durable: bool = False) -> bytes:
        """Return the octets of the message; those that it was decoded from, where it was.

        With *durable*, ``header.durable`` is set where it is not, and nothing else is added.

        Raises:
            EncodeError: there is no body, or a value has no encoding; ``path`` names the section.
        """
        if durable and (self.header is None or not self.header.durable):
            return self._encode_durable()
        if self._raw is not None:
            return self._raw
        if not self._body:
            raise _no_body()
        return b"".join([section.encode() for section in self.sections])

    def _encode_durable(self) -> bytes:
        header = Header(durable=True) if self.header is None else replace(self.header, durable=True)
        encoded = header.encode()
        if self._raw is not None:
            rest = 0 if self.header is None else self._spans[0][2]
            return encoded + self._raw[rest:]
        if not self._body:
            return self.encode()
        return encoded + b"".join([s.encode() for s in self.sections if type(s) is not Header])

    def replace(self, **changes: Unpack[_Changes]) -> Message:
        """Return a message with other sections; what is not named stays as it is, to the octet where it was decoded.

        It takes the arguments of the class; None takes a section out. A hop that hands a message on changes what is
        its own and leaves the rest alone (3.2.1, 3.2.2)::

            message.replace(header=Header(delivery_count=1), delivery_annotations=None)

        Raises:
            EncodeError: as the class does, and :meth:`encode` of a message that was decoded: no body is left, or a
                new section has no encoding.
            TypeError: there is no such argument.
        """
        if self._raw is None:
            kept: dict[str, Any] = {name: getattr(self, name) for name in _CHANGEABLE}
            kept["body"] = list(self._body_sections()) or None
            kept.update(changes)
            return Message(**kept)
        arguments: dict[str, Any] = {"format": self._format, **changes}
        new = Message(**arguments)
        if changes.get("body", self) is None:
            raise _no_body()
        raw = self._raw
        parts = [(_PLACE[s.DESCRIPTOR], s.encode()) for s in new.sections]
        parts += [(_PLACE[c], raw[start:end]) for c, start, end in self._spans if _NAMES[c] not in changes]
        parts.sort(key=_place_of)
        octets = b"".join([part for _, part in parts])
        made = Message.decode(octets, format=new.format, registry=self._registry)
        if new.properties is not None and new.properties.content_encoding is not None:
            _check_content_encoding(new.properties.content_encoding, made._body_sections())
        return made

    __replace__ = replace

    @property
    def format(self) -> int:
        """The message-format of the delivery that carries the message (2.8.11)."""
        return self._format

    @property
    def fault(self) -> DecodeError | None:
        """The fault inside a section that a property ran into last; None where there was none, or nobody has looked."""
        return self._fault

    @property
    def header(self) -> Header | None:
        """The header section, or None: the defaults of :class:`Header` then hold (3.2.1)."""
        if self._header is _UNREAD:
            self._header = cast("Header | None", self._read(Header.DESCRIPTOR))
        return self._header

    @property
    def delivery_annotations(self) -> Mapping[Any, Any] | None:
        """The delivery-annotations, or None (3.2.2)."""
        if self._delivery_annotations is _UNREAD:
            self._delivery_annotations = cast(
                "DeliveryAnnotations | None", self._read(DeliveryAnnotations.DESCRIPTOR)
            )
        return None if self._delivery_annotations is None else self._delivery_annotations.value

    @property
    def message_annotations(self) -> Mapping[Any, Any] | None:
        """The message-annotations, or None (3.2.3)."""
        if self._message_annotations is _UNREAD:
            self._message_annotations = cast(
                "MessageAnnotations | None", self._read(MessageAnnotations.DESCRIPTOR)
            )
        return None if self._message_annotations is None else self._message_annotations.value

    @property
    def properties(self) -> Properties | None:
        """The properties section, or None (3.2.4)."""
        if self._properties is _UNREAD:
            self._properties = cast("Properties | None", self._read(Properties.DESCRIPTOR))
        return self._properties

    @property
    def application_properties(self) -> Mapping[str, Any] | None:
        """The application-properties, or None (3.2.5)."""
        if self._application_properties is _UNREAD:
            self._application_properties = cast(
                "ApplicationProperties | None", self._read(ApplicationProperties.DESCRIPTOR)
            )
        return None if self._application_properties is None else self._application_properties.value

    @property
    def footer(self) -> Mapping[Any, Any] | None:
        """The footer, or None (3.2.9)."""
        if self._footer is _UNREAD:
            self._footer = cast("Footer | None", self._read(Footer.DESCRIPTOR))
        return None if self._footer is None else self._footer.value

    @property
    def body(self) -> Any:
        """The data sections joined as bytes, the items of the amqp-sequences as a list, or the amqp-value's value.

        None where there is no body. ``sections`` tells one amqp-value of null, and how data was divided.
        """
        body = self._body_sections()
        if len(body) == 1 and not isinstance(body[0], AmqpSequence):
            return body[0].value
        if body and isinstance(body[0], AmqpSequence):
            return [item for section in body for item in cast("AmqpSequence", section).value]
        return b"".join([cast("Data", section).value for section in body]) if body else None

    @property
    def sections(self) -> tuple[Section, ...]:
        """Every section in the order of the wire, as instances of the generated classes."""
        if self._raw is not None:
            self._read_all()
        before = (
            self._header,
            self._delivery_annotations,
            self._message_annotations,
            self._properties,
            self._application_properties,
        )
        sections = [
            section for section in (*before, *self._body_sections(), self._footer) if section is not None
        ]
        return tuple(cast("list[Section]", sections))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self._format == other._format and self.sections == other.sections

    __hash__ = None  # type: ignore[assignment]  # as the standard library's mutable containers do it

    def __repr__(self) -> str:
        try:
            return self._describe()
        except DecodeError as error:
            return f"Message(<{len(self._raw or b'')} octets that do not decode: {error}>)"

    def _describe(self) -> str:
        body: Any = self.body
        parts = [_short(body[:60] if type(body) in (bytes, str, list) else body)]
        for name in ("header", "properties", "application_properties"):
            value = getattr(self, name)
            if value is not None:
                parts.append(f"{name}={_short(value)}")
        return f"Message({', '.join(parts)})"

    def _body_sections(self) -> tuple[BodySection, ...]:
        if self._body is _UNREAD:
            self._body = tuple(
                cast("BodySection", self._decode(start, end))
                for code, start, end in self._spans
                if code in _BODY
            )
        return self._body

    def _read(self, wanted: int) -> Section | None:
        for code, start, end in self._spans:
            if code == wanted:
                return self._decode(start, end)
        return None

    def _read_all(self) -> None:
        # Reading a property is what decodes and keeps its section.
        _ = self.header, self.delivery_annotations, self.message_annotations
        _ = self.properties, self.application_properties, self.footer

    def _decode(self, start: int, end: int) -> Section:
        try:
            return decode_section(cast("bytes", self._raw), start, end, registry=self._registry)[0]
        except DecodeError as error:
            self._fault = error
            raise


def _no_body() -> EncodeError:
    return EncodeError("a message needs a body: AmqpValue(None) is null, b'' is empty", "message")


def _place_of(part: tuple[int, bytes]) -> int:
    return part[0]


def _check_content_encoding(encoding: str, body: tuple[BodySection, ...]) -> None:
    # 3.2.4
    if encoding == "identity":
        raise EncodeError(
            "no encoding is told by leaving it out, not by 'identity'", "properties.content-encoding"
        )
    if body and type(body[0]) is not Data:
        raise EncodeError(
            f"{encoding!r:.40} is for a body of data: give the body as bytes, or leave the encoding out",
            "properties.content-encoding",
        )


def _check_rejected(value: object) -> None:
    # 3.2.2
    if not isinstance(value, Error):
        found = type(value).__name__
        raise EncodeError(f"expected an Error, found {found}", 'delivery-annotations["rejected"]')


def _check_class(value: object, kind: type, name: str) -> None:
    if not isinstance(value, kind):
        raise EncodeError(f"expected {kind.__name__}, found {type(value).__name__}", name)


def _body_sections(body: object) -> tuple[BodySection, ...]:
    if body is None:
        return ()
    if isinstance(body, bytes):
        return (Data(body),)
    if isinstance(body, Data | AmqpSequence | AmqpValue):
        return (body,)
    given: Any = body
    if isinstance(body, bytearray | memoryview):
        return (Data(bytes(given)),)
    if isinstance(body, list | tuple):
        for item in given:
            if isinstance(item, Data | AmqpSequence | AmqpValue):
                return _several(tuple(given))
    _check_value(given)
    return (AmqpValue(given),)


def _check_value(value: object) -> None:
    # Values of Python that more than one AMQP type could stand for: only the caller knows which.
    if isinstance(value, Decimal):
        raise EncodeError("which decimal? write Decimal128.from_decimal(...), Decimal64 or Decimal32", "body")
    if type(value) is int and not -_LONG <= value < _LONG:
        raise EncodeError("an int beyond a long: write ULong(...), up to 2^64-1, or a str", "body")


def _several(sections: tuple[BodySection, ...]) -> tuple[BodySection, ...]:
    kind = type(sections[0])
    if any(type(section) is not kind for section in sections):
        raise EncodeError(
            "a body is of one kind: several Data, several AmqpSequence, or one AmqpValue", "body"
        )
    if kind is AmqpValue and len(sections) > 1:
        raise EncodeError("a body has at most one amqp-value section: put the values into one list", "body")
    return sections


def _walk(data: bytes) -> tuple[tuple[int, int, int], ...]:
    spans: list[tuple[int, int, int]] = []
    at, end, last_place, last_code = 0, len(data), -1, -1
    while at < end:
        code, value_at = peek_descriptor(data, at, end)
        place = -1 if code is None else _PLACE.get(code, -1)
        if code is None or place < 0:
            raise DecodeError("expected a section of a message", at, "message")
        if place <= last_place:
            _check_repeat(code, last_code, at)
        if len(spans) == MAX_SECTIONS:
            raise DecodeError(f"more than {MAX_SECTIONS} sections", at, "message")
        following = skip_value(data, value_at, end)
        spans.append((code, at, following))
        at, last_place, last_code = following, place, code
    # Order holds by now, so only a footer can come behind the body.
    if not any(code in _BODY for code, _, _ in spans[-2:]):
        raise DecodeError("a message needs a body section", end, "message")
    return tuple(spans)


def _check_repeat(code: int, last_code: int, at: int) -> None:
    if code != last_code:
        raise DecodeError("a section out of order, or a body of two kinds", at, "message")
    if code not in _REPEATABLE:
        raise DecodeError("a section that may come once came twice", at, "message")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
