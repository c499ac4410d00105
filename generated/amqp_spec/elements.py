# Generated from codegen/support/elements.py
#   sha256 8d784f049b25c40a0a7cbf7d7642f94f6ca2d7bad64cec55b38742245c3ccc09
# Do not edit: change the source and run `python -m codegen`.

"""Arrays (1.6.24): elements that share one constructor, read and written in bulk where their width is fixed.

Elements are written in their widest form, because some peers refuse narrow ones inside arrays. The exception is a long
row of one value that has a form without content: it takes that form, so that it stays as small as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import Struct, pack, unpack_from
from typing import Any, TypeAlias
from uuid import UUID

from . import reading, writing
from .arrays import INSTANCES, has_no_content
from .errors import DecodeError, EncodeError
from .identity import identical
from .reading import READERS, Reader, Scope, class_reader, inside, misfit, scalar_value, truncated
from .skipping import skip_body
from .values import Array, Repeat, float_bits, float_from_bits

# buffer, offset of the first element, end of the array, count, levels left, scope -> elements and the offset behind.
ElementsReader: TypeAlias = Callable[[bytes, int, int, int, int, Scope], tuple[Sequence[Any], int]]
ElementsWriter: TypeAlias = Callable[[Sequence[Any], int], bytes]

# Constructor -> name of the element type and the reader of elements. Filled by the module primitives.
ELEMENTS: dict[int, tuple[str, ElementsReader]] = {}
# Name of the element type -> constructor (None where the writer picks one) and writer of elements. Filled likewise.
ELEMENT_FORMS: dict[str, tuple[int | None, ElementsWriter]] = {}
# Name of the element type -> the value that has a form without content, and its constructor. Filled likewise.
EMPTY_FORMS: dict[tuple[str, Any], int] = {}

# A row of empty values is written in full up to this many elements.
FULL_ROW = 256

# Where no described value becomes a class.
_PLAIN = Scope()

_unpack_head = Struct(">II").unpack_from
_unpack_size = Struct(">I").unpack_from


def array8(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Array, int]:
    """Read an array with one byte each of size and count."""
    return _array(data, at + 2, at + 1 + data[at], data[at + 1], depth, scope)


def array32(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Array, int]:
    """Read an array with four bytes each of size and count."""
    size, count = _unpack_head(data, at)
    return _array(data, at + 8, at + 4 + size, count, depth, scope)


def _array(data: bytes, at: int, end: int, count: int, depth: int, scope: Scope) -> tuple[Array, int]:
    if end > len(data):
        raise truncated("array", at, end - at, len(data) - at)
    if depth <= 0:
        raise DecodeError("nested deeper than the limit", offset=at)
    descriptors: list[Any] = []
    code = data[at]
    at += 1
    while code == 0:
        if len(descriptors) + 1 >= depth:
            raise DecodeError("nested deeper than the limit", offset=at)
        descriptor, at = READERS[data[at]](data, at + 1, depth - 1, scope)
        descriptors.append(descriptor)
        code = data[at]
        at += 1
    form = ELEMENTS.get(code)
    if form is None:
        raise DecodeError(f"unknown constructor 0x{code:02x} of array elements", offset=at - 1)
    name, read = form
    # The descriptor next to the value is the one that says what it is; an array of nothing is one of any class.
    make = class_reader(descriptors[-1], scope) if descriptors and count else None
    if make is not None:
        name, read = INSTANCES, _instances(make, code)
        descriptors.pop()
        depth -= 1
    elements, at = read(data, at, end, count, depth - 1, scope)
    if at != end:
        raise misfit("array", at, end)
    return Array.decoded(name, elements, tuple(descriptors), code), end


def _room(width: int, at: int, end: int, count: int) -> None:
    """Refuse a count that the bytes cannot hold, before anything is made of it."""
    if count * width > end - at:
        raise DecodeError(f"array claims {count} elements in {max(end - at, 0)} bytes", offset=at)


def repeated(value: Any) -> ElementsReader:
    """Return the reader of elements without content: any number of them takes constant memory."""

    def read(
        data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
    ) -> tuple[Sequence[Any], int]:
        return (Repeat(value, count) if count else ()), at

    return read


def numbers(letter: str, width: int) -> ElementsReader:
    """Return the reader of elements that a struct letter describes."""

    def read(
        data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
    ) -> tuple[Sequence[Any], int]:
        _room(width, at, end, count)
        return unpack_from(f">{count}{letter}", data, at), at + count * width

    return read


def floats(data: bytes, at: int, end: int, count: int, depth: int, scope: Scope) -> tuple[Sequence[Any], int]:
    """Read floats; NaNs keep their bits, so none is converted by struct."""
    _room(4, at, end, count)
    found: tuple[float, ...] = unpack_from(f">{count}f", data, at)
    if any(number != number for number in found):
        found = tuple(map(float_from_bits, unpack_from(f">{count}I", data, at)))
    return found, at + count * 4


def pieces(width: int, make: Callable[[bytes], Any]) -> ElementsReader:
    """Return the reader of elements of a fixed width that are made of their bytes."""

    def read(
        data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
    ) -> tuple[Sequence[Any], int]:
        _room(width, at, end, count)
        stop = at + count * width
        return tuple(make(data[start : start + width]) for start in range(at, stop, width)), stop

    return read


def variable(width: int, make: Callable[[bytes], Any]) -> ElementsReader:
    """Return the reader of elements that are a size of `width` bytes and as many bytes."""

    def read(
        data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
    ) -> tuple[Sequence[Any], int]:
        _room(width, at, end, count)
        found: list[Any] = []
        try:
            for _ in range(count):
                start = at + width
                stop = start + (data[at] if width == 1 else _unpack_size(data, at)[0])
                if stop > end:
                    raise truncated("element", at, stop - start, end - start)
                found.append(make(data[start:stop]))
                at = stop
        except reading.FAULTS as error:
            raise inside(error, at, f"[{len(found)}]") from None
        return tuple(found), at

    return read


def each(code: int) -> ElementsReader:
    """Return the reader of elements that are values themselves: lists, maps and arrays."""

    def read(
        data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
    ) -> tuple[Sequence[Any], int]:
        _room(1, at, end, count)
        reader = READERS[code]
        found: list[Any] = []
        try:
            for _ in range(count):
                value, at = reader(data, at, depth, scope)
                found.append(value)
        except reading.FAULTS as error:
            raise inside(error, at, f"[{len(found)}]") from None
        return tuple(found), at

    return read


def _instances(make: Reader, code: int) -> ElementsReader:
    """Return the reader of elements that become instances of a class; `code` is what follows their descriptor."""
    head = bytes((code,))

    def read(
        data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
    ) -> tuple[Sequence[Any], int]:
        if code >> 4 == 0x4:
            # The class of an element without content is asked once: there may be four billion of it.
            return Repeat(make(head, 0, depth, scope)[0], count), at
        _room(1, at, end, count)
        found: list[Any] = []
        try:
            for _ in range(count):
                stop = skip_body(code, data, at)
                if stop > end:
                    raise truncated("element", at, stop - at, end - at)
                found.append(_instance(make, head + data[at:stop], depth, scope, at - 1))
                at = stop
        except reading.FAULTS as error:
            raise inside(error, at, f"[{len(found)}]") from None
        return tuple(found), at

    return read


def _instance(make: Reader, element: bytes, depth: int, scope: Scope, shift: int) -> Any:
    """Return the instance of one element, whose first octet stands behind `shift` octets."""
    at = 0
    try:
        value, at = make(element, 0, depth, scope)
    except reading.FAULTS as error:
        raise reading.fault(error, at).within("", shift) from None
    return value


def utf8(octets: bytes) -> str:
    """Return the text of a string element."""
    return str(octets, "utf-8")


def ascii_text(octets: bytes) -> str:
    """Return the text of a symbol element."""
    return str(octets, "ascii")


def truth(octet: bytes) -> bool:
    """Return the boolean of an octet."""
    if octet not in (b"\x00", b"\x01"):
        raise DecodeError(f"boolean is 0x{octet.hex()}, neither 0x00 nor 0x01")
    return octet == b"\x01"


def code_point(octets: bytes) -> str:
    """Return the text of a char element."""
    return scalar_value(int.from_bytes(octets, "big"))


def uuid_of(octets: bytes) -> UUID:
    """Return the uuid of its octets."""
    return UUID(bytes=octets)


def decimal_of(kind: Callable[[int], Any]) -> Callable[[bytes], Any]:
    """Return what makes a decimal of its octets."""
    return lambda octets: kind(int.from_bytes(octets, "big"))


# Writing ---------------------------------------------------------------------------------------------------------


def array_form(narrow: int | None, wide: int | None, value: Any, depth: int) -> bytes:
    """Write an array; `narrow` and `wide` are the constructors with one and four bytes of size."""
    if not isinstance(value, Array):
        raise writing.expected("an Array", value)
    content = _constructor(value, depth - 1)
    size = len(content)
    if narrow is not None and size < 0xFF and len(value) <= 0xFF:
        return bytes((narrow, size + 1, len(value))) + content
    if wide is not None and size <= 0xFFFFFFFF - 4 and len(value) <= 0xFFFFFFFF:
        return pack(">BII", wide, size + 4, len(value)) + content
    raise EncodeError(f"array of {len(value)} elements in {size} bytes is too large")


def array_body(value: Any, depth: int) -> bytes:
    """Write an array as an element of another: without constructor, in its wide form."""
    if not isinstance(value, Array):
        raise writing.expected("an Array", value)
    content = _constructor(value, depth - 1)
    return pack(">II", len(content) + 4, len(value)) + content


def _constructor(array: Array, depth: int) -> bytes:
    """Write descriptors, constructor and elements."""
    if array.element_type == INSTANCES:
        array = _laid_out(array, depth)
    # The array took a level, which may have been one too many; each descriptor takes one too.
    if len(array.descriptors) > depth:
        raise EncodeError("nested deeper than the limit")
    elements = array.elements
    if isinstance(elements, Repeat) and len(elements) > FULL_ROW:
        value = elements.value
        empty = EMPTY_FORMS.get((array.element_type, None if type(value) is list else value))
        if empty is not None:
            return _descriptors(array, depth) + bytes((empty,))
    code, write = ELEMENT_FORMS[array.element_type]
    head = b"" if code is None else bytes((code,))
    return _descriptors(array, depth) + head + write(elements, depth)


def _laid_out(array: Array, depth: int) -> Array:
    """Return an array of instances as one of the plain values in them, with one more descriptor or several."""
    elements = array.elements
    made = [
        _taken_apart(element, depth)
        for element in (elements[:1] if isinstance(elements, Repeat) else elements)
    ]
    descriptors, name, first = made[0]
    for position, other in enumerate(made):
        if other[1] != name or not identical(other[0], descriptors):
            raise EncodeError(
                f"element {position} does not have the descriptor and the type of the first: put them into a list"
            )
    values: Any = [value for _, _, value in made]
    if isinstance(elements, Repeat):
        if has_no_content(name, first):
            values = Repeat(first, len(elements))
        elif len(elements) <= FULL_ROW:
            values *= len(elements)
        else:
            # Whatever takes no octets on the wire can be there four billion times.
            what = f"array of {len(elements)} elements, which took no octets when they came and do now"
            raise EncodeError(what)
    return Array.decoded(name, values, (*array.descriptors, *descriptors))


def _taken_apart(element: Any, depth: int) -> tuple[list[Any], str, Any]:
    """Return the descriptors of an instance, and the type and the value behind them."""
    data = writing.write_value(element, depth)
    descriptors: list[Any] = []
    at = 0
    try:
        while data[at] == 0:
            descriptor, at = READERS[data[at + 1]](data, at + 2, depth, _PLAIN)
            descriptors.append(descriptor)
        value, _ = READERS[data[at]](data, at + 1, depth, _PLAIN)
        return descriptors, ELEMENTS[data[at]][0], value
    except reading.FAULTS as error:
        raise EncodeError(
            f"{type(element).__name__}.encode() did not return a described value: {error}"
        ) from None


def _descriptors(array: Array, depth: int) -> bytes:
    return b"".join(b"\x00" + writing.write_value(descriptor, depth) for descriptor in array.descriptors)


def nothing(elements: Sequence[Any], depth: int) -> bytes:
    """Write elements that have no content."""
    return b""


def packed(letter: str) -> ElementsWriter:
    """Return the writer of elements that a struct letter describes."""

    def write(elements: Sequence[Any], depth: int) -> bytes:
        return pack(f">{len(elements)}{letter}", *elements)

    return write


def booleans(elements: Sequence[Any], depth: int) -> bytes:
    """Write booleans of one byte each."""
    return bytes(elements)


def float_words(elements: Sequence[Any], depth: int) -> bytes:
    """Write floats by their bits."""
    return pack(f">{len(elements)}I", *map(float_bits, elements))


def characters(elements: Sequence[Any], depth: int) -> bytes:
    """Write chars."""
    return pack(f">{len(elements)}I", *map(ord, elements))


def uuids(elements: Sequence[Any], depth: int) -> bytes:
    """Write uuids."""
    return b"".join(element.bytes for element in elements)


def decimals(width: int) -> ElementsWriter:
    """Return the writer of decimals of a width in bytes."""

    def write(elements: Sequence[Any], depth: int) -> bytes:
        return b"".join(element.bits.to_bytes(width, "big") for element in elements)

    return write


def sized(narrow: int | None, wide: int | None, encode: Callable[[Any], bytes]) -> ElementsWriter:
    """Return the writer of constructor and elements of variable width: narrow if all are short."""

    def write(elements: Sequence[Any], depth: int) -> bytes:
        bodies = [encode(element) for element in elements]
        if narrow is not None and all(len(body) <= 0xFF for body in bodies):
            return bytes((narrow,)) + b"".join(
                part for body in bodies for part in (bytes((len(body),)), body)
            )
        if wide is None:
            raise EncodeError("an element is longer than 255 bytes")
        return bytes((wide,)) + b"".join(part for body in bodies for part in (pack(">I", len(body)), body))

    return write


def compounds(parts_of: Callable[[Any, int], list[bytes]]) -> ElementsWriter:
    """Return the writer of lists or maps in their wide form."""

    def write(elements: Sequence[Any], depth: int) -> bytes:
        return b"".join(_compound(parts_of(element, depth)) for element in elements)

    return write


def _compound(parts: list[bytes]) -> bytes:
    body = b"".join(parts)
    return pack(">II", len(body) + 4, len(parts)) + body


def arrays(elements: Iterable[Any], depth: int) -> bytes:
    """Write arrays in their wide form."""
    return b"".join(array_body(element, depth) for element in elements)


def symbol_bytes(text: str) -> bytes:
    """Return the octets of a symbol element."""
    return text.encode("ascii")
