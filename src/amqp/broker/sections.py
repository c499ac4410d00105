"""Finds the sections of a message (3.2) in its octets, without reading what is in them.

A broker has to know where the header ends, and that what it passes on is a message at all; all else is for the ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from amqp.errors import DecodeError
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Footer,
    Header,
    MessageAnnotations,
    Properties,
    decode_section,
    peek_descriptor,
    skip_value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SECTIONS = 10_000
"""More sections than any sender means."""

# 3.2: the order of the sections. Of the three kinds of body a message has one.
_PLACE = {
    Header.DESCRIPTOR: 0,
    DeliveryAnnotations.DESCRIPTOR: 1,
    MessageAnnotations.DESCRIPTOR: 2,
    Properties.DESCRIPTOR: 3,
    ApplicationProperties.DESCRIPTOR: 4,
    Data.DESCRIPTOR: 5,
    AmqpSequence.DESCRIPTOR: 6,
    AmqpValue.DESCRIPTOR: 7,
    Footer.DESCRIPTOR: 8,
}
_BODY = range(5, 8)
_REPEATABLE = (5, 6)

# 1.6: the constructors of the section's value; an amqp-value takes any.
_LIST = frozenset((0x45, 0xC0, 0xD0))
_MAP = frozenset((0xC1, 0xD1))
_BINARY = frozenset((0xA0, 0xB0))
_FORMS = (_LIST, _MAP, _MAP, _LIST, _MAP, _BINARY, _LIST, None, _MAP)
_SHORT = frozenset((0xA0, 0xC0, 0xC1))
_LONG = frozenset((0xB0, 0xD0, 0xD1))


class Head(NamedTuple):
    """What stands before the part of a message that is passed on."""

    header: Header | None
    kept_at: int
    """The offset behind the header and the delivery-annotations."""
    has_delivery_annotations: bool


_NO_HEAD = Head(None, 0, False)


def read_head(data: bytes) -> Head:
    """Check which sections the message *data* has, and read its header.

    Raises:
        DecodeError: a section is unknown, out of order, there twice, of the wrong type or not whole; there is no
            body (3.2); or the header is damaged.
    """
    at, end = 0, len(data)
    last = body = -1
    head = _NO_HEAD
    sections = 0
    while at < end:
        start = at
        place, at = _section_at(data, at, end)
        if place <= last and not (place == last and place in _REPEATABLE):
            raise DecodeError("a section is there twice or out of order", start, "message")
        if place in _BODY:
            if body not in (-1, place):
                raise DecodeError("there are two kinds of body", start, "message")
            body = place
        sections += 1
        if sections > MAX_SECTIONS:
            raise DecodeError(f"there are more than {MAX_SECTIONS} sections", start, "message")
        at = _behind_value(data, at, end, place)
        if place == 0:
            section = decode_section(data, start, at)[0]
            assert isinstance(section, Header)
            head = Head(section, at, False)
        elif place == 1:
            head = Head(head.header, at, True)
        last = place
    if body == -1:
        raise DecodeError("there is no body", end, "message")
    return head


def decode_annotations(data: bytes, at: int) -> tuple[Mapping[Any, Any], int]:
    """Return the message-annotations that begin at *at*, if there are any, and the offset of the bare message.

    Raises:
        DecodeError: the annotations are damaged.
    """
    if _section_at(data, at, len(data))[0] != _PLACE[MessageAnnotations.DESCRIPTOR]:
        return {}, at
    section, behind = decode_section(data, at, len(data))
    assert isinstance(section, MessageAnnotations)
    return section.value, behind


def read_to(data: bytes) -> str | None:
    """Return ``properties.to`` of a message that :func:`read_head` has passed; None where there is none.

    Raises:
        DecodeError: the properties are damaged.
    """
    at, end = 0, len(data)
    while at < end:
        start = at
        place, at = _section_at(data, at, end)
        if place > 3:
            break
        if place == 3:
            section = decode_section(data, start, end)[0]
            assert isinstance(section, Properties)
            return section.to
        at = _behind_value(data, at, end, place)
    return None


def _section_at(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return the place in the order of the section that begins at *at*, and the offset of its value."""
    if at + 3 < end and data[at] == 0x00 and data[at + 1] == 0x53:
        code: int | None = data[at + 2]
        value_at = at + 3
    else:
        code, value_at = peek_descriptor(data, at, end)
    place = None if code is None else _PLACE.get(code)
    if place is None:
        raise DecodeError("expected a message section", at, "message")
    return place, value_at


def _behind_value(data: bytes, at: int, end: int, place: int) -> int:
    """Return the offset behind the value of a section, whose constructor is at *at*."""
    if at >= end:
        raise DecodeError("a section has no value", at, "message")
    form = data[at]
    forms = _FORMS[place]
    if forms is not None and form not in forms:
        raise DecodeError(f"constructor {form:#04x} does not fit the section", at, "message")
    if form in _SHORT and at + 1 < end:
        behind = at + 2 + data[at + 1]
    elif form in _LONG and at + 5 <= end:
        behind = at + 5 + int.from_bytes(data[at + 1 : at + 5], "big")
    else:
        behind = skip_value(data, at, end)
    if behind > end:
        raise DecodeError(f"a section ends {behind - end} octets beyond the message", at, "message")
    return behind
