"""The sections of a message on the wire: which may come, in which order, and where each of them is (3.2)."""

from __future__ import annotations

from typing import Any, Final

from amqp.errors import DecodeError
from amqp_spec import (
    DEFAULT_LIMITS,
    SECTION_ORDER,
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Footer,
    Header,
    MessageAnnotations,
    Properties,
    peek_descriptor,
    skip_value,
)

BODY: Final = frozenset({Data.DESCRIPTOR, AmqpSequence.DESCRIPTOR, AmqpValue.DESCRIPTOR})
# 1.6.19: constructor of a binary -> octets before its own.
_DATA_HEADS: Final = {0xA0: 2, 0xB0: 5}
_REPEATABLE: Final = frozenset({Data.DESCRIPTOR, AmqpSequence.DESCRIPTOR})
# The three kinds of body share a place in the order, so that a second kind is seen as out of order.
PLACE: Final = {
    code: SECTION_ORDER.index(Data.DESCRIPTOR) if code in BODY else place
    for place, code in enumerate(SECTION_ORDER)
}


def walk(data: bytes, most: int) -> list[tuple[int, int, int, int]]:
    """Return the descriptor of each section, where it starts, where its value does, and where it ends.

    Raises:
        DecodeError: it is no message, or one of more than *most* sections: each costs memory that its few octets do not show.
    """
    found: list[tuple[int, int, int, int]] = []
    at, end, last_place, last_code = 0, len(data), -1, -1
    while at < end:
        code, value_at = peek_descriptor(data, at, end)
        place = -1 if code is None else PLACE.get(code, -1)
        if code is None or place < 0:
            raise DecodeError("expected a section of a message", at, "message")
        if place <= last_place:
            _check_repeat(code, last_code, at)
        if len(found) == most:
            raise DecodeError(f"more than {most} sections (Limits.sections)", at, "message")
        following = skip_value(data, value_at, end)
        found.append((code, at, value_at, following))
        at, last_place, last_code = following, place, code
    # Order holds by now, so only a footer can come behind the body.
    if not any(code in BODY for code, *_ in found[-2:]):
        raise DecodeError("a message needs a body section", end, "message")
    return found


def any_sections(data: bytes, most: int = DEFAULT_LIMITS.sections) -> tuple[Any, ...]:
    """Return where the values of the sections are, whatever the form of the message: as `usual_sections` does."""
    places: dict[int, int] = {}
    bodies: list[tuple[int, int]] = []
    octets_at: int | None = None
    for code, _, value_at, end in walk(data, most):
        places[code] = value_at
        if code in BODY:
            bodies.append((code, value_at))
            head = _DATA_HEADS.get(data[value_at]) if code == Data.DESCRIPTOR else None
            is_rest = len(bodies) == 1 and end == len(data)
            octets_at = value_at + head if head and is_rest else None
    return (
        places.get(Header.DESCRIPTOR),
        places.get(DeliveryAnnotations.DESCRIPTOR),
        places.get(MessageAnnotations.DESCRIPTOR),
        places.get(Properties.DESCRIPTOR),
        places.get(ApplicationProperties.DESCRIPTOR),
        octets_at or bodies,
        places.get(Footer.DESCRIPTOR),
    )


def _check_repeat(code: int, last_code: int, at: int) -> None:
    if code != last_code:
        raise DecodeError("a section out of order, or a body of two kinds", at, "message")
    if code not in _REPEATABLE:
        raise DecodeError("a section that may come once came twice", at, "message")
