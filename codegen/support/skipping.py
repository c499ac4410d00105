"""Walking over values without making them. 1.2: the high half of a constructor says how far a value reaches."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from .errors import DecodeError
from .reading import FAULTS, fault, inside, truncated

if TYPE_CHECKING:
    from collections.abc import Sequence

_unpack_size = Struct(">I").unpack_from

# High half of a constructor -> bytes of a value of fixed width.
_FIXED = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
_NARROW = (0xA, 0xC, 0xE)
_WIDE = (0xB, 0xD, 0xF)


def skip_value(data: bytes, at: int, end: int) -> int:
    """Return the offset behind the value at `at`; DecodeError when it does not end by `end`.

    The content of compounds is passed over unseen. Takes no stack, whatever the nesting of descriptors.
    """
    try:
        half = data[at] >> 4
        if half in _NARROW:
            after = at + 2 + data[at + 1]
        elif half in _WIDE:
            after = at + 5 + _unpack_size(data, at + 1)[0]
        else:
            after = skip(data, at, end)
    except FAULTS as error:
        raise fault(error, at) from None
    if after > end:
        raise truncated("value", at, after - at, end - at)
    return after


def skip(data: bytes, at: int, end: int) -> int:
    """Return the offset behind the value at `at`; what is wrong with it raises any of FAULTS."""
    pending = 1
    while pending:
        if at >= end:
            raise DecodeError("the data ends inside a value", offset=at)
        code = data[at]
        at += 1
        if code == 0:
            # A descriptor and the value that it describes stand in the place of one value.
            pending += 1
            continue
        half = code >> 4
        if half in _FIXED:
            at += _FIXED[half]
        elif half in _NARROW:
            at += 1 + data[at]
        elif half in _WIDE:
            at += 4 + _unpack_size(data, at)[0]
        else:
            raise DecodeError(f"unknown constructor 0x{code:02x}", offset=at - 1)
        pending -= 1
    return at


def skip_body(code: int, data: bytes, at: int) -> int:
    """Return the offset behind what follows a constructor, which is not the 0x00 of a described value."""
    half = code >> 4
    if half in _FIXED:
        return at + _FIXED[half]
    return at + 1 + data[at] if half in _NARROW else at + 4 + _unpack_size(data, at)[0]


def bounded(data: bytes, at: int, limit: int) -> None:
    """Refuse the value at `at` when more than `limit` values are in it, nested ones counted.

    Counts constructors in a row, without regard to the sizes of compounds inside: those are checked when it is read.
    """
    start = at
    end = min(skip(data, at, len(data)), len(data))
    if end - at <= limit:
        return  # each value takes a byte
    nodes = -1  # the map itself is not in it
    while at < end:
        code = data[at]
        half = code >> 4
        at += 1
        nodes += 1
        if code == 0:
            nodes -= 1
        elif half in _FIXED:
            at += _FIXED[half]
        elif half == 0xA:
            at += 1 + data[at]
        elif half == 0xB:
            at += 4 + _unpack_size(data, at)[0]
        elif half == 0xC:
            at += 2
        elif half == 0xD:
            at += 8
        elif half == 0xE:
            nodes += data[at + 1] if data[at] else 0
            at += 1 + data[at]
        elif half == 0xF:
            size = _unpack_size(data, at)[0]
            # Elements without content take no memory however many they are; others take a byte each.
            nodes += min(_unpack_size(data, at + 4)[0], size)
            at += 4 + size
        if nodes > limit:
            raise DecodeError(f"map has more than {limit} values in it", offset=start)


def read_fault(error: Exception, data: bytes, start: int, at: int, names: Sequence[str]) -> DecodeError:
    """Return the fault with the name of the field at `at`, in a list whose constructor is at `start`."""
    if isinstance(error, DecodeError) and error.offset is None and error.path:
        error.offset = start  # a field is missing: it is not at `at`
        return error
    return inside(error, at, names[_position(data, start, at)])


def _position(data: bytes, start: int, at: int) -> int:
    """Count the values between the head of a list and an offset."""
    position = 0
    cursor = start + (3 if data[start] >> 4 == 0xC else 9)
    while cursor < at:
        cursor = skip(data, cursor, len(data))
        position += 1
    return position
