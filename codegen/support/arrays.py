"""1.6.24 ``array``: a sequence of values that share one constructor."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self, cast, overload

from .decimals import Decimal32, Decimal64, Decimal128
from .described import Described
from .display import Shown
from .scalars import Byte, Char, Float, Long, Short, Symbol, Timestamp, UByte, UInt, ULong, UShort

SHOWN = 100
"""At most so many elements are written out in the text of an array, which can have 2**32 - 1."""


class Repeat(Sequence[Any]):
    """One value a number of times, in constant memory: what elements without content amount to."""

    __slots__ = ("_count", "value")

    def __init__(self, value: Any, count: int) -> None:
        self.value = value
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Repeat: ...
    def __getitem__(self, at: int | slice) -> Any:
        picked = range(self._count)[at]
        return Repeat(self.value, len(picked)) if isinstance(picked, range) else self._fresh()

    def __iter__(self) -> Iterator[Any]:
        if type(self.value) is list:
            return (self._fresh() for _ in range(self._count))
        return itertools.repeat(self.value, self._count)

    def _fresh(self) -> Any:
        # An empty list may be filled by whoever got it; the others must stay empty.
        return [] if type(self.value) is list else self.value

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Repeat):
            return self._count == other._count and self.value == other.value
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.value, self._count))


def _integer(name: str, low: int, high: int) -> Callable[[Any], int]:
    def plain(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{value!r} is not a {name}")
        if not low <= value <= high:
            raise ValueError(f"{value} is out of range for {name}: {low} to {high}")
        return int(value)

    return plain


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _instance(name: str, *classes: type) -> Callable[[Any], Any]:
    def plain(value: Any) -> Any:
        if not isinstance(value, classes):
            raise TypeError(f"{value!r} is not a {name}")
        return value

    return plain


def _binary(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{value!r} is not a binary")
    return bytes(cast("bytes", value))


def _text(wrapper: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: str.__str__(wrapper(_TEXT(value)))


_TEXT = _instance("string", str)
_LIST = _instance("list", list, tuple)
_MOMENT = _integer("timestamp", Timestamp.MIN, Timestamp.MAX)

_INTEGERS: dict[str, tuple[int, int]] = {
    wrapper.AMQP_TYPE: (wrapper.MIN, wrapper.MAX)
    for wrapper in (UByte, UShort, UInt, ULong, Byte, Short, Long, Timestamp)
}
_INTEGERS["int"] = (-(1 << 31), (1 << 31) - 1)

# How an element of each type is checked and brought to the form in which the array holds it.
_PLAIN: dict[str, Callable[[Any], Any]] = {
    "null": _instance("null", type(None)),
    "boolean": _instance("boolean", bool),
    **{name: _integer(name, low, high) for name, (low, high) in _INTEGERS.items()},
    "timestamp": lambda value: _MOMENT(
        Timestamp.from_datetime(value) if isinstance(value, datetime) else value
    ),
    "float": lambda value: float(Float(_real(value))),
    "double": _real,
    "decimal32": _instance("decimal32", Decimal32),
    "decimal64": _instance("decimal64", Decimal64),
    "decimal128": _instance("decimal128", Decimal128),
    "char": _text(Char),
    "uuid": _instance("uuid", uuid.UUID),
    "binary": _binary,
    "string": _text(str),
    "symbol": _text(Symbol),
    "list": lambda value: list(_LIST(value)),
    "map": _instance("map", Mapping),
    # "array" follows the class.
}

_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "int",
    float: "double",
    str: "string",
    bytes: "binary",
    uuid.UUID: "uuid",
    list: "list",
    dict: "map",
}

# Types with an encoding that has no content, so that any number of elements fits in a few bytes.
_ZERO_WIDTH = frozenset({"null", "boolean", "uint", "ulong", "list"})


# What the elements are called where they are instances of a class of described values, written by hand or generated.
INSTANCES = "described"


def _is_described_class(element: object) -> bool:
    return isinstance(element, type) and hasattr(element, "DESCRIPTOR") and hasattr(element, "encode")


def _descriptor_of(kind: Any) -> Any:
    descriptor = kind.DESCRIPTOR
    return ULong(descriptor) if isinstance(descriptor, int) else Symbol(descriptor)


def _type_name(element: str | type) -> str:
    name = element if isinstance(element, str) else _NAMES.get(element) or getattr(element, "AMQP_TYPE", "")
    if name not in _PLAIN:
        raise ValueError(
            f"{element!r} is not a type of array elements: one of {', '.join(_PLAIN)}, or its class"
        )
    return name


def has_no_content(name: str, value: Any) -> bool:
    """Whether a value of a type has an encoding of its constructor alone."""
    return name in _ZERO_WIDTH and (name == "boolean" or not value)


def _plain_elements(name: str, items: Iterable[Any]) -> Sequence[Any]:
    plain = _PLAIN[name]
    if isinstance(items, Repeat):
        value = plain(items.value)
        if has_no_content(name, value):
            return Repeat(value, len(items))
    elements = tuple(items)
    bounds = _INTEGERS.get(name)
    if (
        bounds
        and set(map(type, elements)) == {int}
        and bounds[0] <= min(elements)
        and max(elements) <= bounds[1]
    ):
        return elements
    return tuple(map(plain, elements))


def _compact(name: str, elements: Sequence[Any]) -> Sequence[Any]:
    """Elements that are all the one value without content become a `Repeat`, so that equal arrays look alike."""
    if not elements:
        return ()
    first = elements[0]
    if isinstance(elements, Repeat) or not has_no_content(name, first) or elements[-1] != first:
        return elements
    return Repeat(first, len(elements)) if elements.count(first) == len(elements) else elements


class Array(Shown, Sequence[Any]):
    """1.6.24 ``array``: an immutable sequence of values of one type.

    ``Array(UByte, [1, 2, 3])`` or ``Array("ubyte", [1, 2, 3])``: the type is the class of its values or its
    name in the standard. ``descriptors`` describe every element, outermost first.

    As the type is known, elements are plain: ``int`` for the integers and for timestamps, ``float`` for
    float and double, ``str`` for string, symbol and char. Elements that have descriptors come out as `Described`
    values. ``Array(Point, [Point(...)])`` holds instances of a class of described values; where a registry knows the
    descriptor next to the elements, the array is read as one of instances. An array of elements without content (null,
    true, false, 0, the empty list) has constant size, whatever its length.

    Raises TypeError or ValueError for an element that is not of the type. Equal to an array of the same type,
    descriptors and elements.
    """

    __slots__ = ("_code", "_descriptors", "_element_type", "_elements")
    AMQP_TYPE: ClassVar[str] = "array"

    def __init__(
        self, element: str | type, items: Iterable[Any] = (), /, *, descriptors: Iterable[Any] = ()
    ) -> None:
        if _is_described_class(element):
            self._fill_with(cast("type[Any]", element), tuple(items), tuple(descriptors))
            return
        name = _type_name(element)
        self._fill(name, _plain_elements(name, items), tuple(descriptors), None)

    def _fill_with(self, kind: type[Any], instances: tuple[Any, ...], descriptors: tuple[Any, ...]) -> None:
        if instances:
            check = _instance(kind.__name__, kind)
            self._fill(INSTANCES, tuple(map(check, instances)), descriptors, None)
        else:
            # Nothing but the descriptor says what there is none of.
            self._fill("list", (), (*descriptors, _descriptor_of(kind)), None)

    def _fill(
        self, name: str, elements: Sequence[Any], descriptors: tuple[Any, ...], code: int | None
    ) -> None:
        self._element_type = name
        self._elements = _compact(name, elements)
        self._descriptors = descriptors
        self._code = code

    @classmethod
    def decoded(
        cls,
        element_type: str,
        elements: Sequence[Any],
        descriptors: tuple[Any, ...] = (),
        code: int | None = None,
    ) -> Self:
        """For decoders: an array of elements that are known to be right, a tuple or a `Repeat`; nothing is checked."""
        self = cls.__new__(cls)
        self._fill(element_type, elements, descriptors, code)
        return self

    @classmethod
    def repeated(
        cls, element: str | type, value: Any, count: int, /, *, descriptors: Iterable[Any] = ()
    ) -> Self:
        """``count`` times the same value without content, in constant memory; ValueError for another value."""
        name = _type_name(element)
        first = _PLAIN[name](value)
        if not has_no_content(name, first):
            raise ValueError(f"{value!r} as {name} has content: only values without any can be repeated")
        if not 0 <= count <= 0xFFFF_FFFF:
            raise ValueError(f"{count} is out of range for the length of an array: 0 to 2**32 - 1")
        return cls.decoded(name, Repeat(first, count), tuple(descriptors))

    @property
    def element_type(self) -> str:
        """The standard's name of the elements' type, such as ``ubyte``; ``described`` where they are instances."""
        return self._element_type

    @property
    def descriptors(self) -> tuple[Any, ...]:
        """What describes every element, outermost first; mostly empty."""
        return self._descriptors

    @property
    def elements(self) -> Sequence[Any]:
        """The plain elements, without descriptors: a tuple, or a `Repeat` of a value without content."""
        return self._elements

    @property
    def code(self) -> int | None:
        """The constructor that the elements had on the wire, None if made here. Not part of the value."""
        return self._code

    def __len__(self) -> int:
        return len(self._elements)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Array: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            if self._element_type == INSTANCES and not self._elements[at]:
                first: Any = self._elements[0]
                return Array(first.__class__, (), descriptors=self._descriptors)
            return self.decoded(self._element_type, self._elements[at], self._descriptors, self._code)
        return self._described(self._elements[at])

    def __iter__(self) -> Iterator[Any]:
        return map(self._described, self._elements) if self._descriptors else iter(self._elements)

    def _described(self, element: Any) -> Any:
        for descriptor in reversed(self._descriptors):
            element = Described(descriptor, element)
        return element

    def _distinct(self) -> Sequence[Any]:
        return self[:1] if isinstance(self._elements, Repeat) else self

    def __contains__(self, value: object) -> bool:
        return any(element is value or element == value for element in iter(self._distinct()))

    def count(self, value: Any) -> int:
        """How many elements equal the value; constant time where all are the same."""
        distinct = self._distinct()
        found = sum(1 for element in distinct if element is value or element == value)
        return found if distinct is self else found * len(self)

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Where the value first stands; ValueError when it does not."""
        if value not in self:
            raise ValueError(f"{value!r} is not in the array")
        return super().index(value, start, len(self) if stop is None else stop)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Array):
            return (
                self._element_type == other._element_type
                and self._descriptors == other._descriptors
                and self._elements == other._elements
            )
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._element_type, self._descriptors, self._elements))

    def show_with(self, show: Callable[[object], str]) -> str:
        """The text of the array; at most `SHOWN` elements are written out."""
        items = ", ".join(map(show, self._elements[:SHOWN]))
        more = f", ... {len(self)} in all" if len(self) > SHOWN else ""
        descriptors = f", descriptors={show(self._descriptors)}" if self._descriptors else ""
        element = repr(self._element_type)
        if self._element_type == INSTANCES:
            element = type(self._elements[0]).__name__
        return f"{type(self).__name__}({element}, [{items}{more}]{descriptors})"


_PLAIN["array"] = _instance("array", Array)
