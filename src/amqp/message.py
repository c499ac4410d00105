"""A message: its sections, what its body means, and a decoding that waits until somebody looks (3.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypedDict, TypeVar, Unpack, cast

from amqp.checks import check_octets
from amqp.errors import DecodeError, EncodeError
from amqp.sections import BODY, PLACE, any_sections, walk
from amqp_spec import (
    DEFAULT_LIMITS,
    DEFAULT_REGISTRY,
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Error,
    Footer,
    Header,
    Limits,
    MessageAnnotations,
    Properties,
    Registry,
    Section,
)
from amqp_spec.messaging import (
    amqp_sequence_at,
    amqp_value_at,
    application_properties_at,
    data_at,
    data_pieces,
    delivery_annotations_at,
    encode_application_properties,
    encode_delivery_annotations,
    encode_footer,
    encode_message_annotations,
    footer_at,
    header_at,
    message_annotations_at,
    properties_at,
)
from amqp_spec.registry import usual_sections

__all__ = ["Message"]

Buffer = bytes | bytearray | memoryview
BodySection = Data | AmqpSequence | AmqpValue

_MAX_FORMAT: Final = 0xFFFF_FFFF
_LONG: Final = 1 << 63

# The argument that stands for each section.
_NAMES: Final = {
    Header.DESCRIPTOR: "header",
    DeliveryAnnotations.DESCRIPTOR: "delivery_annotations",
    MessageAnnotations.DESCRIPTOR: "message_annotations",
    Properties.DESCRIPTOR: "properties",
    ApplicationProperties.DESCRIPTOR: "application_properties",
    **dict.fromkeys(BODY, "body"),
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

W = TypeVar("W")

_new: Final[Any] = object.__new__


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
        "_depth",
        "_fault",
        "_footer",
        "_format",
        "_header",
        "_message_annotations",
        "_properties",
        "_raw",
        "_registry",
    )

    # Empty for a message that was not decoded.
    _raw: bytes
    _depth: int
    _fault: DecodeError | None
    _registry: Registry
    # An int is where the value of a section is that nobody has looked at yet. Any, as only the properties below know
    # when it is not one any more.
    _header: Any
    _delivery_annotations: Any
    _message_annotations: Any
    _properties: Any
    _application_properties: Any
    # Where the octets of one data section start, which go to the end, or the octets; a list of descriptors and places for
    # any other body, or the sections.
    _body: int | bytes | list[tuple[int, int]] | tuple[BodySection, ...]
    _footer: Any

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
        self._raw = b""
        self._depth = DEFAULT_LIMITS.depth
        self._fault = None
        self._format = format
        self._registry = DEFAULT_REGISTRY
        self._header = header
        self._delivery_annotations = delivery_annotations
        self._message_annotations = message_annotations
        self._properties = properties
        self._application_properties = application_properties
        self._body = body if type(body) is bytes else _body_sections(body)
        if properties is not None and properties.content_encoding is not None:
            _check_content_encoding(properties.content_encoding, self._body)
        if delivery_annotations is not None and "rejected" in delivery_annotations:
            _check_rejected(delivery_annotations["rejected"])
        self._footer = footer

    @classmethod
    def decode(
        cls,
        data: Buffer,
        *,
        format: int = 0,  # noqa: A002 - as above
        registry: Registry = DEFAULT_REGISTRY,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Message:
        """Read a whole message. Only its structure is walked now; a section is decoded when it is looked at.

        Described values in it come as the classes of *registry*, and all others as ``Described``. Of *limits*, ``sections``
        bounds how many there are, and ``depth`` the levels of values inside values in each; of the values that are skipped now
        the depth is not looked at.

        Raises:
            TypeError: *data* is not bytes-like.
            DecodeError: *data* ends in the middle of a section, holds something else than sections, has them out
                of order or twice, more of them than *limits* allows, or no body (3.2). A fault inside a section
                is raised by the property that reads it.
        """
        if type(data) is not bytes:
            check_octets("Message.decode", data)
            data = bytes(data)
        message: Message = _new(cls)
        message._raw = data
        message._depth = limits.depth
        message._fault = None
        message._format = format
        message._registry = registry
        (
            message._header,
            message._delivery_annotations,
            message._message_annotations,
            message._properties,
            message._application_properties,
            message._body,
            message._footer,
        ) = usual_sections(data) or any_sections(data, limits.sections)
        return message

    def encode(self, *, durable: bool = False) -> bytes:
        """Return the octets of the message; those that it was decoded from, where it was.

        With *durable*, ``header.durable`` is set where it is not, and nothing else is added.

        Raises:
            EncodeError: there is no body, or a value has no encoding; ``path`` names the section.
        """
        if durable and (self.header is None or not self.header.durable):
            return self._encode_durable()
        if self._raw:
            return self._raw
        parts: list[bytes] = []
        if self._header is not None:
            parts.append(self._header.encode())
        self._write_behind_header(parts)
        return b"".join(parts)

    def _write_behind_header(self, parts: list[bytes]) -> None:
        if self._delivery_annotations is not None:
            parts.append(encode_delivery_annotations(self._delivery_annotations))
        if self._message_annotations is not None:
            parts.append(encode_message_annotations(self._message_annotations))
        if self._properties is not None:
            parts.append(self._properties.encode())
        if self._application_properties is not None:
            parts.append(encode_application_properties(self._application_properties))
        body = self._body
        if isinstance(body, bytes):
            parts += data_pieces(body)
        elif body:
            parts += [section.encode() for section in self._body_sections()]
        else:
            raise _no_body()
        if self._footer is not None:
            parts.append(encode_footer(self._footer))

    def _encode_durable(self) -> bytes:
        old = self.header
        parts = [(Header(durable=True) if old is None else replace(old, durable=True)).encode()]
        if not self._raw:
            self._write_behind_header(parts)
        else:
            parts.append(self._raw if old is None else self._raw[self._spans[0][2] :])
        return b"".join(parts)

    @property
    def _spans(self) -> tuple[tuple[int, int, int], ...]:
        """Descriptor, start and end of each section, in order; of no section when the message was not decoded."""
        # How many there may be was looked at before.
        return tuple([(code, start, end) for code, start, _, end in walk(self._raw, len(self._raw))])

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
        if not self._raw:
            kept: dict[str, Any] = {name: getattr(self, name) for name in _CHANGEABLE}
            kept["body"] = list(self._body_sections()) or None
            kept.update(changes)
            return Message(**kept)
        arguments: dict[str, Any] = {"format": self._format, **changes}
        new = Message(**arguments)
        if changes.get("body", self) is None:
            raise _no_body()
        raw = self._raw
        parts = [(PLACE[s.DESCRIPTOR], s.encode()) for s in new.sections]
        parts += [(PLACE[c], raw[start:end]) for c, start, end in self._spans if _NAMES[c] not in changes]
        parts.sort(key=_place_of)
        octets = b"".join([part for _, part in parts])
        limits = Limits(depth=self._depth, sections=max(len(octets), 7))
        made = Message.decode(octets, format=new.format, registry=self._registry, limits=limits)
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
        section: Header | int | None = self._header
        if isinstance(section, int):
            try:
                section = self._header = header_at(self._raw, section)
            except DecodeError as error:
                self._fault = error
                raise
        return section

    @property
    def delivery_annotations(self) -> Mapping[Any, Any] | None:
        """The delivery-annotations, or None (3.2.2)."""
        value: Mapping[Any, Any] | int | None = self._delivery_annotations
        if isinstance(value, int):
            try:
                value = self._delivery_annotations = delivery_annotations_at(
                    self._raw, value, self._registry.content, self._depth
                )
            except DecodeError as error:
                self._fault = error
                raise
        return value

    @property
    def message_annotations(self) -> Mapping[Any, Any] | None:
        """The message-annotations, or None (3.2.3)."""
        value: Mapping[Any, Any] | int | None = self._message_annotations
        if isinstance(value, int):
            try:
                value = self._message_annotations = message_annotations_at(
                    self._raw, value, self._registry.content, self._depth
                )
            except DecodeError as error:
                self._fault = error
                raise
        return value

    @property
    def properties(self) -> Properties | None:
        """The properties section, or None (3.2.4)."""
        section: Properties | int | None = self._properties
        if isinstance(section, int):
            try:
                section = self._properties = properties_at(self._raw, section)
            except DecodeError as error:
                self._fault = error
                raise
        return section

    @property
    def application_properties(self) -> Mapping[str, Any] | None:
        """The application-properties, or None (3.2.5)."""
        value: Mapping[str, Any] | int | None = self._application_properties
        if isinstance(value, int):
            try:
                value = self._application_properties = application_properties_at(
                    self._raw, value, self._registry.content, self._depth
                )
            except DecodeError as error:
                self._fault = error
                raise
        return value

    @property
    def footer(self) -> Mapping[Any, Any] | None:
        """The footer, or None (3.2.9)."""
        value: Mapping[Any, Any] | int | None = self._footer
        if isinstance(value, int):
            try:
                value = self._footer = footer_at(self._raw, value, self._registry.content, self._depth)
            except DecodeError as error:
                self._fault = error
                raise
        return value

    @property
    def body(self) -> Any:
        """The data sections joined as bytes, the items of the amqp-sequences as a list, or the amqp-value's value.

        None where there is no body. ``sections`` tells one amqp-value of null, and how data was divided.
        """
        body = self._body
        if type(body) is bytes:
            return body
        if type(body) is int:
            data = self._body = self._raw[body:]
            return data
        sections = self._body_sections()
        if len(sections) == 1 and not isinstance(sections[0], AmqpSequence):
            return sections[0].value
        if sections and isinstance(sections[0], AmqpSequence):
            return [item for section in sections for item in cast("AmqpSequence", section).value]
        return b"".join([cast("Data", section).value for section in sections]) if sections else None

    @property
    def sections(self) -> tuple[Section, ...]:
        """Every section in the order of the wire, as instances of the generated classes."""
        sections: list[Section | None] = [
            self.header,
            _wrapped(DeliveryAnnotations, self.delivery_annotations),
            _wrapped(MessageAnnotations, self.message_annotations),
            self.properties,
            _wrapped(ApplicationProperties, self.application_properties),
            *self._body_sections(),
            _wrapped(Footer, self.footer),
        ]
        return tuple([section for section in sections if section is not None])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self._format == other._format and self.sections == other.sections

    __hash__ = None  # type: ignore[assignment]  # as the standard library's mutable containers do it

    def __repr__(self) -> str:
        try:
            return self._describe()
        except DecodeError as error:
            return f"Message(<{len(self._raw)} octets that do not decode: {error}>)"

    def _describe(self) -> str:
        body: Any = self.body
        parts = [_short(body[:60] if type(body) in (bytes, str, list) else body)]
        for name in ("header", "properties", "application_properties"):
            value = getattr(self, name)
            if value is not None:
                parts.append(f"{name}={_short(value)}")
        return f"Message({', '.join(parts)})"

    def _body_sections(self) -> tuple[BodySection, ...]:
        body = self._body
        if isinstance(body, int):
            body = self._body = self._raw[body:]
        if isinstance(body, bytes):
            return (Data(body),)
        if isinstance(body, list):
            try:
                body = self._body = tuple([self._read(code, at) for code, at in body])
            except DecodeError as error:
                self._fault = error
                raise
        return body

    def _read(self, code: int, at: int) -> BodySection:
        raw, scope, depth = self._raw, self._registry.content, self._depth
        if code == Data.DESCRIPTOR:
            return Data(data_at(raw, at, scope))
        if code == AmqpSequence.DESCRIPTOR:
            return AmqpSequence(amqp_sequence_at(raw, at, scope, depth))
        return AmqpValue(amqp_value_at(raw, at, scope, depth))


def _wrapped(kind: Callable[[Any], W], value: Mapping[Any, Any] | None) -> W | None:
    return None if value is None else kind(value)


def _no_body() -> EncodeError:
    return EncodeError("a message needs a body: AmqpValue(None) is null, b'' is empty", "message")


def _place_of(part: tuple[int, bytes]) -> int:
    return part[0]


def _check_content_encoding(encoding: str, body: object) -> None:
    # 3.2.4
    if encoding == "identity":
        raise EncodeError(
            "no encoding is told by leaving it out, not by 'identity'", "properties.content-encoding"
        )
    if isinstance(body, tuple) and body and type(cast("object", body[0])) is not Data:
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


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
